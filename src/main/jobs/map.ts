/** The engine's half of the computation of a map. */
import type { Embedder, MapJob } from '../../contract/jobs.ts'
import { MIN_MAPPED, type MapConfig } from '../../contract/map.ts'
import { UserError } from '../../contract/errors.ts'
import type { Steps } from '../analysis/steps.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { storeMap } from '../catalogue/movie-map.ts'
import { logitsInSteps } from '../catalogue/run-scores.ts'
import type { JobControl } from '../processes/job-control.ts'
import type { SpawnProcess } from '../processes/work-process.ts'
import type { Store } from '../store/store.ts'
import { searchInProcess } from './search.ts'
import { inSlices } from './slices.ts'

/** @throws UserError `too-few-movies` */
function* mapJob(store: Store, catalogue: Catalogue, config: MapConfig, embedder: Embedder | null): Steps<MapJob> {
  const { n, ids } = catalogue
  if (n < MIN_MAPPED)
    throw new UserError('too-few-movies', `A map needs at least ${MIN_MAPPED} movies; there are ${n}: import more movies.`)
  const run = config.run === null ? null : store.runs.get(config.run)
  return {
    t: 'map',
    project: store.path,
    movies: ids.slice(),
    logits: run && (yield* logitsInSteps(catalogue, store, run)),
    embedder,
    config,
  }
}

/** Computes a map in a compute process and stores it. */
export async function computeMap(
  store: Store,
  catalogue: Catalogue,
  config: MapConfig,
  embedder: Embedder | null,
  spawn: SpawnProcess,
  control: JobControl,
): Promise<void> {
  const job = await inSlices(mapJob(store, catalogue, config, embedder))
  const found = await searchInProcess(spawn, job, control, (m) => (m.t === 'map' ? m.found : null), 'computation of the map')
  storeMap(store, catalogue.generation, config, job.movies, found)
}
