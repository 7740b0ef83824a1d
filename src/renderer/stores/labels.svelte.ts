import type { ArgsIn } from '../../contract/api.ts'
import type { BulkAction, Change, ChangeResult, Filter } from '../../contract/review.ts'
import type { UndoState } from '../../contract/records.ts'
import { messageOf } from '../../contract/errors.ts'
import { m } from '../messages/index.ts'
import type { Notices } from './notices.svelte.ts'
import { OwnBatches } from './own-batches.ts'
import { Session } from './session.svelte.ts'
import type { ProjectApi } from './project-api.ts'

export interface BulkEdit {
  readonly filter: Filter
  /** Null: all movies of the filter. */
  readonly movies: readonly number[] | null
  readonly action: BulkAction
  readonly genre: number | null
  readonly by: number | null
}

/** The entry of the change log for a batch, see `labels.apply`. */
export interface Entry {
  readonly description: string
  /** True if it accepts or refuses a suggestion. */
  readonly suggestion: boolean
  readonly why: string
}
/** The rows and counts on screen, see `labels.apply`. */
export interface Shown {
  readonly filter: Filter | null
  readonly prefetch: readonly number[]
}

/** The effect of the last decision, undo or redo. */
export interface Effect {
  readonly text: string
  /** True for a decision: undo takes it back. */
  readonly undoes: boolean
}

const asArgs = (edit: BulkEdit) => ({ ...edit, movies: edit.movies && [...edit.movies] })

const NOTHING: UndoState = { undo: null, redo: null, corrections: 0, reviewed: 0, newest: 0 }

/** The change log: applies, undoes and redoes the window's decisions. */
export class Labels {
  state = $state.raw<UndoState>(NOTHING)
  /** Decisions that the engine has not confirmed yet. */
  saving = $state.raw(0)
  /** Why the last decision was not saved; null if it was. */
  unsaved = $state.raw<string | null>(null)
  /** The batches of this window, bulk edits excepted: these are shown by reading everything again, as changes of another client. */
  readonly own = new OwnBatches()
  readonly session = new Session()
  /** Review shows it until the next decision; null: nothing was decided since the project was opened, or the last decision failed. */
  effect = $state.raw<Effect | null>(null)
  #reverted: { readonly filter: () => Filter; readonly listener: (result: ChangeResult, filter: Filter) => void } | null = null

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
  ) {}
  /** Another project is open. */
  reset(): void {
    this.state = NOTHING
    this.effect = null
    this.own.clear()
    this.unsaved = null
    this.session.reset()
  }
  /** The newest batch of the change log; 0 if there is none. */
  get batch(): number {
    return this.state.newest
  }
  /** `filter` returns the filter of the list on screen; `listener` receives it with the result of every undo and redo. */
  onRevert(filter: () => Filter, listener: (result: ChangeResult, filter: Filter) => void): void {
    this.#reverted = { filter, listener }
  }
  async load(): Promise<void> {
    await this.api.ask('labels.state', {}, (state) => (this.state = state))
  }
  /** Returns undefined if the engine refused, with a notice on screen. */
  async apply(
    changes: readonly Change[],
    { description, suggestion, why }: Entry,
    { filter, prefetch }: Shown,
  ): Promise<ChangeResult | undefined> {
    const texts = { description: description.slice(0, 200), why: why.slice(0, 1000) }
    const args: ArgsIn<'labels.apply'> = { changes: [...changes], ...texts, suggestion, filter }
    const done = await this.#ours(() => this.api.call('labels.apply', { ...args, prefetch: [...prefetch] }))
    if (done?.changes) this.session.decided(changes, done.after.rows ?? [])
    return done
  }
  /** Settles a dispute; undefined if the engine refused, with a notice on screen. */
  adjudicate(args: ArgsIn<'labels.adjudicate'>): Promise<ChangeResult | undefined> {
    return this.#ours(() => this.api.call('labels.adjudicate', args))
  }
  countBulk(edit: BulkEdit) {
    return this.api.ask('labels.bulk', { ...asArgs(edit), dryRun: true })
  }
  async applyBulk(edit: BulkEdit): Promise<boolean> {
    const done = await this.api.guard(() => this.#save(() => this.api.call('labels.bulk', { ...asArgs(edit), dryRun: false })))
    if (!done) return false
    this.state = done
    if (done.undo !== null && done.batch !== null) this.confirm(done.undo)
    return true
  }
  async #save<T>(work: () => Promise<T>): Promise<T> {
    this.saving++
    try {
      const done = await work()
      this.unsaved = null
      return done
    } catch (error) {
      this.unsaved = messageOf(error)
      throw error
    } finally {
      this.saving--
    }
  }
  async #ours(work: () => Promise<ChangeResult>): Promise<ChangeResult | undefined> {
    const done = await this.own.run(() => this.api.guard(() => this.#save(work)))
    if (done) this.state = done
    return done
  }
  /** Announces a decision that can be undone. */
  confirm(text: string): void {
    this.effect = { text, undoes: true }
  }
  /** Call this when the announced effect is no longer the latest event. */
  expire(): void {
    this.effect = null
  }
  undo = (): Promise<void> => this.#revert('labels.undo', this.state.undo)
  redo = (): Promise<void> => this.#revert('labels.redo', this.state.redo)

  async #revert(method: 'labels.undo' | 'labels.redo', what: string | null): Promise<void> {
    if (what === null) return
    const filter = this.#reverted?.filter() ?? null
    const done = await this.#ours(() => this.api.call(method, { filter }))
    if (!done) return
    this.session.reread(done.after.rows ?? [])
    const description = done.description || what
    const text = method === 'labels.undo' ? m.labels.undid(description) : m.labels.redid(description)
    this.effect = { text, undoes: false }
    this.notices.info(text, undefined, 'review')
    if (filter) this.#reverted?.listener(done, filter)
  }
}
