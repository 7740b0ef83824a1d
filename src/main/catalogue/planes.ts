import { MARKS, SPLITS, type Mark } from '../../contract/records.ts'
import { BUCKET_BITS, KIND_NAMES } from '../analysis/triage.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'

/** Movies processed in one step. */
const BLOCK = 32_768

/**
 * The conditions on a cell. `inPlay`: the movie carries the genre, or is predicted to, or has a verdict on it; `bad`, `impossible`: the
 * cell's bucket; then its kind.
 */
const CELL_PLANES = ['carried', 'inPlay', 'bad', 'impossible', 'missing', 'spurious', 'swapped'] as const
type CellPlane = (typeof CELL_PLANES)[number]
export type CellPlanes = Readonly<Record<CellPlane, Bits>>

/** One bit per movie for every condition that a filter may name, updated after each change. */
export class Planes {
  /** One set of planes per genre. */
  readonly cells: readonly CellPlanes[]
  readonly buckets: Readonly<Record<keyof typeof BUCKET_BITS, Bits>>
  readonly marks: Readonly<Record<Mark, Bits>>
  /** One plane per split, in the order of `SPLITS`. */
  readonly splits: readonly Bits[]
  readonly trained: boolean
  readonly #catalogue: Catalogue
  readonly #predictions: Predictions | null

  private constructor(catalogue: Catalogue, predictions: Predictions | null) {
    const { n, k } = catalogue
    const plane = (): Bits => new Bits(n)
    this.#catalogue = catalogue
    this.#predictions = predictions
    this.trained = predictions !== null
    this.cells = Array.from({ length: k }, () => Object.fromEntries(CELL_PLANES.map((name) => [name, plane()])) as unknown as CellPlanes)
    this.buckets = { good: plane(), bad: plane(), impossible: plane() }
    this.marks = { reviewed: plane(), skipped: plane(), flagged: plane() }
    this.splits = SPLITS.map(plane)
  }
  static *loadInSteps(catalogue: Catalogue, predictions: Predictions | null): Generator<undefined, Planes> {
    const planes = new Planes(catalogue, predictions)
    for (let first = 0; first < catalogue.n; first += BLOCK) {
      const end = Math.min(catalogue.n, first + BLOCK)
      for (let row = first; row < end; row++) planes.#begin(row)
      yield
    }
    return planes
  }
  /** Sets the bits of a row that has none yet: only the few cells that carry information. */
  #begin(row: number): void {
    const { k, labels, verdicts } = this.#catalogue
    const predicted = this.#predictions?.predicted
    for (let j = 0, cell = row * k; j < k; j++, cell++) if (labels[cell] || predicted?.[cell] || verdicts[cell]) this.#setCell(row, j)
    this.#setRow(row)
  }
  /** Updates the bits of a row after its labels, verdicts or predictions have changed. */
  refresh(row: number): void {
    for (let j = 0; j < this.cells.length; j++) this.#setCell(row, j)
    this.#setRow(row)
  }
  #setRow(row: number): void {
    const { marks, split } = this.#catalogue
    const bits = this.#predictions ? this.#predictions.buckets[row]! : BUCKET_BITS.good
    this.buckets.good.set(row, (bits & BUCKET_BITS.good) !== 0)
    this.buckets.bad.set(row, (bits & BUCKET_BITS.bad) !== 0)
    this.buckets.impossible.set(row, (bits & BUCKET_BITS.impossible) !== 0)
    for (const mark of MARKS) this.marks[mark].set(row, marks[mark][row] === 1)
    for (let part = 0; part < this.splits.length; part++) this.splits[part]!.set(row, split[row] === part)
  }
  #setCell(row: number, column: number): void {
    const { k, labels, verdicts } = this.#catalogue
    const p = this.#predictions
    const cell = row * k + column
    const planes = this.cells[column]!
    const carried = labels[cell] === 1
    const inPlay = carried || (p !== null && (p.predicted[cell] === 1 || verdicts[cell] !== 0))
    planes.carried.set(row, carried)
    planes.inPlay.set(row, inPlay)
    if (!p) return
    const bucket = inPlay ? p.cellBucket(cell) : BUCKET_BITS.good
    const kind = KIND_NAMES[p.kinds[cell]!]
    planes.bad.set(row, bucket === BUCKET_BITS.bad)
    planes.impossible.set(row, bucket === BUCKET_BITS.impossible)
    planes.missing.set(row, kind === 'missing')
    planes.spurious.set(row, kind === 'spurious')
    planes.swapped.set(row, kind === 'swapped')
  }
}
