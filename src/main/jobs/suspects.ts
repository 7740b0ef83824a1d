/** The engine's half of a search for suspects. */
import { UserError } from '../../contract/errors.ts'
import type { SuspectJob } from '../../contract/jobs.ts'
import type { SuspectConfig } from '../../contract/suspects.ts'
import type { Steps } from '../analysis/steps.ts'
import { isDecided, type Catalogue } from '../catalogue/catalogue.ts'
import { logitsInSteps } from '../catalogue/run-scores.ts'
import { storeSuspects } from '../catalogue/suspect-result.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { SpawnProcess } from '../processes/work-process.ts'
import type { Store } from '../store/store.ts'
import { searchInProcess } from './search.ts'
import { inSlices } from './slices.ts'
import { cellsWhere } from './training.ts'

/** Limit of movies in a search, which compares every movie with every other one. */
export const MAX_MOVIES = 250_000

/** The request for a search over the catalogue as it is at the first of several steps. @throws UserError `too-many-movies` */
function* suspectJob(store: Store, catalogue: Catalogue, config: SuspectConfig): Steps<SuspectJob> {
  const { n, k, ids, genres, lastBatch } = catalogue
  if (n > MAX_MOVIES)
    throw new UserError(
      'too-many-movies',
      `Suspects are searched for among up to ${MAX_MOVIES.toLocaleString('en')} movies; there are ${n.toLocaleString('en')}. The review list is ordered by the model alone.`,
    )
  const cells = { source: catalogue.source, labels: catalogue.labels.slice(), verdicts: catalogue.verdicts.slice() }
  const decided = yield* cellsWhere(cells.labels, k, (_, cell) => isDecided(cells, cell))
  const run = config.family && store.runs.get(config.family.run)
  return {
    t: 'suspects',
    project: store.path,
    genres: Int32Array.from(genres, ({ id }) => id),
    movies: ids.slice(),
    labels: cells.labels,
    source: cells.source.slice(),
    family: run ? yield* logitsInSteps(catalogue, store, run) : null,
    decided,
    lastBatch,
    config,
  }
}

/** The newest run of another family than the search's own: a second opinion on every label. */
export function otherFamily({ runs }: Store): SuspectConfig['family'] {
  const run = runs.all().findLast(({ status, config }) => status === 'done' && config.family === 'transformer')
  return run ? { run: run.id, name: run.name } : null
}

/** Searches in a compute process and stores the result with the current cleaning. */
export async function searchSuspects(
  store: Store,
  catalogue: Catalogue,
  config: SuspectConfig,
  spawn: SpawnProcess,
  control: JobControl,
): Promise<void> {
  const job = await inSlices(suspectJob(store, catalogue, config))
  const found = await searchInProcess(spawn, job, control, (m) => (m.t === 'suspects' ? m.found : null), 'search for suspects')
  const { movies, genres, lastBatch } = job
  storeSuspects(store, { ...found, config, movies, genres, lastBatch })
}
