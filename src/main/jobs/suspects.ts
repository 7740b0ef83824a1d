/** The engine's half of a search for suspects. */
import { fromReply, UserError } from '../../contract/errors.ts'
import type { FoundSuspects, SuspectJob } from '../../contract/jobs.ts'
import type { SuspectConfig } from '../../contract/suspects.ts'
import type { Steps } from '../analysis/steps.ts'
import { isDecided, type Catalogue } from '../catalogue/catalogue.ts'
import { logitsInSteps } from '../catalogue/run-scores.ts'
import { storeSuspects } from '../catalogue/suspect-result.ts'
import type { JobControl } from '../processes/job-control.ts'
import { supervise, type SpawnProcess } from '../processes/work-process.ts'
import type { Store } from '../store/store.ts'
import { inSlices } from './slices.ts'
import { cellsWhere } from './training.ts'

/** Searching compares every movie with every other one. */
export const MOST_MOVIES = 250_000

/** The request for a search over the catalogue as it is at the first of several steps. @throws UserError `too-many-movies` */
function* suspectJob(store: Store, catalogue: Catalogue, config: SuspectConfig): Steps<SuspectJob> {
  const { n, k, ids, genres, lastBatch } = catalogue
  if (n > MOST_MOVIES)
    throw new UserError(
      'too-many-movies',
      `Suspects are searched for among up to ${MOST_MOVIES.toLocaleString('en')} movies; there are ${n.toLocaleString('en')}. The review list is ordered by the model alone.`,
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
  const results: FoundSuspects[] = []
  await supervise({
    process: spawn('compute'),
    request: job,
    signal: control.signal,
    receive: (m) => {
      if (m.t === 'progress') control.progress(m.done / m.total, m.phase)
      else if (m.t === 'suspects') results.push(m.found)
      else if (m.t === 'error') throw fromReply(m.error)
      return m.t === 'done'
    },
    cancelled: () => new UserError('cancelled', 'The search for suspects was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The search for suspects ended too early (exit code ${code ?? 'none: it was killed'}). No label was changed; start it again.`,
      ),
  })
  const [found] = results
  if (!found) throw new Error('the compute process ended a search for suspects without its result')
  const { movies, genres, lastBatch } = job
  storeSuspects(store, { ...found, config, movies, genres, lastBatch })
}
