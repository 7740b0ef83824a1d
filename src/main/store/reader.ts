import { openDatabase } from './database.ts'

/**
 * Plots of the given movies, in their order, read by a process that never writes.
 * @throws UserError when the project cannot be opened
 */
export function readPlots(project: string, movies: Int32Array): string[] {
  const db = openDatabase(project, 'read')
  try {
    const plot = db.prepare<[number], string>('select plot from movie where id = ?').pluck()
    return Array.from(movies, (id) => plot.get(id) ?? '')
  } finally {
    db.close()
  }
}
