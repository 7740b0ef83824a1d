/** Finds tables that hold the plots and the genres of the same movies, such as a table of plots beside IMDb's title.basics. */
import type { Mapping } from '../../../../contract/importing.ts'
import { foldColumn } from '../files/columns.ts'
import { columnIndex } from '../records/read.ts'
import { columnsLike } from './headers.ts'
import { guessPlot } from './plots.ts'
import { cellsOf, rowsToGuessFrom } from './rows.ts'
import type { Sample } from './sample.ts'
import { guessGenres, guessId, guessSplit, guessTitle } from './sniff.ts'

/** A column of ids beside the plots, and the column of the same ids beside the genres. */
export interface IdColumns {
  readonly id: string
  readonly genresId: string
  /** Ids of the plots' first rows that the first rows of genres have, too, of how many. */
  readonly shared: number
  readonly of: number
}
export interface Join {
  /** Tables of genres; the others have the plots. */
  readonly lists: ReadonlySet<Sample>
  readonly mapping: Mapping
  /** The columns by which the tables are joined: none may be chosen as long as there are several. */
  readonly ids: readonly IdColumns[]
}

const NO_IDS = { id: null, genresId: null }
/** A pair of columns is chosen if it shares this many times as many ids as any other pair. */
const CLEARLY_MORE = 2
/** Share of the ids beside the plots that must differ. */
const UNIQUE_SHARE = 0.95

/** How tables of different columns belong together; null if they do not: each has plots or genres, and all have a column of the same ids. */
export function joinOf(samples: readonly Sample[], requested: Partial<Mapping>): Join | null {
  const plotIn = (sample: Sample): string | null => chosen(sample, requested.plot) ?? guessPlot(sample.columns, rowsToGuessFrom(sample))
  const genresIn = (sample: Sample): string | null =>
    chosen(sample, requested.genres) ?? guessGenres(sample.columns, rowsToGuessFrom(sample), null)
  const [plots, lists] = [samples.filter((sample) => plotIn(sample) !== null), samples.filter((sample) => plotIn(sample) === null)]
  const [first, list] = [plots[0], lists[0]]
  if (!first || !list || lists.some((sample) => genresIn(sample) === null) || plots.some((sample) => genresOf(sample) !== null)) return null
  const rows = rowsToGuessFrom(first)
  const ids = idColumns(plots, lists, requested)
  if (ids.length === 0) return null
  const [plot, genres] = [plotIn(first), genresIn(list)]
  const taken = new Set([plot, genres, ...ids.flatMap(({ id, genresId }) => [id, genresId])].map((column) => foldColumn(column ?? '')))
  const untitled = (columns: readonly string[]): readonly string[] => columns.filter((column) => !taken.has(foldColumn(column)))
  const title = guessTitle(untitled(first.columns)) ?? guessTitle(untitled(list.columns))
  const [only, ...others] = ids
  const { id, genresId } = only && others.length === 0 ? only : NO_IDS
  const other = id !== null && foldColumn(id) === foldColumn(genresId) ? {} : { genresId }
  return { lists: new Set(lists), mapping: { id, ...other, title, plot, genres, split: guessSplit(first.columns, rows) }, ids }
}

/** The column of genres beside the plots. */
const genresOf = (sample: Sample): string | null => {
  const rows = rowsToGuessFrom(sample)
  return guessGenres(sample.columns, rows, guessPlot(sample.columns, rows))
}

function chosen({ columns }: Sample, name: string | null | undefined): string | null {
  return name === undefined || name === null ? null : (columns[columnIndex(columns, name)] ?? null)
}

/** The columns by which the tables can be joined: as chosen, of one name, or of the same values; several if none is clearly the one. */
function idColumns(plots: readonly Sample[], lists: readonly Sample[], { id, genresId }: Partial<Mapping>): readonly IdColumns[] {
  if (id === null) return []
  const [left, right] = [idsBy(plots, UNIQUE_SHARE, id), idsBy(lists, 0, genresId ?? undefined)]
  const pairs = left.flatMap((a) => right.map((b) => compared(a, b)))
  if (id !== undefined && typeof genresId === 'string') return pairs
  const name = id ?? (genresId === undefined ? sharedName(plots, lists) : null)
  const named = name === null ? [] : idsBy(plots, 0, name).flatMap((a) => idsBy(lists, 0, name).map((b) => compared(a, b)))
  if (genresId === null || named.some(({ shared }) => shared > 0)) return named
  const [best, ...others] = pairs.filter(({ shared }) => shared > 1).sort((a, b) => b.shared - a.shared)
  // the first rows of long tables may have no id in common
  const evident = best ? [best, ...others.filter(({ shared }) => shared * CLEARLY_MORE > best.shared)] : pairs.filter(({ alike }) => alike)
  return evident.length !== 1 && named.length > 0 ? named : evident
}

interface Ids {
  readonly column: string
  readonly values: ReadonlySet<string>
  /** The ids with their digits as `#`, such as `tt#`; null if they differ in this, or are mere numbers. */
  readonly shape: string | null
}
const compared = (a: Ids, b: Ids): IdColumns & { readonly alike: boolean } => ({
  id: a.column,
  genresId: b.column,
  shared: [...a.values].filter((id) => b.values.has(id)).length,
  of: a.values.size,
  alike: a.shape !== null && a.shape === b.shape,
})

/** The column called `wanted`, else those whose cells may be ids: words, of which this share differs. Numbers are ids where the name says so. */
function idsBy(samples: readonly Sample[], unique: number, wanted?: string): readonly Ids[] {
  const columns = samples[0]?.columns ?? []
  const asked = wanted === undefined ? columns : columns.filter((_, i) => i === columnIndex(columns, wanted))
  return asked.flatMap((column): readonly Ids[] => {
    const at = samples.map((sample) => columnIndex(sample.columns, column))
    if (at.includes(-1)) return []
    const cells = samples.flatMap((sample, i) => cellsOf(rowsToGuessFrom(sample), at[i] ?? -1).map((cell) => cell.trim()))
    const [values, shapes] = [new Set(cells), new Set(cells.map((cell) => cell.replace(/\d+/g, '#')))]
    const [shape = ''] = shapes
    const areNumbers = [...shapes].every((each) => !/\p{L}/u.test(each))
    const areIds = cells.every((cell) => !/\s/.test(cell)) && values.size > 1 && values.size >= unique * cells.length
    if (wanted === undefined && !(areIds && (!areNumbers || columnsLike('id', [column]).length > 0))) return []
    return [{ column, values, shape: shapes.size > 1 || areNumbers || !shape.includes('#') ? null : shape }]
  })
}

/** The column of ids that every table has: the one with the name of an id, else the first with a value of its own in each row of the plots. */
function sharedName([plots]: readonly Sample[], lists: readonly Sample[]): string | null {
  if (!plots) return null
  const rows = rowsToGuessFrom(plots)
  const isShared = (column: string): boolean => lists.every(({ columns }) => columnIndex(columns, column) >= 0)
  const isUnique = (column: string): boolean => new Set(cellsOf(rows, plots.columns.indexOf(column))).size === rows.length
  const called = guessId(plots.columns, rows)
  return called !== null && isShared(called) ? called : (plots.columns.find((column) => isShared(column) && isUnique(column)) ?? null)
}
