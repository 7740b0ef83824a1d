import type { ReferenceScores, SUSPECT_METHODS } from '../../contract/suspects.ts'
import { FILTER } from '../../contract/review.ts'
import { UserError } from '../../contract/errors.ts'
import { genreTerm } from '../../contract/filter.ts'
import { required } from '../../contract/required.ts'
import { many, rounded } from '../../contract/words.ts'
import { cellQuality, MOVIE_SCORES, type MovieScore } from '../analysis/quality.ts'
import { healthOf, recordHealth } from '../catalogue/health.ts'
import type { Suspects } from '../catalogue/suspects.ts'
import { doubtfulCells } from '../catalogue/sweep.ts'
import { linearDefaults } from '../compute/linear/defaults.ts'
import { suspectDefaults } from '../compute/suspects.ts'
import { otherFamily, searchSuspects } from '../jobs/suspects.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { namedGenre, requireRow } from './review.ts'

export function suspectHandlers(c: Context): Handlers<typeof SUSPECT_METHODS> {
  return {
    'suspects.find': () => {
      const w = c.workspace()
      return c.jobs.start('suspects', null, async (control) => {
        await search(c, w, control)
        c.emit('changed', { what: 'runs' })
        return foundText(w)
      })
    },
    'suspects.list': async ({ genre, queue, mix, seed, where, offset, limit }) => {
      const w = c.workspace()
      const suspects = searched(w)
      const named = genre === null ? null : namedGenre(w, genre)
      const why = queue && w.index.queues(mix)[queue]
      if (why) throw new UserError('queue-unavailable', `The queue ${queue} cannot be used. ${why}`)
      const matching = await w.index.matching(where)
      const ranking = queue
        ? await w.index.ranked(
            FILTER.parse({ sort: queue, mix, seed, where: named ? `${genreTerm('about', named.name)} reviewed:no` : 'reviewed:no' }),
          )
        : suspects.ranking(named && w.catalogue.column(named.id))
      const order = ranking.filter((row) => matching.has(row))
      return {
        total: order.length,
        movies: Array.from(order.subarray(offset, offset + limit), (row) => ({
          ...suspects.describe(row),
          scores: referenceScores(w, row),
        })),
      }
    },
    'suspects.sweep': async ({ genre, where, limit }) => {
      const w = c.workspace()
      const matching = await w.index.matching(where)
      const { catalogue, suspects, store } = w
      const { id, name } = namedGenre(w, genre)
      const predictions = suspects ? w.predictions : w.trained()
      const column = catalogue.column(id)
      const cells = doubtfulCells(catalogue, predictions, suspects, column).filter(({ row }) => matching.has(row))
      const movies = cells.slice(0, limit).map(({ row, doubt }) => {
        const movie = required(catalogue.ids[row], 'the movie of a row')
        return { movie, ...store.movies.head(movie), given: catalogue.labels[row * catalogue.k + column] === 1, doubt }
      })
      return { genre: { id, name }, total: cells.length, movies }
    },
    'suspects.movie': ({ movie }) => {
      const w = c.workspace()
      const row = requireRow(w, movie)
      if (!w.suspects) return null
      return { ...w.suspects.describe(row), neighbours: w.suspects.neighbours(row) }
    },
    'suspects.health': () => healthOf(c.workspace()),
  }
}

function referenceScores({ predictions, catalogue: { labels, k } }: Workspace, row: number): ReferenceScores | null {
  if (!predictions?.has[row]) return null
  const [from, to] = [row * k, (row + 1) * k]
  const cells = cellQuality(labels.subarray(from, to), predictions.p.subarray(from, to), 1, k)
  const of = (name: MovieScore): number => MOVIE_SCORES[name](cells, 1, k)[0] ?? 1
  return { selfConfidence: of('selfConfidence'), ema: of('ema'), softmin: of('softmin') }
}

/** Searches with the default recipe for the catalogue's size, on what the current run reads beside plots, without the words that it leaves out, and reads the result. */
export async function search(c: Context, w: Workspace, control: JobControl): Promise<void> {
  const { columns = [], dropWords = [] } = w.store.runs.get(w.store.meta.get('currentRun') ?? 0)?.config ?? {}
  const linear = { ...linearDefaults(w.catalogue.n), columns, dropWords }
  await searchSuspects(w.store, w.catalogue, suspectDefaults(linear, w.catalogue.n, otherFamily(w.store)), c.spawn, control)
  await w.reloadRunInTurns()
  recordHealth(w, 'search')
}

/** @throws UserError `no-suspects` */
function searched(w: Workspace): Suspects {
  if (w.suspects) return w.suspects
  throw new UserError(
    'no-suspects',
    'Suspects were not searched for since the last import or cleaning: train a model, or search with `reelabel suspects PROJECT.reel --find`.',
  )
}

/** A sentence for the end of a search. */
export function foundText(w: Workspace): string {
  const { expected, low, high, labels } = searched(w).health()
  return `About ${rounded(expected)} of ${many(labels, 'label')} are wrong or missing (${rounded(low)} to ${rounded(high)}).`
}
