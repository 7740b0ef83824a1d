/** Rows of a table's beginning, from which columns are guessed. */
import { columnIndex } from '../records/read.ts'
import type { Sample } from './sample.ts'

export type Rows = readonly (readonly string[])[]

/** Cells that a guess examines: 40 rows of a table with 10,000 columns. */
const MAX_CELLS = 400_000

export function rowsOf({ records }: Pick<Sample, 'records'>): Rows {
  return records.map(({ fields }) => fields)
}

/** The rows that guesses examine. */
export function rowsToGuessFrom({ columns, records }: Pick<Sample, 'columns' | 'records'>): Rows {
  return rowsOf({ records: records.slice(0, Math.max(20, Math.floor(MAX_CELLS / Math.max(1, columns.length)))) })
}

/** Mean length of the cells. */
export function averageLength(cells: readonly string[]): number {
  return cells.length === 0 ? 0 : cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
}

/** The cells of the column called `name`, in all files that have it, that are not empty. */
export function cellsIn(files: readonly Pick<Sample, 'columns' | 'records'>[], name: string | null): string[] {
  return files.flatMap((file) => cellsOf(rowsOf(file), columnIndex(file.columns, name)))
}

/** The cells of one column that are not empty. */
export function cellsOf(rows: Rows, index: number): string[] {
  return rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '')
}
