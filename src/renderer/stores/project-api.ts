import { UserError } from '../../contract/errors.ts'
import type { Api, ArgsIn, EventName, Events, Method, Results } from '../../contract/api.ts'
import { m } from '../messages/index.ts'

/** An answer that nobody waits for any more: it speaks of the project that was open when it was asked for. */
export const OTHER_PROJECT = 'other-project'

/** A refusal that knows which call it answered. */
export class CallError extends UserError {
  readonly method: Method
  constructor(method: Method, error: UserError) {
    super(error.code, error.message, error.details)
    this.method = method
  }
}

/** What these answer has nothing to do with the project that is open. */
const ANY_PROJECT: readonly Method[] = [
  'app.info',
  'project.list',
  'project.open',
  'project.sample',
  'project.info',
  'files.put',
  'files.get',
  'import.inspect',
  'import.forget',
  'import.run',
  'clean.saved',
  'clean.save',
  'clean.load',
  'clean.delete',
  'project.salvage',
  'project.salvaged',
  'models.list',
  'models.add',
  'models.remove',
  'models.search',
  'models.describe',
  'models.download',
  'models.exported',
  'models.devices',
  'models.settings',
  'jobs.list',
  'jobs.cancel',
  'export.run',
  'export.everything',
  'export.made',
  'project.salvage',
  'project.salvaged',
  'project.copy',
]

/** Whether what this method answers is about the open project. */
export const isOfProject = (method: Method): boolean => !ANY_PROJECT.includes(method)

/**
 * The engine as the stores see it: answers and refusals of the project before this one are dropped (they reject with
 * {@link OTHER_PROJECT}, which is never shown), and each success is told, so that the complaint it disproves can go.
 */
export class ProjectApi implements Api {
  readonly #api: Api
  readonly #onSuccess: (method: Method) => void
  #project = 0

  constructor(api: Api, onSuccess: (method: Method) => void) {
    this.#api = api
    this.#onSuccess = onSuccess
  }
  /** Another project is open. */
  nextProject(): void {
    this.#project++
  }
  async call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Results[M]> {
    const asked = this.#project
    const late = () => asked !== this.#project && isOfProject(method)
    const dropped = () => new UserError(OTHER_PROJECT, m.connection.otherProject)
    let answer: Results[M]
    try {
      answer = await this.#api.call(method, args)
    } catch (error) {
      if (late()) throw dropped()
      throw error instanceof UserError ? new CallError(method, error) : error
    }
    if (late()) throw dropped()
    this.#onSuccess(method)
    return answer
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    return this.#api.on(event, listener)
  }
}
