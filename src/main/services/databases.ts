/** Databases of movies, which are asked for missing plots: the requests, and the choice of the right movie of a response. */
import { z } from 'zod'
import type { Answer, FoundPlot } from '../../contract/answers.ts'
import type { Kind } from '../../contract/services.ts'
import { many, quoted } from '../../contract/words.ts'
import { fold } from '../store/search/matcher.ts'
import { BadAnswer, below, send, type Client, type Request } from './client.ts'

/** The properties of a movie without a plot by which it is looked up. */
export interface Wanted {
  readonly title: string
  readonly year: number | null
  /** `tt0133093`. */
  readonly imdb: string | null
  readonly tmdb: string | null
}
type Candidate = Omit<FoundPlot, 'by'> & {
  /** Its titles in other languages. */
  readonly titles: readonly string[]
}
interface Database {
  /** The path and the parameters of a request, by the surest that is known of the movie; null: nothing that it understands is known. */
  readonly request: (
    wanted: Wanted,
    model: string,
  ) => { readonly path: string; readonly by: FoundPlot['by']; readonly query: Readonly<Record<string, string>> } | null
  /** A response, as the movies in it. */
  readonly response: z.ZodType<readonly Candidate[]>
}

/** Longer texts are no plots. */
const MAX_PLOT_CHARACTERS = 20_000
const TEXT = z
  .string()
  .max(MAX_PLOT_CHARACTERS)
  .regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u)
const yearIn = (text: string): number | null => Number(/\b(?:18|19|20)\d\d\b/.exec(text)?.[0] ?? 0) || null
/** Databases fill in what they lack. */
const plotOf = (text: string): string => (/^(?:n\/a|add a plot\.?)$/i.test(text.trim()) ? '' : text.trim())

const TMDB_MOVIE = z
  .object({ id: z.int(), title: TEXT, original_title: TEXT.nullish(), release_date: TEXT.nullish(), overview: TEXT.nullish() })
  .transform(({ id, title, original_title, release_date, overview }): Candidate => ({
    id: String(id),
    title,
    titles: [original_title ?? title],
    year: yearIn(release_date ?? ''),
    plot: plotOf(overview ?? ''),
  }))
const OMDB_MOVIE = z
  .object({ Response: z.literal('True'), imdbID: TEXT, Title: TEXT, Year: TEXT, Plot: TEXT })
  .transform(({ imdbID: id, Title: title, Year, Plot }): Candidate => ({ id, title, titles: [], year: yearIn(Year), plot: plotOf(Plot) }))

const yearQuery = (name: string, year: number | null): Readonly<Record<string, string>> => (year === null ? {} : { [name]: String(year) })

const DATABASES: Readonly<Record<Exclude<Kind, 'openai'>, Database>> = {
  tmdb: {
    request: ({ title, year, imdb, tmdb }, language) =>
      tmdb !== null
        ? { path: `movie/${tmdb}`, by: 'tmdb-id', query: { language } }
        : imdb !== null
          ? { path: `find/${imdb}`, by: 'imdb-id', query: { external_source: 'imdb_id', language } }
          : title !== ''
            ? { path: 'search/movie', by: 'title', query: { query: title, ...yearQuery('year', year), language } }
            : null,
    response: z.union([
      z.object({ movie_results: z.array(TMDB_MOVIE) }).transform(({ movie_results }) => movie_results),
      z.object({ results: z.array(TMDB_MOVIE) }).transform(({ results }) => results),
      TMDB_MOVIE.transform((movie) => [movie]),
      // "The resource you requested could not be found."
      z.object({ status_code: z.literal(34) }).transform(() => []),
    ]),
  },
  omdb: {
    request: ({ title, year, imdb }, plot) =>
      imdb !== null
        ? { path: '', by: 'imdb-id', query: { i: imdb, plot } }
        : title !== ''
          ? { path: '', by: 'title', query: { t: title, ...yearQuery('y', year), type: 'movie', plot } }
          : null,
    response: z.union([
      OMDB_MOVIE.transform((movie) => [movie]),
      z.object({ Response: z.literal('False'), Error: z.string().regex(/not found|incorrect imdb id/i) }).transform(() => []),
    ]),
  },
}
const databaseOf = (kind: Kind): Database => {
  if (kind === 'openai') throw new Error('a language model is no database of movies')
  return DATABASES[kind]
}

/** The request for a movie, and what it is looked up by; null if nothing is known of it that the database understands. */
export function plotRequest(
  { kind, url, model }: Client['service'],
  wanted: Wanted,
): { readonly request: Request; readonly by: FoundPlot['by'] } | null {
  const asked = databaseOf(kind).request(wanted, model)
  if (!asked) return null
  const address = below(url, asked.path)
  for (const [name, value] of Object.entries(asked.query)) address.searchParams.set(name, value)
  return { request: { url: address }, by: asked.by }
}

/** Asks a database for the plot of a movie. @throws BadAnswer, and what `send` throws */
export async function lookUp(client: Client, wanted: Wanted, signal: AbortSignal): Promise<Answer> {
  const asked = plotRequest(client.service, wanted)
  if (!asked) throw new Error('there is nothing to ask for')
  const { response } = databaseOf(client.service.kind)
  const read = (json: unknown): readonly Candidate[] => {
    try {
      return response.parse(json)
    } catch {
      throw new BadAnswer('its response does not have the form that was expected')
    }
  }
  return matched(wanted, asked.by, await send(client, asked.request, read, signal))
}

/** A title as it is compared: without case, accents, punctuation and an article in front. */
const plain = (title: string): string => fold(title).replace(/[^\p{L}\p{N}]+/gu, ' ').trim().replace(/^(?:the|an?) /, '') // prettier-ignore
const hasTitle =
  ({ title }: Wanted) =>
  (found: Candidate): boolean =>
    [found.title, ...found.titles].some((other) => plain(other) === plain(title))
/** Sources differ by a year where a movie was shown before it was released. */
const YEARS_APART = 1
const hasYear =
  ({ year }: Wanted) =>
  (found: Candidate): boolean =>
    year !== null && found.year !== null && Math.abs(found.year - year) <= YEARS_APART

/**
 * The candidate that is the wanted movie. An id decides, and another title is a reason for doubt. Without an id, the title must be the same,
 * and the year about the same; a title alone is a reason for doubt, and several movies with that title are none.
 */
export function matched(wanted: Wanted, by: FoundPlot['by'], candidates: readonly Candidate[]): Answer & { readonly task: 'plot' } {
  const nothing = (doubt: string) => ({ task: 'plot' as const, found: null, doubt })
  const titled = by === 'title' ? candidates.filter(hasTitle(wanted)) : candidates
  const dated = titled.filter(hasYear(wanted))
  const fitting = by === 'title' && wanted.year !== null ? dated : titled
  const [first, ...others] = fitting
  if (!first) return nothing(titled.length > 0 ? `it has this title only of other years than ${wanted.year}` : 'it has no such movie')
  // a year of its own decides between neighbouring ones
  const exact = fitting.filter(({ year }) => year === wanted.year)
  const chosen = others.length === 0 ? first : exact.length === 1 ? exact[0] : undefined
  if (!chosen) return nothing(`it has ${many(fitting.length, 'movie')} with this title`)
  if (chosen.plot === '') return nothing('it has no plot of this movie either')
  const { id, title, year, plot } = chosen
  return { task: 'plot', found: { id, title, year, plot, by }, doubt: doubtOf(wanted, by, chosen) }
}
function doubtOf(wanted: Wanted, by: FoundPlot['by'], chosen: Candidate): string | null {
  if (wanted.title !== '' && !hasTitle(wanted)(chosen)) return `its title there is ${quoted(chosen.title)}`
  if (wanted.year !== null && chosen.year !== null && !hasYear(wanted)(chosen)) return `its year there is ${chosen.year}`
  return by === 'title' && !hasYear(wanted)(chosen) ? 'the title alone was compared, because a year is missing' : null
}
