import { UserError } from '../../contract/errors.ts'
import type { Comparison, LinearConfig, MetricsPart, RunInfo } from '../../contract/records.ts'
import { verdict } from '../analysis/bootstrap.ts'
import { Predictions } from '../catalogue/predictions.ts'
import { compareRuns, metricsOf, rowsOfPart } from '../catalogue/scoring.ts'
import { LINEAR_DEFAULTS } from '../compute/linear/defaults.ts'
import { prepareTraining, runTraining } from '../jobs/train.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { Args } from '../../contract/api.ts'
import type { Context, Handlers } from './context.ts'

function asInfo(w: Workspace, r: StoredRun): RunInfo {
  const names = new Map(w.store.movies.genres().map((g) => [g.id, g.name]))
  const { genres, ...rest } = r
  return { ...rest, current: w.predictions?.run === r.id, genres: genres.map((id) => ({ id, name: names.get(id) ?? `genre ${id}` })) }
}

/** A finished run. Throws `no-run` for one that is not there or gave no result. */
function finished(w: Workspace, id: number): StoredRun {
  const run = w.store.runs.get(id)
  if (!run) throw new UserError('no-run', `There is no run ${id}: see the list of runs.`)
  if (run.status !== 'done') throw new UserError('no-run', `Run ${id} gave no result (${run.status}): choose a finished one.`)
  return run
}
const predictionsOf = (w: Workspace, id: number): Predictions =>
  w.predictions?.run === id ? w.predictions : new Predictions(w.catalogue, w.store, finished(w, id))

/** The part that a comparison is made on: the frozen test part, or the out-of-fold scores where there is none. */
const partFor = (w: Workspace): MetricsPart => (rowsOfPart(w.catalogue, 'test').length > 0 ? 'test' : 'oof')

export function runHandlers(
  c: Context,
): Handlers<'metrics.get' | 'train.defaults' | 'train.start' | 'runs.list' | 'runs.restore' | 'runs.compare'> {
  return {
    'metrics.get': ({ run, part, labels, threshold }) => {
      const w = c.workspace()
      const p = run === null ? w.trained() : predictionsOf(w, run)
      const rows = rowsOfPart(w.catalogue, part)
      if (rows.length === 0) throw new UserError('empty-part', `This catalogue has no ${part} part: ask for another (test, valid, oof).`)
      const genres = w.catalogue.genres.map((g) => g.name)
      return { run: p.run, part, labels, threshold, genres, movies: rows.length, ...metricsOf(w.catalogue, p, rows, labels, threshold) }
    },
    'train.defaults': () => LINEAR_DEFAULTS,
    'train.start': (args) => start(c, args),
    'runs.list': () =>
      c
        .workspace()
        .store.runs.all()
        .map((r) => asInfo(c.workspace(), r)),
    'runs.restore': ({ run }) => {
      const w = c.workspace()
      c.jobs.assertIdle()
      const stored = finished(w, run)
      w.store.meta.set('currentRun', run)
      w.reloadRun()
      c.emit('changed', { what: 'runs' })
      return asInfo(w, stored)
    },
    'runs.compare': ({ a, b, resamples, seed }) => compare(c.workspace(), a, b, { resamples, seed }),
  }
}

function start(c: Context, args: Args<'train.start'>): { job: number; run: number } {
  c.jobs.assertIdle()
  const w = c.workspace()
  const old = args.retrain ? finished(w, w.trained().run) : null
  const config = { ...(old?.config ?? LINEAR_DEFAULTS), ...args.config } as LinearConfig
  const job = prepareTraining({ store: w.store, catalogue: w.catalogue, config, parent: old?.id ?? null })
  const id = c.jobs.start(args.retrain ? 'retrain' : 'train', job.run, async (control) => {
    try {
      const message = await runTraining(w.store, w.catalogue, job, c.spawnCompute, control)
      w.reloadRun()
      return message
    } finally {
      c.emit('changed', { what: 'runs' })
    }
  })
  return { job: id, run: job.run }
}

function compare(w: Workspace, a: number, b: number, options: { resamples: number; seed: number }): Comparison {
  const [old, fresh] = [predictionsOf(w, a), predictionsOf(w, b)]
  const part = partFor(w)
  const rows = rowsOfPart(w.catalogue, part)
  const corrected = compareRuns(w.catalogue, old, fresh, rows, 'corrected', options)
  const of = (p: Predictions) => metricsOf(w.catalogue, p, rows, 'corrected', 'per-genre').per_label
  const [before, after] = [of(old), of(fresh)]
  return {
    a,
    b,
    part,
    movies: rows.length,
    ...options,
    verdict: verdict(corrected.microF1),
    corrected,
    source: compareRuns(w.catalogue, old, fresh, rows, 'source', options),
    perGenre: w.catalogue.genres.map((g, j) => ({ genre: g.name, support: after.support[j]!, old: before.f1[j]!, new: after.f1[j]! })),
  }
}
