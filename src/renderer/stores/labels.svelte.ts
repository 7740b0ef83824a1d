import type { Api, ArgsIn } from '../../contract/api.ts'
import type { Change, Filter } from '../../contract/review.ts'
import type { BatchInfo, UndoState } from '../../contract/records.ts'
import { m } from '../messages/index.ts'
import type { Notices } from './notices.svelte.ts'

export interface BulkEdit {
  readonly filter: Filter
  readonly action: 'add' | 'remove'
  readonly genre: number
}

const NOTHING: UndoState = { undo: null, redo: null, corrections: 0, reviewed: 0 }

/** The change log: applies, undoes and redoes the window's decisions. */
export class Labels {
  state = $state.raw<UndoState>(NOTHING)
  /** The newest batch of the change log; 0 if there is none. */
  batch = $state.raw(0)
  readonly #api: Api
  readonly #notices: Notices
  /** Number of this window's own changes whose `changed` event has not arrived yet. These events need no full refresh. */
  #expected = 0
  readonly #listeners: ((batch: BatchInfo) => void)[] = []

  constructor(api: Api, notices: Notices) {
    this.#api = api
    this.#notices = notices
  }
  /** Another project is open. */
  reset(): void {
    this.state = NOTHING
    this.batch = 0
    this.#expected = 0
  }
  /** `listener` is called with the batch of every undo and redo. */
  onRevert(listener: (batch: BatchInfo) => void): void {
    this.#listeners.push(listener)
  }
  async load(): Promise<void> {
    await this.#notices.guard(async () => {
      this.state = await this.#api.call('labels.state', {})
      this.batch = (await this.#api.call('labels.history', { limit: 1 }))[0]?.batch ?? 0
    })
  }
  /** Returns false if the engine refused, with a notice on screen. */
  async apply(changes: readonly Change[], description: string, suggestion: boolean): Promise<boolean> {
    const args: ArgsIn<'labels.apply'> = { changes: [...changes], description: description.slice(0, 200), suggestion }
    const done = await this.#ours(() => this.#api.call('labels.apply', args))
    if (done) this.#settle(done)
    return done !== undefined
  }
  #settle(done: UndoState & { readonly batch: number | null }): void {
    this.state = done
    this.batch = Math.max(this.batch, done.batch ?? 0)
  }
  countBulk(edit: BulkEdit) {
    return this.#notices.guard(() => this.#api.call('labels.bulk', { ...edit, dryRun: true }))
  }
  async applyBulk(edit: BulkEdit): Promise<boolean> {
    const done = await this.#notices.guard(() => this.#api.call('labels.bulk', { ...edit, dryRun: false }))
    if (done) this.#settle(done)
    return done !== undefined
  }
  /** True if a `changed` event is the echo of this window's own change. */
  takeEcho(): boolean {
    if (this.#expected === 0) return false
    this.#expected--
    return true
  }
  async #ours<T extends BatchInfo>(work: () => Promise<T>): Promise<T | undefined> {
    this.#expected++
    const done = await this.#notices.guard(work)
    // failed and empty changes have no echo
    if (done === undefined || done.changes === 0) this.#expected = Math.max(0, this.#expected - 1)
    return done
  }
  undo = (): Promise<void> => this.#revert('labels.undo', this.state.undo)
  redo = (): Promise<void> => this.#revert('labels.redo', this.state.redo)

  async #revert(method: 'labels.undo' | 'labels.redo', what: string | null): Promise<void> {
    if (what === null) return
    const done = await this.#ours(() => this.#api.call(method, {}))
    if (!done) return
    this.#settle(done)
    const description = done.description || what
    this.#notices.info(method === 'labels.undo' ? m.labels.undid(description) : m.labels.redid(description))
    for (const listener of this.#listeners) listener(done)
  }
}
