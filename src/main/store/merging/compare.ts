/** Compares a project with a staged import: matches the movies, compares their texts and genres. */
import type { MatchBy } from '../../../contract/merging.ts'
import type { Db } from '../database.ts'
import { matchMovies } from './matching.ts'

export function attachStaged(db: Db, staged: string): void {
  db.prepare('attach database ? as staged').run(staged)
}

/** Movies are matched by id if both sources have ids; else by title and plot. */
export function chooseMatch(db: Db): { readonly by: MatchBy; readonly reason: string } {
  const idColumn = (schema: string): string | null =>
    (db.prepare(`select id_column from ${schema}.source_file where current = 1 and role = 'movies' order by id limit 1`).pluck().get() as
      string | null | undefined) ?? null
  const [old, fresh] = [idColumn('main'), idColumn('staged')]
  if (old !== null && fresh !== null)
    return { by: 'id', reason: `Movies are matched by their id (column "${fresh}"${old === fresh ? '' : `, "${old}" in the project`}).` }
  const lacking = old === null ? 'the project has' : 'the new files have'
  return { by: 'text', reason: `Movies are matched by title and plot: ${lacking} no id column.` }
}

/** Matches the movies and compares the pairs into the temporary tables `pair` and `delta`. */
export function compareSources(db: Db, by: MatchBy): void {
  matchMovies(db, by)
  db.exec(`
    drop table if exists temp.delta;
    create temp table delta (old integer primary key, new integer not null, back integer, title integer, plot integer, genres integer, columns integer);
    insert into delta
      select o.id, n.id, o.gone, o.title <> n.title, o.plot <> n.plot, o.source_genres <> n.source_genres, ${otherColumns(db)}
      from pair join main.movie o on o.id = pair.old join staged.movie n on n.id = pair.new;
  `)
}

/** Compares the other cells only if both files are written in the same way: another separator is not another value. */
function otherColumns(db: Db): string {
  const shape = (schema: string): unknown =>
    db.prepare(`select group_concat(trim(header, char(10, 13)) || delimiter) from ${schema}.source_file where current = 1`).pluck().get()
  if (shape('main') !== shape('staged')) return '0'
  const raw = (schema: string, movie: string): string =>
    `(select rtrim(raw, char(10, 13)) from ${schema}.record where movie = ${movie} ${schema === 'main' ? 'and replaced is null' : ''} order by id limit 1)`
  return `coalesce(${raw('main', 'o.id')} <> ${raw('staged', 'n.id')}, 0)`
}

/** Condition on `delta`: movies of the project whose source differs. */
export const CHANGED = 'delta.back = 0 and (delta.title or delta.plot or delta.genres or delta.columns)'
/** Movies of the project that the new source lacks. */
export const REMOVED = 'gone = 0 and id not in (select old from pair)'
