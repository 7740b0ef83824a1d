import { UserError } from '../../contract/errors.ts'
import type { TrainingLog } from '../../contract/models.ts'
import type { Comparison, Genre, MetricsPart, RunInfo } from '../../contract/records.ts'
import { verdict } from '../analysis/bootstrap.ts'
import { readScores, type RunScores } from '../catalogue/run-scores.ts'
import { compareRuns, figuresSteps, genresIn, scopeOf, verdictScope, type Scope } from '../catalogue/scoring.ts'
import { inSlices } from '../jobs/slices.ts'
import { NO_LOG } from '../jobs/training.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import type { RUN_METHODS } from '../../contract/training.ts'
import type { Context, Handlers } from './context.ts'

/** A run's genres, in the order of its columns. */
export function genresOf(w: Workspace, { genres }: StoredRun): Genre[] {
  const names = new Map(w.store.movies.genres().map((g) => [g.id, g.name]))
  return genres.map((id) => ({ id, name: names.get(id) ?? `genre ${id}` }))
}

export function asInfo(c: Context, w: Workspace, r: StoredRun): RunInfo {
  return {
    ...r,
    note: w.store.meta.get('runNotes')?.[r.id] ?? '',
    current: w.predictions?.run === r.id,
    genres: genresOf(w, r),
    resumable: r.status === 'interrupted' && c.runFolders.isThere(w.store.path, r.id),
  }
}

/** The run with this id. @throws UserError `no-run` */
export function storedRun(w: Workspace, id: number): StoredRun {
  const run = w.store.runs.get(id)
  if (!run) throw new UserError('no-run', `There is no run ${id}: see the list of runs.`)
  return run
}
/** The finished run with this id. @throws UserError `no-run` if it does not exist or has no result */
export function finished(w: Workspace, id: number): StoredRun {
  const run = storedRun(w, id)
  if (run.status !== 'done') throw new UserError('no-run', `Run ${id} gave no result (${run.status}): choose a finished one.`)
  return run
}
const logOf = (w: Workspace, id: number): TrainingLog => w.store.runs.log(storedRun(w, id).id) ?? NO_LOG
export const scoresOf = (w: Workspace, id: number): RunScores =>
  w.predictions?.run === id ? w.predictions : readScores(w.catalogue, w.store, finished(w, id))

const namesOf = (w: Workspace, scope: Scope): string[] => genresIn(w.catalogue, scope).map(({ name }) => name)

export function runHandlers(c: Context): Handlers<typeof RUN_METHODS> {
  return {
    'metrics.get': async ({ run, part, labels, threshold, where, resamples, seed }) => {
      const w = c.workspace()
      const { scores, scope: whole } = partOf(w, run, part)
      const matching = where.trim() === '' ? null : await w.index.matching(where)
      const scope = matching ? { ...whole, rows: whole.rows.filter((row) => matching.has(row)) } : whole
      if (scope.rows.length === 0) throw new UserError('no-movies', 'The filter selects no movie of this part.')
      const estimates = scores.run === w.predictions?.run ? w.predictions.estimates : null
      const bootstrap = resamples === 0 ? null : { resamples, seed }
      const figures = await inSlices(figuresSteps(w.catalogue, scores, scope, { labels, threshold, estimates, bootstrap }))
      return { run: scores.run, part, labels, threshold, where, genres: namesOf(w, scope), movies: scope.rows.length, ...figures }
    },
    'runs.log': ({ run }) => logOf(c.workspace(), run),
    'runs.list': () =>
      c
        .workspace()
        .store.runs.all()
        .map((r) => asInfo(c, c.workspace(), r)),
    'runs.restore': async ({ run }) => {
      const w = c.workspace()
      c.jobs.assertIdle()
      const stored = finished(w, run)
      w.store.transaction(() => w.store.meta.set('currentRun', run))
      await w.reloadRunInTurns()
      c.emit('changed', { what: 'runs' })
      return asInfo(c, w, stored)
    },
    'runs.rename': ({ run, name }) => {
      const w = c.workspace()
      w.store.transaction(() => w.store.runs.rename(storedRun(w, run).id, name))
      c.emit('changed', { what: 'runs' })
      return asInfo(c, w, storedRun(w, run))
    },
    'runs.note': ({ run, note }) => {
      const w = c.workspace()
      const { id } = storedRun(w, run)
      w.store.transaction(() => w.store.meta.set('runNotes', { ...w.store.meta.get('runNotes'), [id]: note }))
      c.emit('changed', { what: 'runs' })
      return asInfo(c, w, storedRun(w, run))
    },
    'runs.delete': ({ run }) => {
      const w = c.workspace()
      c.jobs.assertIdle()
      const { status } = storedRun(w, run)
      if (status === 'running')
        throw new UserError('project-in-use', `Another program trains run ${run}: wait for it, or cancel it there, then delete the run.`)
      if (run === w.store.meta.get('currentRun'))
        throw new UserError('current-run', `Run ${run} is the current run: make another run current first, then delete it.`)
      const model = w.store.runs.model(run)
      w.store.transaction(() => w.store.runs.remove(run))
      c.runFolders.remove(w.store.path, run)
      c.emit('changed', { what: 'runs' })
      return { folder: model?.folder === undefined ? null : c.artifacts.folder(model.folder) }
    },
    'runs.compare': ({ a, b, resamples, seed }) => compare(c.workspace(), a, b, { resamples, seed }),
  }
}

/** The error for a part without predicted movies. `who`: such as `Run 3 has`. */
export function emptyPart(w: Workspace, { part }: Scope, who: string): UserError {
  const why =
    scopeOf(w.catalogue, part).rows.length === 0
      ? `This catalogue has no ${part} part: ask for another (test, valid, oof).`
      : `${who} predicted no movie of the ${part} part: cleaning has changed the catalogue since; train again.`
  return new UserError('empty-part', why)
}

/** The scores of a run (null: the current one), and the cells of a part that it predicts. @throws UserError `no-run`, `empty-part` */
export function partOf(w: Workspace, run: number | null, part: MetricsPart): { readonly scores: RunScores; readonly scope: Scope } {
  const scores = run === null ? w.trained() : scoresOf(w, run)
  return { scores, scope: scopeWithMovies(w, scores, part) }
}
/** The cells of a part that a run predicts. @throws UserError `empty-part` */
export function scopeWithMovies(w: Workspace, scores: RunScores, part: MetricsPart): Scope {
  const scope = scopeOf(w.catalogue, part, scores)
  if (scope.rows.length === 0) throw emptyPart(w, scope, `Run ${scores.run} has`)
  return scope
}

/** Compares on the movies that both runs predict and the genres that both have. @throws UserError `empty-part` if there are none */
async function compare(w: Workspace, a: number, b: number, options: { resamples: number; seed: number }): Promise<Comparison> {
  const { catalogue } = w
  const [old, fresh] = [scoresOf(w, a), scoresOf(w, b)]
  const scope = verdictScope(catalogue, old, fresh)
  if (scope.rows.length === 0) throw emptyPart(w, scope, `Runs ${a} and ${b} have both`)
  const names = namesOf(w, scope)
  const { corrected, source, support, oldF1, newF1, differing, movies } = await inSlices(compareRuns(catalogue, old, fresh, scope, options))
  return {
    a,
    b,
    part: scope.part,
    movies: scope.rows.length,
    ...options,
    verdict: verdict(corrected.microF1),
    differing: movies,
    corrected,
    source,
    perGenre: names.map((genre, j) => ({
      genre,
      support: support[j] ?? 0,
      old: oldF1[j] ?? 0,
      new: newF1[j] ?? 0,
      differing: differing[j] ?? 0,
    })),
  }
}
