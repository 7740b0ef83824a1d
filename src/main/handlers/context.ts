import type { Args, Events, EventName, Method, Results } from '../../contract/api.ts'
import type { Backups } from '../jobs/backups.ts'
import type { SpawnProcess } from '../jobs/processes.ts'
import type { Jobs } from '../jobs/queue.ts'
import type { ProjectsFolder, Workspace } from '../workspace.ts'

/** What every handler may use. */
export interface Context {
  readonly jobs: Jobs
  readonly projects: ProjectsFolder
  readonly backups: Backups
  readonly spawn: SpawnProcess
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
