import { UserError } from '../../contract/errors.ts'
import { METHODS, type Api, type ArgsIn, type Method, type Result } from '../../contract/api.ts'
import type { EventName, Events } from '../../contract/events.ts'
import { m } from '../messages/index.ts'
import { Latest } from './latest.ts'

/** Error code of stale results: they belong to a project that is no longer open. */
export const OTHER_PROJECT = 'other-project'

/** An error of the engine, with the method that failed. */
export class CallError extends UserError {
  readonly method: Method
  constructor(method: Method, error: UserError) {
    super(error.code, error.message, error.details)
    this.method = method
  }
}

/** True if the result of this method is about the open project. */
export const isOfProject = (method: Method): boolean => METHODS[method].scope === 'project'

/** Receives failed calls, and successes that resolve earlier failures. */
interface Listener {
  error(error: unknown): void
  settled(method: Method): void
}

/**
 * The engine as the stores see it. Stale results and errors of the previous project reject with {@link OTHER_PROJECT}, which is
 * never shown. Each success is reported, so that notices about earlier failures can be removed.
 */
export class ProjectApi implements Api {
  readonly #projects = new Latest()

  constructor(
    private readonly api: Api,
    private readonly notices: Listener,
  ) {}
  /** Another project is open. */
  nextProject(): void {
    this.#projects.begin()
  }
  /** Returns a function that is true until another project is open. */
  current(): () => boolean {
    return this.#projects.current()
  }
  async call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    const sameProject = this.current()
    const late = () => !sameProject() && isOfProject(method)
    const dropped = () => new UserError(OTHER_PROJECT, m.connection.otherProject)
    let answer: Result<M>
    try {
      answer = await this.api.call(method, args)
    } catch (error) {
      if (late()) throw dropped()
      throw error instanceof UserError ? new CallError(method, error) : error
    }
    if (late()) throw dropped()
    this.notices.settled(method)
    return answer
  }
  /** Calls a method, and `use` with its result. If it fails, adds a notice and returns undefined. */
  ask<M extends Method>(method: M, args: ArgsIn<M>, use: (result: Result<M>) => unknown = () => undefined): Promise<Result<M> | undefined> {
    return this.guard(async () => {
      const result = await this.call(method, args)
      use(result)
      return result
    })
  }
  /** Runs `work`. If it fails, adds a notice and returns undefined. */
  async guard<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.notices.error(error)
      return undefined
    }
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    return this.api.on(event, listener)
  }
}
