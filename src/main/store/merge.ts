/**
 * A newer source joined to a project, in SQL: what differs, and doing it. Both run on a connection to a copy of the project (or
 * to the project itself, read-only, for the plan) with the staged import attached as `staged` and movies matched.
 */
import type { MatchBy, MergeExample, MergePlan } from '../../contract/merging.ts'
import { UserError } from '../../contract/errors.ts'
import type { Db } from './database.ts'
import { matchMovies } from './matching.ts'

/** Examples of each kind. */
const EXAMPLES = 50
const EXCERPT = 300

export type MergeFigures = Omit<MergePlan, 'token' | 'reason' | 'files' | 'problems'>

/** Opens the staged import beside the project. Throws `no-staged` where it is gone. */
export function attachStaged(db: Db, staged: string): void {
  db.prepare('attach database ? as staged').run(staged)
}

/** Ids match where both sources have some; else titles and plots do. */
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

/** Compares the rest of the cells only where both files are written alike: another separator is no other value. */
function otherColumns(db: Db): string {
  const shape = (schema: string): unknown =>
    db.prepare(`select group_concat(trim(header, char(10, 13)) || delimiter) from ${schema}.source_file where current = 1`).pluck().get()
  if (shape('main') !== shape('staged')) return '0'
  const raw = (schema: string, movie: string): string =>
    `(select rtrim(raw, char(10, 13)) from ${schema}.record where movie = ${movie} ${schema === 'main' ? 'and replaced is null' : ''} order by id limit 1)`
  return `coalesce(${raw('main', 'o.id')} <> ${raw('staged', 'n.id')}, 0)`
}

const CHANGED = 'back = 0 and (title or plot or genres or columns)'
/** Movies of the project that the new source lacks. */
const REMOVED = 'gone = 0 and id not in (select old from pair)'

/** What the merge would do; {@link compareSources} ran. */
export function mergeFigures(db: Db, by: MatchBy): MergeFigures {
  const count = (sql: string): number => db.prepare(sql).pluck().get() as number
  const changed = count(`select count(*) from delta where ${CHANGED}`)
  const added =
    count('select count(*) from staged.movie where id not in (select new from pair)') + count('select count(*) from delta where back = 1')
  collectCorrections(db)
  const on = (where: string): number => count(`select coalesce(sum(cells), 0) from corrected where movie in (${where})`)
  const onRemoved = on(`select id from main.movie where ${REMOVED}`)
  const onChanged = on(`select old from delta where ${CHANGED}`)
  return {
    by,
    same: count('select count(*) from delta where back = 0') - changed,
    added,
    changed,
    removed: count(`select count(*) from main.movie where ${REMOVED}`),
    corrections: { kept: count('select coalesce(sum(cells), 0) from corrected') - onRemoved, onChanged, onRemoved, agreed: agreed(db) },
    examples: { added: addedExamples(db), changed: changedExamples(db), removed: removedExamples(db) },
  }
}

/** Cells whose last decision differs from what the source said before the first: `corrected (movie, cells)`. */
function collectCorrections(db: Db): void {
  db.exec(`
    drop table if exists temp.decided;
    create temp table decided as
      select movie, genre, field,
        (select was from main.change c where c.id = first) as was, (select becomes from main.change c where c.id = last) as becomes
      from (select movie, genre, field, min(id) as first, max(id) as last from main.change
            where field in ('label', 'verdict') group by movie, genre, field);
    delete from temp.decided where was = becomes;
    drop table if exists temp.corrected;
    create temp table corrected as select movie, count(*) as cells from decided group by movie;
  `)
}

/** Corrected labels that the new source has as the analyst decided. */
function agreed(db: Db): number {
  return db
    .prepare(
      `select count(*) from decided d join pair on pair.old = d.movie join staged.movie n on n.id = pair.new join main.genre g on g.id = d.genre
       where d.field = 'label' and (d.becomes = '1') = exists (select 1 from json_each(n.source_genres) e where e.value = g.name)`,
    )
    .pluck()
    .get() as number
}

type Fields = MergeExample['fields']
const genreText = (json: string): string => (JSON.parse(json) as string[]).join(', ')
const excerpt = (text: string): string => (text.length <= EXCERPT ? text : text.slice(0, EXCERPT) + '…')

function addedExamples(db: Db): MergeExample[] {
  return db
    .prepare(
      `select key, title, 0 as corrections from staged.movie
       where id not in (select new from pair) or id in (select new from delta where back = 1) order by id limit ${EXAMPLES}`,
    )
    .all()
    .map((r) => ({ ...(r as Omit<MergeExample, 'fields'>), fields: [] }))
}

function removedExamples(db: Db): MergeExample[] {
  return db
    .prepare(
      `select key, title, coalesce((select cells from corrected where movie = m.id), 0) as corrections from main.movie m
       where ${REMOVED} order by corrections desc, id limit ${EXAMPLES}`,
    )
    .all()
    .map((r) => ({ ...(r as Omit<MergeExample, 'fields'>), fields: [] }))
}

interface ChangedRow {
  readonly key: string
  readonly title: string
  readonly plot: string
  readonly source_genres: string
  readonly newTitle: string
  readonly newPlot: string
  readonly newGenres: string
  readonly columns: number
  readonly corrections: number
}

/** Those with corrections first. */
function changedExamples(db: Db): MergeExample[] {
  const rows = db
    .prepare(
      `select o.key, o.title, o.plot, o.source_genres, n.title as newTitle, n.plot as newPlot, n.source_genres as newGenres, delta.columns,
         coalesce((select cells from corrected where movie = o.id), 0) as corrections
       from delta join main.movie o on o.id = delta.old join staged.movie n on n.id = delta.new
       where ${CHANGED} order by corrections desc, o.id limit ${EXAMPLES}`,
    )
    .all() as ChangedRow[]
  return rows.map((r) => ({ key: r.key, title: r.newTitle, corrections: r.corrections, fields: fieldsOf(r) }))
}

function fieldsOf(r: ChangedRow): Fields {
  const all: Fields = [
    { field: 'title', was: r.title, becomes: r.newTitle },
    { field: 'plot', was: excerpt(r.plot), becomes: excerpt(r.newPlot) },
    { field: 'genres', was: genreText(r.source_genres), becomes: genreText(r.newGenres) },
  ]
  const text = all.filter((f) => f.was !== f.becomes)
  return text.length > 0 || r.columns === 0 ? text : [{ field: 'columns', was: '', becomes: 'other columns differ' }]
}

export interface MergeOptions {
  /** Whether movies that the new source lacks stay in the catalogue, with their old records. */
  readonly keepRemoved: boolean
  readonly at: string
}

/**
 * Joins the staged source to the project in one transaction; {@link compareSources} ran on the same connection. Movies keep their
 * ids, so every decision stays on its movie; nothing is deleted: replaced records and files stay, marked as such.
 * @returns the ids of movies that are new, and of those whose plot or title changed, and the import's id
 */
export function applyMerge(db: Db, { keepRemoved, at }: MergeOptions): { readonly importId: number; readonly firstNew: number } {
  return db.transaction(() => {
    const importId = Number(db.prepare("insert into main.import (at, kind, report) values (?, 'merge', 'null')").run(at).lastInsertRowid)
    const firstNew = 1 + (db.prepare('select coalesce(max(id), 0) from main.movie').pluck().get() as number)
    addGenres(db)
    const shift = addFiles(db, importId, keepRemoved)
    changeMovies(db, importId)
    addMovies(db, importId)
    forgetPredictions(db)
    if (!keepRemoved) db.exec(`update main.movie set gone = 1 where ${REMOVED}`)
    moveRecords(db, importId, shift, keepRemoved)
    return { importId, firstNew }
  })()
}

/** Every spelling of a genre gets an id, as in a first import. */
function addGenres(db: Db): void {
  db.exec('insert into main.genre (name) select name from staged.genre where name not in (select name from main.genre) order by id')
}

/** @returns what a staged file's id is shifted by */
function addFiles(db: Db, importId: number, keepRemoved: boolean): number {
  const shift = db.prepare('select coalesce(max(id), 0) from main.source_file').pluck().get() as number
  if (!keepRemoved) db.exec('update main.source_file set current = 0')
  const columns = (db.pragma('main.table_info(source_file)') as { name: string }[])
    .map((c) => c.name)
    .filter((c) => !['id', 'import', 'current'].includes(c))
  db.prepare(
    `insert into main.source_file (id, import, current, ${columns.join(', ')})
     select id + ?, ?, 1, ${columns.join(', ')} from staged.source_file order by id`,
  ).run(shift, importId)
  return shift
}

/** The text index forgets the old text before the new one comes. */
function changeMovies(db: Db, importId: number): void {
  db.exec(`
    insert into movie_text (movie_text, rowid, title, plot) select 'delete', o.id, o.title, o.plot
      from delta join main.movie o on o.id = delta.old where delta.title or delta.plot;
  `)
  db.prepare(
    `update main.movie set (title, plot, source_genres) = (select n.title, n.plot, n.source_genres from staged.movie n join pair on pair.new = n.id where pair.old = movie.id),
       import = ?, gone = 0 where id in (select old from delta where back = 1 or title or plot or genres)`,
  ).run(importId)
  db.exec(`
    insert into movie_text (rowid, title, plot) select o.id, o.title, o.plot from delta join main.movie o on o.id = delta.old where delta.title or delta.plot;
  `)
}

/** New movies get new ids behind the old ones; a key that another movie holds gets a number. */
function addMovies(db: Db, importId: number): void {
  db.exec('drop table if exists temp.fresh; create temp table fresh (new integer primary key)')
  db.exec('insert into fresh select id from staged.movie where id not in (select new from pair) order by id')
  const taken = db.prepare('select 1 from main.movie where key = ?').pluck()
  const insert = db.prepare('insert into main.movie (key, title, plot, source_genres, import, gone) values (?, ?, ?, ?, ?, 0)')
  const text = db.prepare('insert into movie_text (rowid, title, plot) values (?, ?, ?)')
  const pair = db.prepare('insert into pair (old, new) values (?, ?)')
  const page = db.prepare<[number], { id: number; key: string; title: string; plot: string; source_genres: string }>(
    'select m.id, key, title, plot, source_genres from fresh join staged.movie m on m.id = fresh.new where m.id > ? order by m.id limit 1000',
  )
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.id))
    for (const m of rows) {
      let key = m.key
      for (let number = 2; taken.get(key) === 1; number++) key = `${m.key}#${number}`
      const id = Number(insert.run(key, m.title, m.plot, m.source_genres, importId).lastInsertRowid)
      text.run(id, m.title, m.plot)
      pair.run(id, m.id)
    }
}

/** A prediction speaks of the plot that the model read: a movie with another plot waits for the next training. */
function forgetPredictions(db: Db): void {
  const changed = new Set(db.prepare('select old from delta where plot').pluck().all() as number[])
  if (changed.size === 0) return
  const chunks = db.prepare('select run, chunk, movies from main.prediction').all() as { run: number; chunk: number; movies: Buffer }[]
  const update = db.prepare('update main.prediction set movies = ? where run = ? and chunk = ?')
  for (const { run, chunk, movies } of chunks) {
    const ids = new Int32Array(movies.buffer.slice(movies.byteOffset, movies.byteOffset + movies.byteLength))
    let touched = false
    // 0 is no movie's id
    ids.forEach((id, i) => {
      if (!changed.has(id)) return
      ids[i] = 0
      touched = true
    })
    if (touched) update.run(new Uint8Array(ids.buffer), run, chunk)
  }
}

/** The new records come in; where old files stay current, the records of movies that have new ones are marked as replaced. */
function moveRecords(db: Db, importId: number, shift: number, keepRemoved: boolean): void {
  if (keepRemoved)
    db.prepare('update main.record set replaced = ? where replaced is null and movie in (select old from delta)').run(importId)
  db.prepare(
    `insert into main.record (file, number, line, movie, raw, set_aside)
     select r.file + ?, r.number, r.line, pair.old, r.raw, r.set_aside from staged.record r left join pair on pair.new = r.movie order by r.id`,
  ).run(shift)
  db.prepare(
    `insert into main.decision (file, line, lines, what, why, before, after)
     select file + ?, line, lines, what, why, before, after from staged.decision order by id`,
  ).run(shift)
}
