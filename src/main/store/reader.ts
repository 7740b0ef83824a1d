import { modelText, type Reads } from '../../contract/model-text.ts'
import { openDatabase } from './database.ts'
import { MovieTable, type MovieText } from './movies.ts'
import { RunTable } from './runs.ts'

/**
 * Cleaned plots of the given movies, in their order, one after the other, for a process that only reads and keeps
 * none of them in memory.
 * @throws UserError when the project cannot be opened
 */
export function* eachPlot(project: string, movies: Int32Array): Generator<string> {
  for (const { plot } of texts(project, movies)) yield plot
}

/** What models read of the given movies, in the same way. */
export function* eachText(project: string, movies: Int32Array, reads: Reads): Generator<string> {
  for (const text of texts(project, movies)) yield modelText(reads, text)
}

function* texts(project: string, movies: Int32Array): Generator<Pick<MovieText, 'title' | 'plot'>> {
  const db = openDatabase(project, 'read')
  try {
    const table = new MovieTable(db)
    for (const id of movies) yield table.text(id) ?? { title: '', plot: '' }
  } finally {
    db.close()
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
