import { UserError } from '../../contract/errors.ts'
import type { RunInfo, RunSummary } from '../../contract/records.ts'
import type { CalibrationReport, THRESHOLD_METHODS } from '../../contract/thresholds.ts'
import { calibrationSteps } from '../analysis/calibration.ts'
import { IDENTITY } from '../analysis/platt.ts'
import { mixSeed, shuffled } from '../analysis/random.ts'
import { compareStrategies } from '../analysis/strategies.ts'
import { calibratedRun, onModelScale, readScoresInSteps, scaledThreshold, scaleOf, type RunScores } from '../catalogue/run-scores.ts'
import { cellsIn, differencesIn, genresIn, headlineSteps, thresholdsIn, type Scope, verdictScope } from '../catalogue/scoring.ts'
import { inSlices } from '../jobs/slices.ts'
import type { StoredRun } from '../store/runs.ts'
import { damagedValue } from '../store/values.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { asInfo, finished, scopeWithMovies, scoresOf } from './runs.ts'

/** Movies that thresholds are chosen on, and that a window recomputes while a threshold is dragged: within a frame, and in 10 MB. */
const MAX_MOVIES = 100_000
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
      const trained = run.summary?.thresholds?.trained
      return change(c, trained?.map((threshold, j) => scaledThreshold(threshold, scaleOf(run, j))) ?? run.thresholds, null)
    },
    'calibration.get': async ({ run, part }) => {
      const w = c.workspace()
      return calibrationOf(w, finished(w, run ?? w.trained().run), part)
    },
    'calibration.set': async ({ kind }) => {
      c.jobs.assertIdle()
      const w = c.workspace()
      const before = w.trained()
      const run = onModelScale(finished(w, before.run))
      const { part } = verdictScope(w.catalogue, before)
      const report = await calibrationOf(w, run, part)
      const scales = new Map(kind === 'none' ? [] : report.genres.map(({ id, scales }) => [id, scales[kind]]))
      const columnsOf = run.genres.map((genre) => w.catalogue.genres[w.catalogue.column(genre)]?.id ?? -1)
      const next = kind === 'none' ? run : calibratedRun(run, kind, columnsOf.map((genre) => scales.get(genre) ?? IDENTITY)) // prettier-ignore
      const info = await store(c, w, next, next.summary?.thresholds)
      const { movies, pooled } = report
      const changed = await inSlices(differencesIn([before.predicted, w.trained().predicted], w.catalogue.n, w.catalogue.k))
      return { run: info, part, movies, model: pooled.none, now: pooled[kind], changed }
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
  const trained = run.summary?.thresholds?.trained ?? onModelScale(run).thresholds
  return store(c, w, { ...run, thresholds }, origin === null ? undefined : { origin, trained })
}

/** Stores thresholds and calibration of the current run, with the figures that follow from them. @param chosen how the thresholds were chosen */
async function store(c: Context, w: Workspace, run: StoredRun, chosen: RunSummary['thresholds']): Promise<RunInfo> {
  const scores = await inSlices(readScoresInSteps(w.catalogue, w.store, run, null))
  const scope = verdictScope(w.catalogue, scores)
  const figures = await inSlices(headlineSteps(w.catalogue, scores, scope))
  const calibration = run.summary?.calibration
  const summary = { part: scope.part, ...figures, ...(chosen && { thresholds: chosen }), ...(calibration && { calibration }) }
  w.store.transaction(() => w.store.runs.setThresholds(run.id, run.thresholds, summary))
  await w.reloadRunInTurns()
  c.emit('changed', { what: 'runs' })
  return asInfo(c, w, finished(w, run.id))
}

/** The report on the probabilities of a run's model. @throws UserError `empty-part` */
async function calibrationOf(w: Workspace, run: StoredRun, part: Scope['part']): Promise<CalibrationReport> {
  const scores = await inSlices(readScoresInSteps(w.catalogue, w.store, onModelScale(run), null))
  const { scope } = sampledIn(w, scores, part, SEED)
  const cells = await inSlices(cellsIn(w.catalogue, scores, scope))
  const fitted = part === 'oof' ? null : await inSlices(cellsIn(w.catalogue, scores, sampledIn(w, scores, 'oof', SEED).scope))
  const report = await inSlices(calibrationSteps(cells, fitted, thresholdsIn(scores, scope), genresIn(w.catalogue, scope), SEED))
  return { run: run.id, used: run.summary?.calibration?.kind ?? 'none', part, movies: scope.rows.length, ...report }
}

interface Sampled {
  readonly scores: RunScores
  readonly scope: Scope
  /** Movies of the part. */
  readonly total: number
}
/** At most {@link MAX_MOVIES} movies of a part of a run; null: the current run. @throws UserError `empty-part` */
function sampled(w: Workspace, run: number | null, part: Scope['part'], seed: number): Sampled {
  return sampledIn(w, run === null ? w.trained() : scoresOf(w, run), part, seed)
}
function sampledIn(w: Workspace, scores: RunScores, part: Scope['part'], seed: number): Sampled {
  const scope = scopeWithMovies(w, scores, part)
  const total = scope.rows.length
  const rows = total <= MAX_MOVIES ? scope.rows : shuffled(scope.rows, mixSeed(seed, total)).slice(0, MAX_MOVIES).sort()
  return { scores, scope: { ...scope, rows }, total }
}
