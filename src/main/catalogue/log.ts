import { UserError } from '../../contract/errors.ts'
import type { Batch, BatchInfo, UndoState } from '../../contract/records.ts'
import { inverse, timeAfter, undoStacks, type LogChange, type NewBatch } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

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
    this.#store.changes.assertLast(this.#last)
    if (changes.length === 0) return { batch: 0, description: batch.description, changes: 0, movies: [] }
    const made = this.#write({ ...batch, undoes: null }, changes)
    this.#undo.push(made)
    this.#redo.length = 0
    return info(made, changes)
  }
  /** True if the effect of undoing or redoing the batch is only known after the columns are read again. */
  isOlder(batch: number): boolean {
    return batch <= this.#since
  }
  /** Undoes the last batch that can be undone. @throws UserError `nothing-to-undo` */
  undo(who: string): BatchInfo {
    this.#store.changes.assertLast(this.#last)
    const last = this.#undo.at(-1)
    if (!last) throw new UserError('nothing-to-undo', 'There is nothing to undo.')
    const changes = this.#store.changes.changesOf(last.id).reverse().map(inverse)
    this.#write({ who, why: '', description: last.description, run: last.run, undoes: last.id }, changes)
    this.#undo.pop()
    this.#redo.push(last)
    return info(last, changes)
  }
  /** Redoes the batch that was undone last. @throws UserError `nothing-to-redo` */
  redo(who: string): BatchInfo {
    this.#store.changes.assertLast(this.#last)
    const next = this.#redo.at(-1)
    if (!next) throw new UserError('nothing-to-redo', 'There is nothing to redo.')
    const changes = this.#store.changes.changesOf(next.id)
    const undoing = this.#store.changes.undoing(next.id)
    this.#write({ who, why: '', description: next.description, run: next.run, undoes: undoing }, changes)
    this.#redo.pop()
    this.#undo.push(next)
    return info(next, changes)
  }
  #write(batch: Omit<NewBatch, 'at'>, changes: readonly LogChange[]): Batch {
    this.#store.assertThere()
    const full = { ...batch, at: timeAfter(this.#lastAt) }
    const id = this.#store.changes.append(full, changes, this.#last)
    this.#last = id
    this.#lastAt = full.at
    for (const c of changes) {
      this.#count(c, -1)
      this.#catalogue.apply(c, id)
      this.#count(c, 1)
    }
    return { ...full, id }
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

const info = (batch: Batch, changes: readonly LogChange[]): BatchInfo => ({
  batch: batch.id,
  description: batch.description,
  changes: changes.length,
  movies: [...new Set(changes.map((c) => c.movie))],
})
