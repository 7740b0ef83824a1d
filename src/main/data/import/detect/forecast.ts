/** Reads the records as an import would, before anything is written: the movies that they become, and the records that would be lost. */
import type { GenreSyntax, ImportForecast, ImportPlan, ImportReason, SourceGenre } from '../../../../contract/importing.ts'
import { count, many } from '../../../../contract/words.ts'
import { canonicalGenre, spellingsOf } from '../../clean/aliases.ts'
import { isUsualGenre } from '../records/genre-names.ts'
import { separatorOf, SEPARATORS } from '../records/genres.ts'
import { joinedNames, PLAIN_SEPARATORS } from './separator-evidence.ts'
import { needsMovie, readRecords, sharedKey, UNMATCHED, type ReadPlan, type SourceRecord } from '../records/read.ts'

/** Characters that are read: about a second's work. */
export const FORECAST_CHARACTERS = 16 * 1024 * 1024
/** For a plan that only starts an import, which counts its records itself. */
export const NO_FORECAST = 0
const PREVIEW_MOVIES = 100
const PREVIEW_GENRES = 500
/** Characters of a plot in the preview. */
const PREVIEW_PLOT = 20_000
const SHOWN_REJECTED = 100
const EXCERPT = 500
const LONG_NAME = 25
/** A genre that occurs once is unusual if the others occur this often. */
const OFTEN = 20
/** Share of the records from which on a loss has to be confirmed. */
const NOTICEABLE = 0.1

interface Movie {
  readonly key: string
  title: string
  plot: string
  genres: readonly string[]
}
/** The parts of an import plan that depend on all records. */
export type Forecast = Pick<ImportPlan, 'forecast' | 'genrePreview' | 'preview'>

/** Reads up to `characters` of the planned files. Throws what reading them throws. */
export async function forecastImport(plan: ReadPlan, characters = FORECAST_CHARACTERS): Promise<Forecast> {
  const sharedBy = sharedKey(plan)
  const movies = new Map<string, Movie>()
  const genres = new Map<string, number>()
  const reasons = new Map<string, { why: string; count: number }>()
  const rejectedRecords: ImportForecast['rejectedRecords'][number][] = []
  let [records, read, whole] = [0, 0, true]
  for await (const record of readRecords(plan)) {
    if (read > characters) {
      whole = false
      break
    }
    records++
    read += record.raw.length
    const shared = sharedBy(record)
    const isUnmatched = needsMovie(plan, record.file) && !movies.has(shared ?? '')
    const why = record.rejected ?? (isUnmatched ? UNMATCHED : null)
    if (why === null) {
      for (const name of new Set(record.genres)) genres.set(name, (genres.get(name) ?? 0) + 1)
      addMovie(movies, record, shared)
      continue
    }
    // the same reason may contain different numbers for each record
    const reason = why.replace(/0x[0-9a-f]+|\d+/g, '#')
    const group = reasons.get(reason) ?? { why, count: 0 }
    group.count++
    reasons.set(reason, group)
    if (rejectedRecords.length < SHOWN_REJECTED) {
      const file = plan.files[record.file]?.name ?? ''
      rejectedRecords.push({ file, line: record.line, why, raw: record.raw.slice(0, EXCERPT) })
    }
  }
  const all = [...movies.values()]
  const rejected = [...reasons.values()].sort((a, b) => b.count - a.count)
  // the lists of genres that belong to the movies may follow what was read
  const complete = whole || plan.files.every(({ role }) => role === 'movies') ? all : []
  const noPlot = complete.filter(({ plot }) => plot.trim() === '').length
  const noGenre = complete.filter((movie) => movie.genres.length === 0).length
  const lists = new Set(all.flatMap((movie) => (movie.genres.length > 0 ? [movie.genres.toSorted().join('\0')] : [])))
  const [only] = lists.size === 1 && all.length > 1 ? lists : []
  return {
    forecast: { records, whole, movies: all.length, noPlot, noGenre, onlyGenres: only?.split('\0') ?? [], rejected, rejectedRecords },
    genrePreview: genrePreview(genres, plan.genreSyntax),
    preview: all.slice(0, PREVIEW_MOVIES),
  }
}

/** Joins a record to its movie as the import will; the plots of later movies are not kept. */
function addMovie(movies: Map<string, Movie>, record: SourceRecord, shared: string | null): void {
  const id = shared ?? `${record.file}:${record.record}`
  const movie = movies.get(id)
  if (movie) {
    movie.title ||= record.title
    movie.plot ||= record.plot.slice(0, PREVIEW_PLOT)
    movie.genres = [...new Set([...movie.genres, ...record.genres])]
  } else {
    const plot = movies.size < PREVIEW_MOVIES ? record.plot.slice(0, PREVIEW_PLOT) : record.plot.trim().slice(0, 1)
    movies.set(id, { key: record.key ?? `row-${record.record}`, title: record.title.slice(0, EXCERPT), plot, genres: record.genres })
  }
}

type Warnings = Pick<ImportPlan, 'warnings' | 'asks'>
/** Warnings of the forecast. A noticeable loss has to be confirmed. */
export function warningsOf({ forecast, genrePreview }: Forecast, syntax: GenreSyntax): Warnings {
  const { records, whole, movies, noPlot, noGenre, onlyGenres, rejected } = forecast
  const lost = rejected.reduce((sum, { count }) => sum + count, 0)
  const warnings: readonly (ImportReason | null)[] = [
    lost === 0 ? null : { code: 'rejected', count: lost, of: records, whole, reasons: rejected },
    noPlot === 0 ? null : { code: 'incomplete', lacks: 'plot', count: noPlot, of: movies, whole },
    noGenre === 0 ? null : { code: 'incomplete', lacks: 'genre', count: noGenre, of: movies, whole },
    joinedNames(
      genrePreview.map(({ name }) => name),
      syntax,
    ),
    numberedGenres(genrePreview),
    onlyGenres.length === 0 ? null : { code: 'same-genres', genres: onlyGenres },
  ]
  const shares = [lost / Math.max(1, records), Math.max(noPlot, noGenre) / Math.max(1, movies)]
  return { warnings: warnings.filter((warning) => warning !== null), asks: shares.some((share) => share >= NOTICEABLE) }
}

/** The records and movies that an import would lose, in a sentence. */
export function lossInWords({ records, whole, movies, noPlot, noGenre, rejected }: ImportForecast): string {
  const lost = rejected.reduce((sum, { count: some }) => sum + some, 0)
  const parts = [
    [lost, `of ${many(records, 'record')} would be rejected (${rejected[0]?.why})`] as const,
    [noPlot, `of ${many(movies, 'movie')} would have no plot`] as const,
    [noGenre, `of ${many(movies, 'movie')} would have no genre`] as const,
  ]
  const texts = parts.flatMap(([n, text]) => (n === 0 ? [] : [`${count(n)} ${text}`]))
  return `${whole ? '' : 'In the beginning of the files: '}${texts.join(', ')}.`
}

function numberedGenres(genres: readonly SourceGenre[]): ImportReason<'numbered-genres'> | null {
  const numbered = genres.length > 0 && genres.every(({ name }) => /^\d+$/.test(name))
  return numbered ? { code: 'numbered-genres', examples: genres.slice(0, 3).map(({ name }) => name) } : null
}

/** Every genre that was read: those that an analyst should check first, then the most frequent ones. */
function genrePreview(counts: ReadonlyMap<string, number>, syntax: GenreSyntax): readonly SourceGenre[] {
  const spellings = spellingsOf(counts)
  const average = [...counts.values()].reduce((sum, count) => sum + count, 0) / Math.max(1, counts.size)
  return [...counts]
    .map(([name, count]) => ({
      name: name.slice(0, 200),
      count,
      becomes: [canonicalGenre(name, spellings)],
      unusual: whyUnusual(name, count, syntax, average),
    }))
    .sort((a, b) => Number(a.unusual === null) - Number(b.unusual === null) || b.count - a.count)
    .slice(0, PREVIEW_GENRES)
}

function whyUnusual(name: string, count: number, syntax: GenreSyntax, average: number): string | null {
  const separator = separatorOf(syntax)
  if (separator !== undefined && name.includes(separator)) return `holds "${separator}", which separates genres`
  const other = PLAIN_SEPARATORS.map((name) => SEPARATORS[name]).find((char) => name.includes(char))
  if (other !== undefined) return `holds "${other}"`
  if (/^(?:and|&)\s/i.test(name)) return 'begins as the end of a name'
  if (name.includes('>')) return 'has a genre above it'
  if (name.length > LONG_NAME) return 'long'
  if (!/\p{L}/u.test(name)) return 'has no letters'
  return count === 1 && average >= OFTEN && !isUsualGenre(name) ? 'once only' : null
}
