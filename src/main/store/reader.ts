import { openDatabase } from './database.ts'
import { MovieTable } from './movies.ts'

/**
 * Cleaned plots of the given movies, in their order, read by a process that never writes.
 * @throws UserError when the project cannot be opened
 */
export function readPlots(project: string, movies: Int32Array): string[] {
  const db = openDatabase(project, 'read')
  try {
    const table = new MovieTable(db)
    return Array.from(movies, (id) => table.text(id)?.plot ?? '')
  } finally {
    db.close()
  }
}
