/** Finds tables that hold the plots and the genres of the same movies, such as a table of plots beside IMDb's title.basics. */
import type { Mapping } from '../../../../contract/importing.ts'
import { foldColumn } from '../files/columns.ts'
import { columnIndex } from '../records/read.ts'
import { guessPlot } from './plots.ts'
import { cellsOf, rowsToGuessFrom } from './rows.ts'
import type { Sample } from './sample.ts'
import { guessGenres, guessId, guessSplit, guessTitle } from './sniff.ts'

export interface Join {
  /** Tables of genres; the others have the plots. */
  readonly lists: ReadonlySet<Sample>
  readonly mapping: Mapping
}

/** How tables of different columns belong together; null if they do not: each has plots or genres, and all have the same column of ids. */
export function joinOf(samples: readonly Sample[], requested: Partial<Mapping>): Join | null {
  const plotIn = (sample: Sample): string | null => chosen(sample, requested.plot) ?? guessPlot(sample.columns, rowsToGuessFrom(sample))
  const genresIn = (sample: Sample): string | null =>
    chosen(sample, requested.genres) ?? guessGenres(sample.columns, rowsToGuessFrom(sample), null)
  const [plots, lists] = [samples.filter((sample) => plotIn(sample) !== null), samples.filter((sample) => plotIn(sample) === null)]
  const [first, list] = [plots[0], lists[0]]
  if (!first || !list || lists.some((sample) => genresIn(sample) === null) || plots.some((sample) => genresOf(sample) !== null)) return null
  const rows = rowsToGuessFrom(first)
  const id = requested.id === undefined ? sharedId(first, samples) : requested.id
  if (id === null || samples.some(({ columns }) => columnIndex(columns, id) < 0)) return null
  const [plot, genres] = [plotIn(first), genresIn(list)]
  const untitled = (columns: readonly string[]): readonly string[] =>
    columns.filter((column) => foldColumn(column) !== foldColumn(id) && ![plot, genres].includes(column))
  const title = guessTitle(untitled(first.columns)) ?? guessTitle(untitled(list.columns))
  return { lists: new Set(lists), mapping: { id, title, plot, genres, split: guessSplit(first.columns, rows) } }
}

/** The column of genres beside the plots. */
const genresOf = (sample: Sample): string | null => {
  const rows = rowsToGuessFrom(sample)
  return guessGenres(sample.columns, rows, guessPlot(sample.columns, rows))
}

function chosen({ columns }: Sample, name: string | null | undefined): string | null {
  return name === undefined || name === null ? null : (columns[columnIndex(columns, name)] ?? null)
}

/** The column of ids that every table has: the one with the name of an id, else the first with a value of its own in each row of the plots. */
function sharedId(plots: Sample, samples: readonly Sample[]): string | null {
  const rows = rowsToGuessFrom(plots)
  const isShared = (column: string): boolean => samples.every(({ columns }) => columnIndex(columns, column) >= 0)
  const isUnique = (column: string): boolean => new Set(cellsOf(rows, plots.columns.indexOf(column))).size === rows.length
  const called = guessId(plots.columns, rows)
  return called !== null && isShared(called) ? called : (plots.columns.find((column) => isShared(column) && isUnique(column)) ?? null)
}
