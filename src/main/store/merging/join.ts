/** Joins a newer source to a project, in SQL. */
import { ColumnTable, OF_THE_SOURCE } from '../columns.ts'
import { openDatabase, type Db } from '../database.ts'
import { attachStaged, chooseMatch, compareSources, REMOVED } from './compare.ts'
import { freeKey } from '../movies.ts'
import { defineDigest } from './matching.ts'
import { pagesOf } from '../views.ts'

export interface MergeOptions {
  /** True if movies that the new source lacks stay in the catalogue, with their old records. */
  readonly keepRemoved: boolean
  readonly at: string
}

/** Joins a staged import to a project that no other program has open. @returns the import's id */
export function joinStaged(db: Db, staged: string, options: MergeOptions): number {
  attachStaged(db, staged)
  try {
    compareSources(db, chooseMatch(db).by)
    return applyMerge(db, staged, options)
  } finally {
    for (const table of ['pair', 'delta', 'fresh']) db.exec(`drop table if exists temp.${table}`)
    db.exec('detach database staged')
  }
}

/**
 * Joins the staged source to the project in one transaction; {@link compareSources} must have run on the same connection. Movies keep their
 * ids, so every decision stays on its movie; nothing is deleted: replaced records and files stay, marked as such.
 * @returns the import's id
 */
function applyMerge(db: Db, staged: string, { keepRemoved, at }: MergeOptions): number {
  return db.transaction(() => {
    const plan = db.prepare('select plan from staged.import order by id limit 1').pluck().get() ?? null
    const begin = db.prepare("insert into main.import (at, kind, report, plan) values (?, 'merge', 'null', ?)")
    const importId = Number(begin.run(at, plan).lastInsertRowid)
    addGenres(db)
    const shift = addFiles(db, importId, keepRemoved)
    changeMovies(db, importId)
    addMovies(db, importId)
    forgetPredictions(db)
    if (!keepRemoved) db.exec(`update main.movie set gone = 1 where ${REMOVED}`)
    moveRecords(db, importId, shift, keepRemoved)
    splitNewMovies(db, staged)
    return importId
  })()
}

/** Every spelling of a genre gets an id, as in a first import. */
function addGenres(db: Db): void {
  db.exec('insert into main.genre (name) select name from staged.genre where name not in (select name from main.genre) order by id')
}

/** @returns the offset of the ids of staged files */
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

/** Updates the changed movies and the text index, from which SQLite requires the old text to be removed first. */
function changeMovies(db: Db, importId: number): void {
  db.exec(`
    insert into movie_text (movie_text, rowid, title, plot) select 'delete', o.id, o.title, o.plot
      from delta join main.movie o on o.id = delta.old where delta.title or delta.plot;
  `)
  // a plot of the source's own takes the place of an accepted one
  db.exec('update main.answer set accepted = 0 where accepted = 1 and movie in (select old from delta where plot)')
  db.prepare(
    `update main.movie set (title, plot, source_genres) = (select n.title, n.plot, n.source_genres from staged.movie n join pair on pair.new = n.id where pair.old = movie.id),
       import = ?, gone = 0 where id in (select old from delta where back = 1 or title or plot or genres)`,
  ).run(importId)
  db.exec(`
    insert into movie_text (rowid, title, plot) select o.id, o.title, o.plot from delta join main.movie o on o.id = delta.old where delta.title or delta.plot;
  `)
}

/** Adds new movies under new ids, which follow the old ones. A key that another movie has gets a number. */
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
  for (const rows of pagesOf(
    (after) => page.all(after),
    (row) => row.id,
  ))
    for (const m of rows) {
      const key = freeKey(m.key, (other) => taken.get(other) === 1)
      const id = Number(insert.run(key, m.title, m.plot, m.source_genres, importId).lastInsertRowid)
      text.run(id, m.title, m.plot)
      pair.run(id, m.id)
    }
}

/** Removes the predictions of movies whose plot changed: a prediction is valid only for the plot that the model has read. */
function forgetPredictions(db: Db): void {
  const changed = new Set(db.prepare('select old from delta where plot').pluck().all() as number[])
  if (changed.size === 0) return
  const chunks = db.prepare('select run, chunk, movies from main.prediction').all() as { run: number; chunk: number; movies: Buffer }[]
  const update = db.prepare('update main.prediction set movies = ? where run = ? and chunk = ?')
  for (const { run, chunk, movies } of chunks) {
    const ids = new Int32Array(movies.buffer.slice(movies.byteOffset, movies.byteOffset + movies.byteLength))
    let touched = false
    // 0 is not a movie's id
    ids.forEach((id, i) => {
      if (!changed.has(id)) return
      ids[i] = 0
      touched = true
    })
    if (touched) update.run(new Uint8Array(ids.buffer), run, chunk)
  }
}

/** Adds the new records; if old files stay current, the records of movies that have new ones are marked as replaced. */
function moveRecords(db: Db, importId: number, shift: number, keepRemoved: boolean): void {
  if (keepRemoved)
    db.prepare('update main.record set replaced = ? where replaced is null and movie in (select old from delta)').run(importId)
  db.prepare(
    `insert into main.record (file, number, line, movie, raw, exact, rejection)
     select r.file + ?, r.number, r.line, pair.old, r.raw, r.exact, r.rejection from staged.record r left join pair on pair.new = r.movie order by r.id`,
  ).run(shift)
  db.prepare(
    `insert into main.import_log (file, line, lines, what, why, before, after)
     select file + ?, line, lines, what, why, before, after from staged.import_log order by id`,
  ).run(shift)
}

/**
 * New movies get the part that the staged import gave them: its own split, or a stratified one. One whose plot another movie
 * already has gets the part of that movie, so that no test movie is trained on.
 */
function splitNewMovies(db: Db, staged: string): void {
  const fresh = db.prepare('select pair.old, pair.new from pair join fresh on fresh.new = pair.new order by pair.old').all() as {
    old: number
    new: number
  }[]
  const last = fresh.at(-1)
  if (!last) return
  const columns = new ColumnTable(db)
  const split = columns.whole(OF_THE_SOURCE, 'split', last.old + 1)
  const source = openDatabase(staged, 'read')
  try {
    const theirs = new ColumnTable(source).whole(OF_THE_SOURCE, 'split', fresh.reduce((most, m) => Math.max(most, m.new), 0) + 1)
    for (const m of fresh) split[m.old] = theirs[m.new] ?? 0
  } finally {
    source.close()
  }
  for (const m of samePlots(db)) split[m.movie] = split[m.first] ?? 0
  columns.putWhole(OF_THE_SOURCE, 'split', split)
}

/** New movies with the plot of an older one. */
function samePlots(db: Db): { movie: number; first: number }[] {
  defineDigest(db)
  db.exec(`
    drop table if exists temp.plot_of;
    create temp table plot_of (plot integer primary key, movie integer) without rowid;
    insert or ignore into plot_of select digest(plot), id from main.movie
      where digest(plot) is not null and id not in (select old from pair join fresh on fresh.new = pair.new) order by id;
  `)
  const found = db
    .prepare(
      `select pair.old as movie, p.movie as first from fresh join pair on pair.new = fresh.new
         join main.movie m on m.id = pair.old join plot_of p on p.plot = digest(m.plot)`,
    )
    .all() as { movie: number; first: number }[]
  db.exec('drop table temp.plot_of')
  return found
}
