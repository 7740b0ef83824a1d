/** Movies as a workbook of Excel. The only importer of write-excel-file. */
import writeXlsxFile, { type SheetData } from 'write-excel-file/node'
import { UserError } from '../../../../contract/errors.ts'
import { EXCEL } from '../../../../contract/exporting.ts'
import { count } from '../../../../contract/words.ts'
import { syncFile } from '../../../files/atomic.ts'
import { cellText, tooManyRows, type MovieTable } from './movies.ts'

/** Characters of a workbook, which is made in memory. */
const MAX_CHARACTERS = 128_000_000

/** Writes a file that does not exist yet. @throws UserError `too-large-for-excel` rather than to cut a text or to leave out a movie */
export async function writeXlsx(path: string, { columns, movies, count: total, safe }: MovieTable): Promise<void> {
  const problem = tooManyRows(total)
  if (problem !== null) throw new UserError('too-large-for-excel', problem)
  const rows: SheetData = [columns.map(({ name }) => ({ value: name, fontWeight: 'bold' as const }))]
  let characters = 0
  for (const { key, values } of movies) {
    const cells = values.map((value) => (typeof value === 'number' ? value : safe(cellText(value))))
    const long = cells.findIndex((cell) => String(cell).length > EXCEL.cell)
    if (long >= 0)
      throw new UserError(
        'too-large-for-excel',
        `The ${columns[long]?.name ?? ''} of movie ${key} has ${count(String(cells[long]).length)} characters, and a cell of Excel holds ${count(EXCEL.cell)}: choose a filter without it, or another format such as CSV or Parquet.`,
      )
    characters += cells.reduce<number>((sum, cell) => sum + String(cell).length, 0)
    if (characters > MAX_CHARACTERS)
      throw new UserError(
        'too-large-for-excel',
        `A workbook is made in memory, of ${count(MAX_CHARACTERS)} characters at most, and these movies have more: choose a filter, fewer columns, or another format such as CSV or Parquet.`,
      )
    rows.push(cells.map((cell) => (typeof cell === 'number' ? { value: cell, type: Number } : { value: cell, type: String })))
  }
  await writeXlsxFile(rows, { sheet: 'Movies', stickyRowsCount: 1 }).toFile(path)
  syncFile(path)
}
