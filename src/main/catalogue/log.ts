import { UserError } from '../../contract/errors.ts'
import type { Batch, BatchInfo, UndoState } from '../../contract/records.ts'
import { inverse, timeAfter, undoStacks, type Copy, type LogChange, type NewBatch } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

/** Changes from which on a batch is written while other calls run: writing 5,000 takes about 25 ms. */
const LARGE = 5000
/** A batch that is to be written. */
export interface Step {
  readonly batch: Omit<NewBatch, 'at'>
  readonly changes: readonly LogChange[] | Copy
  /** Puts the batch where undo and redo find it. @returns the batch that was decided, undone or redone */
  readonly ended: (made: Batch) => Batch
}

/**
 * Appends changes to the change log, and applies them to the columns in memory. Undo and redo append batches too. Every append throws
 * `project-changed` if another program has appended since the columns were read; they must then be read again.
 */
export class ChangeLog {
  readonly #store
  readonly #catalogue
  readonly #undo: Batch[]
  readonly #redo: Batch[]
  #last: number
  /** When the last batch was decided; null before the first. */
  #lastAt: string | null
  /** Batches up to this one were appended before the columns were read, possibly under another cleaning. */
  readonly #since: number
  #state: { corrections: number; reviewed: number }

  constructor(store: Store, catalogue: Catalogue) {
    this.#store = store
    this.#catalogue = catalogue
    const batches = store.changes.batches()
    const { undo, redo } = undoStacks(batches)
    this.#lastAt = batches.at(-1)?.at ?? null
    this.#undo = [...undo]
    this.#redo = [...redo]
    this.#last = this.#since = catalogue.lastBatch
    this.#state = { corrections: catalogue.corrections(), reviewed: catalogue.reviewedCount() }
  }
  state(): UndoState {
    const [undo, redo] = [this.#undo.at(-1), this.#redo.at(-1)]
    return { undo: undo?.description ?? null, redo: redo?.description ?? null, ...this.#state, newest: this.#last }
  }
  /** Appends the changes that alter something; they are on the disk when this returns. An empty list appends nothing (batch 0). */
  append(batch: Omit<NewBatch, 'undoes' | 'at'>, changes: readonly LogChange[]): BatchInfo {
    return this.write(this.appending(batch, changes))
  }
  appending(batch: Omit<NewBatch, 'undoes' | 'at'>, changes: readonly LogChange[]): Step {
    const ended = (made: Batch): Batch => {
      this.#undo.push(made)
      this.#redo.length = 0
      return made
    }
    return { batch: { ...batch, undoes: null }, changes, ended }
  }
  /** True if the effect of undoing or redoing the batch is only known after the columns are read again. */
  isOlder(batch: number): boolean {
    return batch <= this.#since
  }
  /** Undoes the last batch that can be undone. @throws UserError `nothing-to-undo` */
  undoing(who: string): Step {
    this.#store.changes.assertLast(this.#last)
    const last = this.#undo.at(-1)
    if (!last) throw new UserError('nothing-to-undo', 'There is nothing to undo.')
    const ended = (): Batch => {
      this.#undo.pop()
      this.#redo.push(last)
      return last
    }
    const batch = { who, why: '', description: last.description, run: last.run, undoes: last.id }
    return { batch, changes: { of: last.id, inverted: true }, ended }
  }
  /** Redoes the batch that was undone last. @throws UserError `nothing-to-redo` */
  redoing(who: string): Step {
    this.#store.changes.assertLast(this.#last)
    const next = this.#redo.at(-1)
    if (!next) throw new UserError('nothing-to-redo', 'There is nothing to redo.')
    const ended = (): Batch => {
      this.#redo.pop()
      this.#undo.push(next)
      return next
    }
    const batch = { who, why: '', description: next.description, run: next.run, undoes: this.#store.changes.undoing(next.id) }
    return { batch, changes: { of: next.id, inverted: false }, ended }
  }
  /** True if other clients would wait noticeably for {@link write}. */
  isLarge({ changes }: Step): boolean {
    return ('of' in changes ? this.#store.changes.countOf(changes.of, LARGE) : changes.length) >= LARGE
  }
  /** Writes and applies a step; it is on the disk when this returns. */
  write({ batch, changes, ended }: Step): BatchInfo {
    this.#store.changes.assertLast(this.#last)
    const all = 'of' in changes ? this.#changesOf(changes) : changes
    if (all.length === 0 && batch.undoes === null) return { batch: 0, description: batch.description, changes: 0, movies: [] }
    this.#store.assertThere()
    const full = { ...batch, at: timeAfter(this.#lastAt) }
    const id = this.#store.changes.append(full, all, this.#last)
    this.#written(id, full.at)
    for (const c of all) this.#apply(c, id)
    return info(ended({ ...full, id }), all.length, new Set(all.map((c) => c.movie)))
  }
  /** Like {@link write}, but other calls run meanwhile; no other step may be written until it is done. `run`: runs steps with pauses. */
  async writeInTurns({ batch, changes, ended }: Step, run: <T>(steps: Iterator<unknown, T>) => Promise<T>): Promise<BatchInfo> {
    const full = { ...batch, at: timeAfter(this.#lastAt) }
    const id = await this.#store.appendInTurns(full, changes, this.#last, run)
    this.#written(id, full.at)
    const shown = ended({ ...full, id })
    const { count, movies } = await run(this.#applyFromLog(id))
    return info(shown, count, movies)
  }
  *#applyFromLog(batch: number): Generator<undefined, { readonly count: number; readonly movies: ReadonlySet<number> }> {
    const movies = new Set<number>()
    let count = 0
    for (const page of this.#store.changes.pagesOfBatch(batch)) {
      for (const c of page) {
        this.#apply(c, batch)
        movies.add(c.movie)
      }
      count += page.length
      yield
    }
    return { count, movies }
  }
  #changesOf({ of, inverted }: Copy): readonly LogChange[] {
    const changes = this.#store.changes.changesOf(of)
    return inverted ? changes.reverse().map(inverse) : changes
  }
  #written(id: number, at: string): void {
    this.#last = id
    this.#lastAt = at
  }
  #apply(c: LogChange, batch: number): void {
    this.#count(c, -1)
    this.#catalogue.apply(c, batch)
    this.#count(c, 1)
  }
  /** Adds (+1) or subtracts (-1) the changed field's contribution to the counts. */
  #count(c: LogChange, sign: 1 | -1): void {
    const row = this.#catalogue.row(c.movie)
    if (row < 0) return
    if (c.field === 'reviewed') this.#state.reviewed += sign * this.#catalogue.marks.reviewed[row]!
    const column = c.field === 'label' ? this.#catalogue.column(c.genre ?? 0) : -1
    if (column < 0) return
    const cell = row * this.#catalogue.k + column
    if (this.#catalogue.labels[cell] !== this.#catalogue.source[cell]) this.#state.corrections += sign
  }
}

const info = ({ id, description }: Batch, changes: number, movies: ReadonlySet<number>): BatchInfo => ({
  batch: id,
  description,
  changes,
  movies: [...movies],
})
