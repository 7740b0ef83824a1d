import type { Health, SUSPECT_METHODS } from '../../contract/suspects.ts'
import { UserError } from '../../contract/errors.ts'
import { FEATURES } from '../analysis/suspects/learn.ts'
import { RELIABLE_SUPPORT, wrongEstimate } from '../analysis/suspects/health.ts'
import type { Suspects } from '../catalogue/suspects.ts'
import { linearDefaults } from '../compute/linear/defaults.ts'
import { suspectDefaults } from '../compute/suspects.ts'
import { searchSuspects } from '../jobs/suspects.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { namedGenre, requireRow } from './review.ts'

/** Movies whose share of the wrong labels is told: so many, or a tenth. */
const FIRST = 500
/** Movies and cells below this probability are not listed. */
const LEAST = 0.01

export function suspectHandlers(c: Context): Handlers<typeof SUSPECT_METHODS> {
  return {
    'suspects.find': () => {
      const w = c.workspace()
      const job = c.jobs.start('suspects', null, async (control) => {
        await search(c, w, control)
        c.emit('changed', { what: 'runs' })
        return foundText(w)
      })
      return { job }
    },
    'suspects.list': ({ genre, offset, limit }) => {
      const w = c.workspace()
      const suspects = searched(w)
      const order = ranking(w, suspects, genre === null ? null : w.catalogue.column(namedGenre(w, genre).id))
      return { total: order.length, movies: order.slice(offset, offset + limit).map((row) => suspects.describe(w.store, row)) }
    },
    'suspects.movie': ({ movie }) => {
      const w = c.workspace()
      const row = requireRow(w, movie)
      if (!w.suspects) return null
      return { ...w.suspects.describe(w.store, row), neighbours: w.suspects.neighbours(w.store, row) }
    },
    'suspects.health': () => {
      const w = c.workspace()
      return w.suspects ? healthOf(w, w.suspects) : null
    },
  }
}

/** Searches with the default recipe for the catalogue's size, and reads the result. */
export async function search(c: Context, w: Workspace, control: JobControl): Promise<void> {
  await searchSuspects(w.store, w.catalogue, suspectDefaults(linearDefaults(w.catalogue.n)), c.spawn, control)
  await w.reloadRunInTurns()
}

/** @throws UserError `no-suspects` */
function searched(w: Workspace): Suspects {
  if (w.suspects) return w.suspects
  throw new UserError(
    'no-suspects',
    'Suspects were not searched for since the last import or cleaning: train a model, or search with `reelabel suspects PROJECT.reel --find`.',
  )
}

/** Rows by P(a label is wrong), or by that of one column's label; the worst first, equals in file order. */
function ranking({ catalogue: { n } }: Workspace, suspects: Suspects, column: number | null): number[] {
  const score = Float64Array.from({ length: n }, (_, row) => (column === null ? suspects.movie(row) : suspects.wrong(row, column)))
  return Array.from(score.keys())
    .filter((row) => score[row]! >= LEAST)
    .sort((a, b) => score[b]! - score[a]! || a - b)
}

/** A sentence for the end of a search. */
export function foundText(w: Workspace): string {
  const { expected, low, high, labels } = healthOf(w, searched(w))
  const round = (x: number): string => Math.round(x).toLocaleString('en')
  return `About ${round(expected)} of ${labels.toLocaleString('en')} labels are probably wrong (${round(low)} to ${round(high)}).`
}

function healthOf(w: Workspace, suspects: Suspects): Health {
  const { n, k, labels, genres } = w.catalogue
  const wrong = new Float64Array(n * k)
  for (let row = 0; row < n; row++) for (let column = 0; column < k; column++) wrong[row * k + column] = suspects.wrong(row, column)
  const support = new Int32Array(k)
  labels.forEach((label, cell) => (support[cell % k]! += label))
  const all = wrongEstimate(wrong)
  const perMovie = Float64Array.from({ length: n }, (_, row) => wrong.subarray(row * k, (row + 1) * k).reduce((a, b) => a + b, 0))
  const first = Math.min(FIRST, Math.ceil(n / 10))
  const held = ranking(w, suspects, null)
    .slice(0, first)
    .reduce((sum, row) => sum + perMovie[row]!, 0)
  const { config, model, lastBatch } = suspects.result
  return {
    ...all,
    labels: support.reduce((a, b) => a + b, 0),
    cells: n * k,
    first,
    share: all.expected > 0 ? held / all.expected : 0,
    genres: genres.map(({ name }, column) => ({
      name,
      ...wrongEstimate(Float64Array.from({ length: n }, (_, row) => wrong[row * k + column]!)),
      support: support[column]!,
      reliable: support[column]! >= RELIABLE_SUPPORT,
    })),
    decisionsSince: w.store.changes.lastBatch() - lastBatch,
    config,
    model: { intercept: model.intercept, weights: Object.fromEntries(FEATURES.map((name, i) => [name, model.weights[i]!])) },
  }
}
