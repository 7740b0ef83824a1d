import { openDatabase } from './database.ts'
import { MovieTable } from './movies.ts'

/**
 * Cleaned plots of the given movies, in their order, one after the other: read by a process that never writes, and that holds
 * none of them.
 * @throws UserError when the project cannot be opened
 */
export function* eachPlot(project: string, movies: Int32Array): Generator<string> {
  const db = openDatabase(project, 'read')
  try {
    const table = new MovieTable(db)
    for (const id of movies) yield table.text(id)?.plot ?? ''
  } finally {
    db.close()
  }
}
