/**
 * Texts read once and stored as numbers: words, or chunks without white space, in the order of the text. The later steps, choosing a
 * vocabulary and filling the matrix, work on these numbers, so the texts need not stay in memory.
 */
import { IntList } from './lists.ts'

/** From this length on V8 stores a substring as a view, which would keep the whole text in memory. */
const SLICED = 13

/** The pieces of all rows, by number. */
export class Pieces {
  /** The text of each number. */
  readonly names: string[] = []
  private readonly ids = new Map<string, number>()
  private readonly all = new IntList()
  private readonly ends = new IntList()

  /** The number of a piece; a new number for a new piece. */
  number(piece: string): number {
    const known = this.ids.get(piece)
    if (known !== undefined) return known
    const name = piece.length < SLICED ? piece : Buffer.from(piece, 'utf16le').toString('utf16le')
    this.ids.set(name, this.names.length)
    return this.names.push(name) - 1
  }
  /** Adds the next piece of the current row. */
  push(id: number): void {
    this.all.push(id)
  }
  endRow(): void {
    this.ends.push(this.all.size)
  }
  /** Call after the last row: pieces are no longer looked up by their text. */
  close(): void {
    this.ids.clear()
  }
  get rows(): number {
    return this.ends.size
  }
  /** The numbers of all rows, one row after the other. */
  get data(): Int32Array {
    return this.all.data
  }
  /** Offset of a row in `data`; it ends where the next one begins. */
  start(row: number): number {
    return row === 0 ? 0 : this.ends.data[row - 1]!
  }
}
