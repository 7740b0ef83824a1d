import { OF_THE_SOURCE, ColumnTable } from './columns.ts'
import type { Db } from './database.ts'

/**
 * Ranks of titles, indexed by movie id: case and accents aside, numbers by their value, equal titles in file order.
 * @param titles with the movie ids
 */
export function titleRanks(titles: readonly (readonly [movie: number, title: string])[]): Int32Array {
  const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
  const sorted = [...titles].sort((a, b) => collator.compare(a[1], b[1]) || a[0] - b[0])
  const last = titles.reduce((most, [movie]) => Math.max(most, movie), -1)
  const ranks = new Int32Array(last + 1)
  sorted.forEach(([movie], rank) => (ranks[movie] = rank))
  return ranks
}

/** Ranks all titles of the project and writes the column. At the end of every import. */
export function rankTitles(db: Db): void {
  const rows = db.prepare('select id, title from movie order by title collate nocase, id').raw().all() as [number, string][]
  new ColumnTable(db).putWhole(OF_THE_SOURCE, 'title', titleRanks(rows))
}
