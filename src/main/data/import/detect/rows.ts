/** Rows of a table's beginning, from which columns are guessed. */

export type Rows = readonly (readonly string[])[]

/** Cells that a guess examines: 40 rows of a table with 10,000 columns. */
const MOST_CELLS = 400_000

/** The rows that guesses examine in a table of this many columns. */
export function rowsToGuessFrom(rows: Rows, columns: number): Rows {
  return rows.slice(0, Math.max(20, Math.floor(MOST_CELLS / Math.max(1, columns))))
}

/** Mean length of the cells. */
export function averageLength(cells: readonly string[]): number {
  return cells.length === 0 ? 0 : cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
}

/** The cells of one column that are not empty. */
export function cellsOf(rows: Rows, index: number): string[] {
  return rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '')
}
