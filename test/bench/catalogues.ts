/** Public catalogues as the benchmarks read them: movies with a plot and a genre, titles before plots. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { modelText } from '../../src/contract/model-text.ts'

export interface Movies {
  readonly ids: readonly string[]
  /** Title and plot. */
  readonly texts: readonly string[]
  readonly plots: readonly string[]
  readonly genres: readonly string[]
  /** (n, k) */
  readonly labels: Uint8Array
}
interface Row {
  readonly id: string
  readonly title: string
  readonly plot: string
  readonly genres: readonly string[]
}
type Cells = Record<string, string | undefined>

export const records = (path: string): Cells[] =>
  parse(readFileSync(path), { bom: true, columns: true, relax_column_count: true, relax_quotes: true })

/** Rows with a plot and a genre, the first with each key. */
function moviesOf(rows: Iterable<Row>, key: (row: Row) => string): Movies {
  const kept = new Map<string, Row>()
  for (const row of rows) if (row.plot !== '' && row.genres.length > 0 && !kept.has(key(row))) kept.set(key(row), row)
  const all = [...kept.values()]
  const genres = [...new Set(all.flatMap((row) => row.genres))].sort()
  const labels = new Uint8Array(all.length * genres.length)
  all.forEach((row, i) => row.genres.forEach((genre) => (labels[i * genres.length + genres.indexOf(genre)] = 1)))
  const texts = all.map((row) => modelText({ reads: 'title-plot' }, row))
  return { ids: all.map(({ id }) => id), texts, plots: all.map(({ plot }) => plot), genres, labels }
}
const list = (cell: string | undefined): string[] => (cell ?? '').split(',').flatMap((genre) => genre.trim() || [])
const row = (cells: Cells, id: string, title: string, plot: string, genres: readonly string[]): Row => ({
  id: cells[id] ?? '',
  title: (cells[title] ?? '').trim(),
  plot: (cells[plot] ?? '').trim(),
  genres,
})

/** '9000+ Movies', the first movie of each plot. */
export const nineThousand = (csv: string): Movies =>
  moviesOf(
    records(csv).map((cells) => row(cells, '', 'Title', 'Overview', list(cells['Genre']))),
    ({ plot }) => plot,
  )

const named = (cell: string | undefined): string[] =>
  [...new Set([...(cell ?? '').matchAll(/'name': '([^']*)'/g)].map(([, name]) => name!))].sort()
/** The Movies Dataset, the first record of each id. Genres are a Python list of dictionaries. */
export const moviesDataset = (csv: string): Movies =>
  moviesOf(
    records(csv).map((cells) => row(cells, 'id', 'title', 'overview', named(cells['genres']))),
    ({ id }) => id,
  )

/** Plots of IMDb by genre that are none. */
const PLACEHOLDERS = new Set(['Add a Plot', 'Plot unknown.', 'Plot under wraps.'])
/** IMDb by genre, all files of the folder, the first record of each movie that has a plot. */
export const imdbByGenre = (folder: string): Movies =>
  moviesOf(
    readdirSync(folder)
      .sort()
      .flatMap((file) => records(join(folder, file)))
      .map((cells) => row(cells, 'movie_id', 'movie_name', 'description', list(cells['genre'])))
      .filter(({ plot }) => !PLACEHOLDERS.has(plot)),
    ({ id }) => id,
  )
