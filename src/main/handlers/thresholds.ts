import { UserError } from '../../contract/errors.ts'
import type { RunInfo } from '../../contract/records.ts'
import type { THRESHOLD_METHODS } from '../../contract/thresholds.ts'
import { calibrationSteps } from '../analysis/calibration.ts'
import { mixSeed, shuffled } from '../analysis/random.ts'
import { compareStrategies } from '../analysis/strategies.ts'
import { readScoresInSteps, type RunScores } from '../catalogue/run-scores.ts'
import { cellsIn, genresIn, headlineSteps, thresholdsIn, verdictScope, type Scope } from '../catalogue/scoring.ts'
import { inSlices } from '../jobs/slices.ts'
import { damagedValue } from '../store/values.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { asInfo, finished, partOf } from './runs.ts'

/** Movies that thresholds are chosen on, and that a window recomputes while a threshold is dragged: within a frame, and in 10 MB. */
const MOST_MOVIES = 100_000
const SEED = 42

export function thresholdHandlers(c: Context): Handlers<typeof THRESHOLD_METHODS> {
  return {
    'thresholds.strategies': async ({ run, values, seed }) => {
      const w = c.workspace()
      const { scores, scope, total } = sampled(w, run, 'oof', seed)
      const rows = await inSlices(compareStrategies(await inSlices(cellsIn(w.catalogue, scores, scope)), values, seed))
      const genres = genresIn(w.catalogue, scope).map(({ name }) => name)
      return { run: scores.run, genres, movies: scope.rows.length, total, seed, rows }
    },
    'thresholds.data': async ({ run, part }) => {
      const w = c.workspace()
      const { scores, scope, total } = sampled(w, run, part, SEED)
      const { y, p } = await inSlices(cellsIn(w.catalogue, scores, scope))
      return {
        run: scores.run,
        part,
        genres: genresIn(w.catalogue, scope),
        thresholds: thresholdsIn(scores, scope),
        movies: scope.rows.map((row) => w.catalogue.ids[row] ?? 0),
        labels: y,
        probabilities: p,
        total,
      }
    },
    'thresholds.set': ({ thresholds, origin }) => change(c, thresholds, origin),
    'thresholds.reset': () => {
      const w = c.workspace()
      const run = finished(w, w.trained().run)
      return change(c, run.summary?.thresholds?.trained ?? run.thresholds, null)
    },
    'calibration.get': async ({ run, part }) => {
      const w = c.workspace()
      const { scores, scope } = sampled(w, run, part, SEED)
      const cells = await inSlices(cellsIn(w.catalogue, scores, scope))
      const fitted = part === 'oof' ? null : await inSlices(cellsIn(w.catalogue, scores, sampled(w, scores.run, 'oof', SEED).scope))
      const names = genresIn(w.catalogue, scope).map(({ name }) => name)
      const report = await inSlices(calibrationSteps(cells, fitted, thresholdsIn(scores, scope), names, SEED))
      return { run: scores.run, part, movies: scope.rows.length, ...report }
    },
  }
}

/** Gives the current run other thresholds, in the order of its genres. @param origin how they were chosen; null: by the training */
async function change(c: Context, thresholds: readonly number[], origin: string | null): Promise<RunInfo> {
  c.jobs.assertIdle()
  const w = c.workspace()
  const run = finished(w, w.trained().run)
  if (origin === null && thresholds.length !== run.genres.length) throw damagedValue('run.thresholds')
  if (thresholds.length !== run.genres.length)
    throw new UserError(
      'bad-arguments',
      `Run ${run.id} has ${run.genres.length} genres: give a threshold for each of them, not ${thresholds.length}.`,
    )
  const scores = await inSlices(readScoresInSteps(w.catalogue, w.store, { ...run, thresholds }, null))
  const scope = verdictScope(w.catalogue, scores)
  const figures = await inSlices(headlineSteps(w.catalogue, scores, scope))
  const trained = run.summary?.thresholds?.trained ?? run.thresholds
  const chosen = origin === null ? {} : { thresholds: { origin, trained } }
  w.store.transaction(() => w.store.runs.setThresholds(run.id, thresholds, { part: scope.part, ...figures, ...chosen }))
  await w.reloadRunInTurns()
  c.emit('changed', { what: 'runs' })
  return asInfo(c, w, finished(w, run.id))
}

interface Sampled {
  readonly scores: RunScores
  readonly scope: Scope
  /** Movies of the part. */
  readonly total: number
}
/** At most {@link MOST_MOVIES} movies of a part of a run; null: the current run. @throws UserError `empty-part` */
function sampled(w: Workspace, run: number | null, part: Scope['part'], seed: number): Sampled {
  const { scores, scope } = partOf(w, run, part)
  const total = scope.rows.length
  const rows = total <= MOST_MOVIES ? scope.rows : shuffled(scope.rows, mixSeed(seed, total)).slice(0, MOST_MOVIES).sort()
  return { scores, scope: { ...scope, rows }, total }
}
