/** Ensembles: checks which runs can be combined, and prepares their members for the combination and for predictions. */
import { UserError } from '../../contract/errors.ts'
import type { EnsembleMember, TrainedModel } from '../../contract/jobs.ts'
import type { EnsembleConfig, RunConfig } from '../../contract/records.ts'
import type { EnsembleIn } from '../../contract/training.ts'
import { IDENTITY } from '../analysis/platt.ts'
import type { Steps } from '../analysis/steps.ts'
import { onModelScale, readScoresInSteps } from '../catalogue/run-scores.ts'
import { memberLogits } from '../compute/ensemble.ts'
import { LINEAR_DEFAULTS } from '../compute/linear/defaults.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Workspace } from '../workspace.ts'
import { finished } from './runs.ts'

/** The complete recipe. @throws UserError `bad-members`, `no-run` */
export function ensembleConfig(w: Workspace, given: EnsembleIn, old: RunConfig | null): EnsembleConfig {
  const before = old?.family === 'ensemble' ? old : null
  const runs = [...new Set(given.runs ?? before?.runs ?? [])]
  const members = runs.map((run) => finished(w, run))
  const [first] = members
  if (!first || members.length < 2) throw bad('An ensemble combines at least two finished runs: name them.')
  const inner = members.find(({ config }) => config.family === 'ensemble')
  if (inner) throw bad(`Run ${inner.id} is an ensemble itself: combine its members.`)
  const { reads, columns, dropWords } = first.config
  const textOf = ({ config }: StoredRun): string => JSON.stringify([config.reads, config.columns ?? [], config.dropWords ?? []])
  const other = members.find((run) => textOf(run) !== textOf(first))
  if (other) throw bad(`Runs ${first.id} and ${other.id} read different texts of a movie: combine runs that read the same.`)
  const { folds, seed, reviewedWeight } = LINEAR_DEFAULTS
  return {
    family: 'ensemble',
    runs,
    how: given.how ?? before?.how ?? 'stack',
    folds,
    seed: given.seed ?? before?.seed ?? seed,
    reads,
    columns,
    dropWords,
    reviewedWeight,
  }
}
const bad = (message: string): UserError => new UserError('bad-members', message)

/** The member's places of the catalogue's genres, and its scales for them. @throws UserError `bad-members` */
function placesOf(w: Workspace, run: StoredRun): Pick<EnsembleMember, 'columns' | 'scales'> {
  const columns = w.catalogue.genres.map(({ id }) => run.genres.findIndex((genre) => w.catalogue.column(genre) === w.catalogue.column(id)))
  const unknown = w.catalogue.genres[columns.indexOf(-1)]
  if (unknown) throw bad(`Run ${run.id} does not know ${unknown.name}: train it again, then combine.`)
  return placed(run, columns)
}
const placed = (run: StoredRun, columns: readonly number[]): Pick<EnsembleMember, 'columns' | 'scales'> => ({
  columns,
  scales: columns.map((column) => run.scales[column] ?? IDENTITY),
})

/** (n, k) logits of each member for the catalogue's movies, out of fold for training movies. @throws UserError `bad-members` */
export function* memberLogitsOf(w: Workspace, { runs }: EnsembleConfig): Steps<Float32Array[]> {
  const { n, k } = w.catalogue
  const logits: Float32Array[] = []
  for (const id of runs) {
    const run = finished(w, id)
    const { scales } = placesOf(w, run)
    const { p, has } = yield* readScoresInSteps(w.catalogue, w.store, onModelScale(run), null)
    const missing = has.reduce((count, predicted) => count + (predicted ? 0 : 1), 0)
    if (missing > 0) throw bad(`Run ${id} has not predicted ${missing} of the movies, which came later: train it again, then combine.`)
    logits.push(memberLogits({ columns: Array.from({ length: k }, (_, g) => g), scales }, p, n))
    yield
  }
  return logits
}

/** The ensemble with its members, for the inference process. @param load the model of a member */
export async function ensembleModel(
  w: Workspace,
  run: StoredRun,
  config: EnsembleConfig,
  load: (member: StoredRun) => Promise<TrainedModel>,
): Promise<TrainedModel> {
  const members: EnsembleMember[] = []
  for (const id of config.runs) {
    const member = w.store.runs.get(id)
    if (!member) throw new UserError('no-model', `Run ${id}, a member of this ensemble, was deleted: combine other runs.`)
    // the genres are those of the ensemble's training
    const columns = run.genres.map((genre) => member.genres.indexOf(genre))
    members.push({ model: await load(member), ...placed(member, columns) })
  }
  return { family: 'ensemble', project: w.store.path, run: run.id, createdAt: run.createdAt, members }
}
