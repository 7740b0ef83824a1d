/** Learns what the cells of each column look like in most records, to tell a fragment from a record. */

const SHORT_WORD = /^\S{1,12}$/
/** Shapes of cells; the first that fits a column's cells is its shape. */
const SHAPES: readonly RegExp[] = [
  /^[+-]?\d[\d.,]*%?$/,
  /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ][\d:.]+Z?)?$/,
  /^https?:\/\/\S+$/,
  /^[a-z]{2}(?:[-_][A-Za-z]{2})?$/,
  /^[a-z]{1,3}\d+$/i,
  SHORT_WORD,
]
/** The share of records that may be exceptions, how many of a small table, and the fewest records to learn from. */
const EXCEPTIONS = 0.03
const FEW_EXCEPTIONS = 3
/** A column has a vocabulary if most of its cells are repetitions. */
const MAX_WORDS = 0.2
const MIN_RECORDS = 12

export interface ColumnEvidence {
  /** True if the cell has the shape of its column; null if the column has no shape. */
  readonly fits: readonly ((cell: string) => boolean | null)[]
  /** Columns that nearly every record fills. */
  readonly filled: readonly boolean[]
}

/** Learns from the first records; null if there are too few. */
export function learnEvidence(records: readonly (readonly string[])[], columns: number): ColumnEvidence | null {
  const full = records.filter((fields) => filledCells(fields) >= Math.min(2, columns))
  if (full.length < MIN_RECORDS) return null
  const indexes = Array.from({ length: columns }, (_, i) => i)
  return {
    fits: indexes.map((i) =>
      fitOf(
        full.map((fields) => fields[i] ?? '').filter((cell) => cell !== ''),
        full.length,
      ),
    ),
    filled: indexes.map((i) => nearlyAll(full, (fields) => (fields[i] ?? '') !== '')),
  }
}

/** Cells up to the last one that is not empty. */
export function filledCells(fields: readonly string[]): number {
  let count = fields.length
  while (count > 0 && fields[count - 1] === '') count--
  return count
}

function fitOf(cells: readonly string[], records: number): (cell: string) => boolean | null {
  if (cells.length < Math.max(MIN_RECORDS, records / 4)) return () => null
  const shape = SHAPES.find((pattern) => nearlyAll(cells, (cell) => pattern.test(cell)))
  // where most movies have one short genre, a list of some does not prove the contrary
  if (shape === SHORT_WORD) return (cell) => shape.test(cell) || (/[,;|/]/.test(cell) ? null : false)
  if (shape) return (cell) => shape.test(cell)
  const words = new Set(cells.flatMap(tokens))
  const count = cells.reduce((sum, cell) => sum + tokens(cell).length, 0)
  if (words.size > count * MAX_WORDS) return () => null
  return (cell) => (tokens(cell).every((token) => words.has(token)) ? true : null)
}

function nearlyAll<T>(items: readonly T[], is: (item: T) => boolean): boolean {
  const exceptions = items.filter((item) => !is(item)).length
  return exceptions <= Math.max(FEW_EXCEPTIONS, items.length * EXCEPTIONS)
}

/** Genres and the like: short names between separators. */
function tokens(cell: string): string[] {
  return cell.split(/[,;|/]/).map((name) => name.trim())
}
