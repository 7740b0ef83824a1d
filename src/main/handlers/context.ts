import type { z } from 'zod'
import type { ResultOf } from '../../contract/api.ts'
import type { MethodSpec } from '../../contract/method.ts'
import type { Events, EventName } from '../../contract/events.ts'
import type { SettingsFile } from '../files/settings-file.ts'
import type { Backups } from '../jobs/backups.ts'
import type { Reader } from '../jobs/reader.ts'
import type { WarmProcess } from '../processes/warm-process.ts'
import type { SpawnProcess } from '../processes/work-process.ts'
import type { MeasuredCosts } from '../jobs/measured-costs.ts'
import type { Jobs } from '../jobs/queue.ts'
import type { RunFolders } from '../jobs/run-folders.ts'
import type { ModelArtifacts } from '../jobs/model-artifacts.ts'
import type { FineTunePlaces } from '../../contract/jobs.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import type { Hub } from '../hub/hub.ts'
import type { Library } from '../hub/library.ts'
import type { Services } from '../services/services.ts'
import type { ProjectsFolder, Workspace } from '../workspace.ts'

/** The context that the engine gives to every handler. */
export interface Context {
  readonly jobs: Jobs
  readonly projects: ProjectsFolder
  readonly backups: Backups
  readonly settings: SettingsFile
  readonly spawn: SpawnProcess
  /** Transformers on this machine; the Hub provides more. */
  readonly library: Library
  readonly hub: Hub
  /** Services that may be asked about movies. */
  readonly services: Services
  /** Trained models too large for their project. */
  readonly artifacts: ModelArtifacts
  /** Folders with checkpoints of trainings. */
  readonly runFolders: RunFolders
  /** Measured time and memory of trainings on this machine. */
  readonly measuredCosts: MeasuredCosts
  /** The inference process, for predictions and explanations of trained models. */
  readonly inference: WarmProcess<'inference'>
  /** The reader process, for untrusted files. */
  readonly reader: Reader
  /** Folders shared by all trainings. */
  readonly places: Pick<FineTunePlaces, 'cacheFolder' | 'deviceFolder'>
  /** The queue of the workers; null: none is set. */
  queue(): QueueAccess | null
  /** File of the queue that the analyst set. */
  readonly queueFile: string
  /** The person who decides now, as the change log names them. */
  who(): string
  /** The open project. */
  workspace(): Workspace
  /** True if the open project is the file at `path`. */
  isOpen(path: string): boolean
  /** Closes the open project and opens another. */
  open(path: string): Workspace
  emit<E extends EventName>(event: E, payload: Events[E]): void
}
/**
 * The handlers of one feature's table of methods: a missing, unknown or mistyped one does not compile. `caller` is the same object for all
 * calls of one client.
 */
export type Handlers<T extends Readonly<Record<string, MethodSpec>>> = {
  readonly [M in keyof T]: (args: z.output<T[M]['args']>, caller: object) => ResultOf<T[M]> | Promise<ResultOf<T[M]>>
}
