import { modelText, type MovieTexts, type TextRecipe } from '../../contract/model-text.ts'
import { CleaningTable } from './cleanings.ts'
import { ColumnTable } from './columns.ts'
import { openDatabase } from './database.ts'
import { MovieTable } from './movies.ts'
import { RunTable } from './runs.ts'
import { SourceTable, type SourceFile } from './sources.ts'

/**
 * Cleaned plots of the given movies, in their order, one after the other, for a process that only reads and keeps
 * none of them in memory.
 * @throws UserError when the project cannot be opened
 */
export function* eachPlot(project: string, movies: Int32Array): Generator<string> {
  for (const { plot } of texts(project, movies)) yield plot
}

/**
 * The texts of the given movies that models read, in the same way.
 * @param cellsIn the cells of a record
 * @param plotAt another plot for the movie at a place; undefined: its own
 */
export function* eachText(
  project: string,
  movies: Int32Array,
  recipe: TextRecipe,
  cellsIn: CellsIn,
  plotAt: (place: number) => string | undefined = () => undefined,
): Generator<string> {
  let place = 0
  for (const text of texts(project, movies, recipe.columns?.length ? cellsIn : null)) {
    const plot = plotAt(place++)
    yield modelText(recipe, plot === undefined ? text : { ...text, plot })
  }
}
/** Title and cleaned plot of the given movies, in the same way. */
export const eachTitleAndPlot = (project: string, movies: Int32Array): Generator<MovieTexts> => texts(project, movies)
/** Every movie that cleaning kept, in file order: its id, its title, and what models read of it. */
export function* eachKept(project: string, recipe: TextRecipe, cellsIn: CellsIn): Generator<{ key: string; title: string; text: string }> {
  const db = openDatabase(project, 'read')
  try {
    const [movies, columns] = [new MovieTable(db), new ColumnTable(db)]
    const out = columns.whole(new CleaningTable(db).generation(), 'out', movies.lastId() + 1)
    const cellsOf = recipe.columns?.length ? originalCells(new SourceTable(db), cellsIn) : () => []
    for (const [movie, step] of out.entries()) {
      const found = step === 0 && movie > 0 ? movies.text(movie) : null
      if (found) yield { key: found.key, title: found.title, text: modelText(recipe, { ...found, cells: cellsOf(movie) }) }
    }
  } finally {
    db.close()
  }
}

type CellsIn = (raw: string, file: SourceFile) => readonly string[]

function* texts(project: string, movies: Int32Array, cellsIn: CellsIn | null = null): Generator<MovieTexts> {
  const db = openDatabase(project, 'read')
  try {
    const table = new MovieTable(db)
    const cellsOf = cellsIn && originalCells(new SourceTable(db), cellsIn)
    for (const id of movies) {
      const { title, plot } = table.text(id) ?? { title: '', plot: '' }
      yield cellsOf ? { title, plot, cells: cellsOf(id) } : { title, plot }
    }
  } finally {
    db.close()
  }
}

/** The original columns of a movie's first record. */
export function originalCells(sources: SourceTable, cellsIn: CellsIn): (movie: number) => NonNullable<MovieTexts['cells']> {
  const files = new Map(sources.files().map((file) => [file.id, file]))
  return (movie) => {
    const [record] = sources.ofMovie(movie, 1)
    const file = record && files.get(record.file)
    if (!record || !file) return []
    const cells = cellsIn(record.raw, file)
    return file.columns.map((name, i) => ({ name, value: cells[i] ?? '' }))
  }
}

/** Bytes of a run's model that are stored in the project; null if there are none. @throws UserError when the project cannot be opened */
export function modelBytes(project: string, run: number): Uint8Array | null {
  const db = openDatabase(project, 'read')
  try {
    return new RunTable(db).model(run)?.bytes ?? null
  } finally {
    db.close()
  }
}
