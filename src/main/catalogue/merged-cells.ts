import { VERDICT_NAMES } from '../analysis/triage.ts'

interface State {
  label: 0 | 1
  /** As in a verdict matrix. */
  verdict: number
}

/**
 * Cells of columns that several genre ids map to, such as Sci-Fi and Science Fiction where cleaning gives both one name. The log refers
 * to ids as the source spells them, so that a change means the same whether the merging rule is on or off: each id keeps its own label
 * and verdict, and the cell shows their combination. Only cells that a change has touched are stored.
 */
export class MergedCells {
  readonly #cells = new Map<number, Map<number, State>>()
  /** Genre ids with which the source labels a cell. */
  readonly #sourceIds: (cell: number) => readonly number[]

  constructor(sourceIds: (cell: number) => readonly number[]) {
    this.#sourceIds = sourceIds
  }
  #cell(cell: number): Map<number, State> {
    let states = this.#cells.get(cell)
    if (!states) {
      states = new Map(this.#sourceIds(cell).map((id) => [id, { label: 1, verdict: 0 }]))
      this.#cells.set(cell, states)
    }
    return states
  }
  get(cell: number, genre: number): Readonly<State> {
    return this.#cell(cell).get(genre) ?? { label: 0, verdict: 0 }
  }
  set(cell: number, genre: number, part: Partial<State>): void {
    this.#cell(cell).set(genre, { ...this.get(cell, genre), ...part })
  }
  /** The cell is again as the source has it. */
  forget(cell: number): void {
    this.#cells.delete(cell)
  }
  /** Genre ids that contribute to a cell. */
  ids(cell: number): number[] {
    return [...this.#cell(cell).keys()]
  }
  /** The cell has the genre if one of its ids has it; of several verdicts it shows the first. */
  whole(cell: number): State {
    const states = [...this.#cell(cell).values()]
    return {
      label: states.some((s) => s.label === 1) ? 1 : 0,
      verdict: states.map((s) => s.verdict).find((v) => v !== 0) ?? 0,
    }
  }
}

/** Code of a verdict as the log writes it; 0 for none. */
export const verdictCode = (text: string): number =>
  Math.max(
    0,
    VERDICT_NAMES.findIndex((v) => v === text),
  )
