/** Divides a catalogue into bins, each with its filter: by length, number of genres, or an original column. */
import { quoteIfNeeded, suggestion, valueText, type Word } from '../../contract/filter.ts'
import type { Bin } from '../../contract/error-analysis.ts'
import { UserError } from '../../contract/errors.ts'
import type { Column, OriginalColumns } from './original-columns.ts'
import type { ScopeOfCells } from './scoring.ts'

/** Movies with at least this many genres are one bin. */
const MAX_GENRES = 5
/** Values of a category, the most frequent ones. */
const VALUES = 20
const ANY: Word = { text: '*', exact: false, from: 0, to: 1 }

/** `name<a`, `name>=a name<b`, …: bins with about as many values each, by the quantiles of these values. */
export function bins(name: string, values: Float64Array, count: number): Bin[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const cuts = Array.from({ length: count - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / count)])
  const edges = [...new Set(cuts)].filter((edge): edge is number => edge !== undefined && edge > sorted[0]!)
  if (edges.length === 0) return []
  return [null, ...edges].map((from, i) => {
    const to = edges[i] ?? null
    const where = [from === null ? '' : `${name}>=${from}`, to === null ? '' : `${name}<${to}`].join(' ').trim()
    return { where, value: null, from, to }
  })
}
const only = (where: string, value: string): Bin => ({ where, value, from: null, to: null })

/** Bins of the number of words in the plot. */
export async function binsOfLength(columns: OriginalColumns, { rows }: ScopeOfCells, count: number): Promise<Bin[]> {
  await columns.loadLengths()
  const { lengths } = columns
  return lengths ? bins('length', Float64Array.from(rows, (row) => lengths[row]!), count) : [] // prettier-ignore
}
/** Bins of a column: ranges of numbers or years, or the values of a category; none for a text. Movies without a value are in no bin. */
export async function binsOfColumn(columns: OriginalColumns, column: Column, { rows }: ScopeOfCells, count: number): Promise<Bin[]> {
  const name = quoteIfNeeded(column.name)
  if (column.type === 'text') return []
  if (column.type === 'category') {
    const values = column.values.filter((value) => value !== '*').slice(0, VALUES)
    return values.map((value) => only(`${name}:${valueText(value)}`, value))
  }
  await columns.load(column, ':', ANY)
  const test = columns.test(column, ':', ANY, null)
  if (!test || !('values' in test)) return []
  const valueOf = (row: number): number => test.values[row]!
  const yearOf = (row: number): number => (Number.isNaN(valueOf(row)) ? NaN : new Date(valueOf(row)).getUTCFullYear())
  return bins(name, Float64Array.from(rows, column.type === 'date' ? yearOf : valueOf), count)
}

/**
 * Bins by `length`, `genres`, or the name of a column; the last bin holds the movies without a value.
 * @throws UserError `bad-arguments` for an unknown column or a column of texts
 */
export async function binsBy(by: string, columns: OriginalColumns, scope: ScopeOfCells, count: number): Promise<Bin[]> {
  const keyword = by.toLowerCase()
  if (keyword === 'length') return binsOfLength(columns, scope, count)
  if (keyword === 'genres')
    return Array.from({ length: MAX_GENRES }, (_, i) =>
      i + 1 < MAX_GENRES ? only(`genres=${i + 1}`, String(i + 1)) : { where: `genres>=${i + 1}`, value: null, from: i + 1, to: null },
    )
  const column = columns.named(by)
  const choices = ['length', 'genres', ...columns.list().filter(({ type }) => type !== 'text').map(({ name }) => name)] // prettier-ignore
  if (!column) throw new UserError('bad-arguments', `There is no column ${by}${suggestion(by, choices)}`)
  if (column.type === 'text')
    throw new UserError('bad-arguments', `${column.name} holds texts, which cannot be divided into bins: choose ${choices.join(', ')}.`)
  const missing = only(`-${quoteIfNeeded(column.name)}:*`, '')
  return [...(await binsOfColumn(columns, column, scope, count)), missing]
}
