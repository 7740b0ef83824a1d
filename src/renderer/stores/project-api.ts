import { UserError } from '../../contract/errors.ts'
import { METHODS, type Api, type ArgsIn, type Method, type Result } from '../../contract/api.ts'
import type { EventName, Events } from '../../contract/events.ts'
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

/** True if the result of this method is about the open project. */
export const isOfProject = (method: Method): boolean => METHODS[method].scope === 'project'

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
  async call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    const asked = this.#project
    const late = () => asked !== this.#project && isOfProject(method)
    const dropped = () => new UserError(OTHER_PROJECT, m.connection.otherProject)
    let answer: Result<M>
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
