import type { Args, Events, EventName, Method, Results } from '../../contract/api.ts'
import type { Backups } from '../jobs/backups.ts'
import type { InferenceProcess } from '../jobs/inference-process.ts'
import type { SpawnProcess } from '../processes/work-process.ts'
import type { Jobs } from '../jobs/queue.ts'
import type { RunFolders } from '../jobs/run-folders.ts'
import type { ModelArtifacts } from '../jobs/model-artifacts.ts'
import type { FineTunePlaces } from '../../contract/jobs.ts'
import type { Hub } from '../hub/hub.ts'
import type { Library } from '../hub/library.ts'
import type { ProjectsFolder, Workspace } from '../workspace.ts'

/** What every handler may use. */
export interface Context {
  readonly jobs: Jobs
  readonly projects: ProjectsFolder
  readonly backups: Backups
  readonly spawn: SpawnProcess
  /** Transformers of this machine, and where more come from. */
  readonly library: Library
  readonly hub: Hub
  /** Trained models too large for their project. */
  readonly artifacts: ModelArtifacts
  /** Checkpoints of trainings. */
  readonly runFolders: RunFolders
  /** What trained models say. */
  readonly inference: InferenceProcess
  /** Folders of all trainings. */
  readonly places: Pick<FineTunePlaces, 'cacheFolder' | 'deviceFolder'>
  /** The analyst, as the change log names them. */
  readonly who: string
  /** The open project. */
  workspace(): Workspace
  /** Whether the open project is the file at `path`. */
  isOpen(path: string): boolean
  /** Closes the open project and opens another. */
  open(path: string): Workspace
  emit<E extends EventName>(event: E, payload: Events[E]): void
}
/** One feature's share of the Api; the engine joins them and the compiler sees that none is missing. */
export type Handlers<M extends Method> = { readonly [P in M]: (args: Args<P>) => Results[P] | Promise<Results[P]> }
