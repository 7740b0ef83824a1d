/** The tables and documents of the export of everything: for each its name, the meaning of its columns, and its rows. */
import type { Catalogue } from '../../catalogue/catalogue.ts'
import { calibrated } from '../../analysis/platt.ts'
import { VERDICT_IMPOSSIBLE, VERDICT_KEEP } from '../../analysis/triage.ts'
import { scaleOf } from '../../catalogue/run-scores.ts'
import { ruleSetFile } from '../../../contract/cleaning.ts'
import { ChangeTable, type LogEntry } from '../../store/changes.ts'
import { CleaningTable } from '../../store/cleanings.ts'
import { chunkOf, ColumnTable, NO_MOVIE, OF_THE_SOURCE, slotOf } from '../../store/columns.ts'
import type { Db } from '../../store/database.ts'
import { MovieTable } from '../../store/movies.ts'
import { originalCells } from '../../store/reader.ts'
import { RunTable, type StoredRun } from '../../store/runs.ts'
import { SourceTable } from '../../store/sources.ts'
import { storedJson } from '../../store/values.ts'
import { z } from 'zod'
import { recordCells } from '../../data/import/files/tables.ts'
import { CHANGE_FIELDS, MARKS, SPLITS } from '../../../contract/records.ts'

export interface EverythingColumn {
  readonly name: string
  /** As JSON schema names it; `json`: a JSON value in the cell. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'json'
  readonly what: string
}
interface TableFile {
  readonly kind: 'table'
  readonly name: string
  readonly what: string
  readonly columns: readonly EverythingColumn[]
  rows(): Iterable<readonly string[]>
}
interface JsonFile {
  readonly kind: 'json'
  readonly name: string
  readonly what: string
  value(): unknown
}
export type EverythingFile = TableFile | JsonFile

const column = (name: string, type: EverythingColumn['type'], what: string): EverythingColumn => ({ name, type, what })
const text = (value: string | number | null | undefined): string => String(value ?? '')
const json = (value: unknown): string => JSON.stringify(value)
/** The rows of a statement as text. */
function* query(db: Db, sql: string, ...params: readonly unknown[]): Generator<string[]> {
  for (const row of db
    .prepare(sql)
    .raw()
    .iterate(...params))
    yield (row as (string | number | null)[]).map(text)
}
const parsed = (value: string | null): unknown => (value === null ? null : storedJson(value, z.unknown(), 'a cell of JSON'))

/** Single values of the project. */
function metaOf(db: Db): Readonly<Record<string, unknown>> {
  const rows = db.prepare('select key, value from meta order by key').raw().all() as [string, string][]
  return Object.fromEntries(rows.map(([key, value]) => [key, parsed(value)]))
}

/** @param format of the tables; CSV leaves out the original columns, because the imported files, which hold them, are beside it */
export function filesOf(db: Db, catalogue: Catalogue, format: 'csv' | 'parquet'): EverythingFile[] {
  const names = new Map(db.prepare('select id, name from genre').raw().all() as [number, string][])
  const runs = new RunTable(db).all().filter((r) => r.status === 'done')
  const files = [
    changes(db, catalogue),
    labels(db, catalogue),
    movies(db, names),
    genres(db),
    ...runs.map((run) => predictions(db, run, names)),
    rejected(db),
    decisions(db),
    answers(db),
    ...documents(db, names),
    ...(format === 'csv' ? [] : [originals(db)]),
  ]
  return format === 'csv' ? files : files.map(asParquet)
}
/** The same file, whose texts name tables by their ending. */
function asParquet(file: EverythingFile): EverythingFile {
  const text = (of: string): string => of.replaceAll('.csv', '.parquet')
  if (file.kind === 'json') return file
  const columns = file.columns.map((of) => ({ ...of, what: text(of.what) }))
  return { ...file, name: text(file.name), what: text(file.what), columns, rows: () => file.rows() }
}

/** The cells of one line of the change log, in the order of its columns. */
export const changeRow = (e: LogEntry) => ({
  change: text(e.change),
  batch: text(e.id),
  at: e.at,
  who: e.who,
  why: e.why,
  description: e.description,
  run: text(e.run),
  undoes: text(e.undoes),
  movie: text(e.movie),
  key: e.key,
  title: e.title,
  genre: text(e.genre),
  genre_name: text(e.genreName),
  field: e.field,
  from: e.was,
  to: e.becomes,
})

const changes = (db: Db, { lastBatch }: Catalogue): TableFile => ({
  kind: 'table',
  name: 'changes.csv',
  what: 'The change log: every decision in the order in which it was made. Nothing is ever removed; undoing is a decision too.',
  columns: [
    column('change', 'integer', 'number of the change: the order in which they apply'),
    column('batch', 'integer', 'changes that were made and are undone together'),
    column('at', 'string', 'when, by the clock of the machine (ISO 8601, UTC)'),
    column('who', 'string', 'user name'),
    column('why', 'string', 'reason that was given'),
    column('description', 'string', 'what the batch did, in short'),
    column('run', 'integer', 'run whose suggestion was accepted or refused; empty: none'),
    column('undoes', 'integer', 'batch that it undoes; empty: none'),
    column('movie', 'integer', 'movie, as in movies.csv'),
    column('key', 'string', "the catalogue's own id of the movie"),
    column('title', 'string', 'its title'),
    column('genre', 'integer', 'genre, as in genres.csv; empty where the change is about the movie'),
    column('genre_name', 'string', 'its name'),
    column('field', 'string', CHANGE_FIELDS.join(', ')),
    column('from', 'string', 'before: 0 or 1, a verdict or empty, or the text of the note'),
    column('to', 'string', 'after'),
  ],
  *rows() {
    for (const entry of new ChangeTable(db).entries(null)) if (entry.id <= lastBatch) yield Object.values(changeRow(entry))
  },
})

const labels = (db: Db, c: Catalogue): TableFile => ({
  kind: 'table',
  name: 'labels.csv',
  what: 'The result: the genres of each movie that cleaning kept, with the decisions of the change log applied.',
  columns: [
    column('movie', 'integer', 'movie, as in movies.csv'),
    column('key', 'string', "the catalogue's own id"),
    column('title', 'string', 'title'),
    column('labels', 'json', 'names of its genres, corrected'),
    column('source_labels', 'json', 'names of its genres after cleaning, before any correction'),
    column('reviewed', 'boolean', 'an analyst has looked at it'),
    column('skipped', 'boolean', 'an analyst put it off'),
    column('flagged', 'boolean', 'an analyst marked it with a flag'),
    column('impossible', 'json', 'genres that the plot cannot reveal, by an analyst’s verdict'),
    column('keep', 'json', 'genres whose label is right as it is, by an analyst’s verdict'),
    column('note', 'string', 'note of an analyst'),
    column('split', 'string', 'train, valid or test'),
  ],
  *rows() {
    const table = new MovieTable(db)
    for (const [row, movie] of c.ids.entries()) {
      const { key, title } = table.head(movie)
      const where = (fits: (cell: number) => boolean): string => json(c.genres.filter((_, j) => fits(row * c.k + j)).map((g) => g.name))
      yield [
        String(movie),
        key,
        title,
        where((cell) => c.labels[cell] === 1),
        where((cell) => c.source[cell] === 1),
        ...MARKS.map((mark) => String(c.marks[mark][row] === 1)),
        where((cell) => c.verdicts[cell] === VERDICT_IMPOSSIBLE),
        where((cell) => c.verdicts[cell] === VERDICT_KEEP),
        c.notes.get(movie) ?? '',
        c.splitOf(row),
      ]
    }
  },
})

const movies = (db: Db, names: ReadonlyMap<number, string>): TableFile => ({
  kind: 'table',
  name: 'movies.csv',
  what: 'Every movie as the source has it, kept by cleaning or not, and what cleaning makes of it.',
  columns: [
    column('movie', 'integer', 'number of the movie in this project'),
    column('key', 'string', "the catalogue's own id, or row-N"),
    column('title', 'string', 'title as in the source'),
    column('plot', 'string', 'plot as in the source'),
    column('source_genres', 'json', 'genres as the source spells them'),
    column('import', 'integer', 'import that brought it or changed it last, as in imports.json'),
    column('gone', 'boolean', 'no longer in the source'),
    column('kept', 'boolean', 'cleaning kept it'),
    column('out_step', 'integer', 'step of the rule set (from 1) that removed it; empty: none'),
    column('duplicate_of', 'integer', 'movie that it repeats; empty: none'),
    column('cleaned_plot', 'string', 'plot after cleaning; empty where it is the source’s'),
    column('cleaned_genres', 'json', 'genres after cleaning, before any correction'),
    column('split', 'string', 'train, valid or test'),
  ],
  *rows() {
    const generation = new CleaningTable(db).generation()
    const columns = new ColumnTable(db)
    const total = (db.prepare('select coalesce(max(id), 0) from movie').pluck().get() as number) + 1
    const [out, duplicate] = [columns.whole(generation, 'out', total), columns.whole(generation, 'duplicate', total)]
    const split = columns.whole(OF_THE_SOURCE, 'split', total)
    const plot = db.prepare<[number, number], string>('select plot from cleaned_plot where generation = ? and movie = ?').pluck()
    const cleaned = cleanedGenres(columns, generation)
    const all = db.prepare('select id, key, title, plot, source_genres, import, gone from movie order by id').iterate()
    for (const m of all as IterableIterator<Record<string, string | number>>) {
      const id = Number(m['id'])
      const step = out[id] ?? 0
      yield [
        ...[id, m['key'], m['title'], m['plot'], m['source_genres'], m['import']].map(text),
        String(m['gone'] === 1),
        String(step === 0),
        step === 0 || step === NO_MOVIE ? '' : String(step),
        duplicate[id] === 0 ? '' : String(duplicate[id]),
        plot.get(generation, id) ?? '',
        json(cleaned(id).map((g) => names.get(g) ?? `genre ${g}`)),
        SPLITS[split[id] ?? 0] ?? '',
      ]
    }
  },
})

/** Returns a function from a movie, called with ascending ids, to its genre ids after cleaning. */
function cleanedGenres(columns: ColumnTable, generation: number): (movie: number) => number[] {
  let chunk = -1
  let current: { readonly ends: Int32Array; readonly genres: Uint16Array } | null = null
  return (movie) => {
    const wanted = chunkOf(movie)
    if (wanted !== chunk) {
      chunk = wanted
      const labels = columns.labels(generation, chunk)
      let end = 0
      current = labels && { ends: Int32Array.from(labels.counts, (n) => (end += n)), genres: labels.genres }
    }
    const slot = slotOf(movie)
    if (!current || slot >= current.ends.length) return []
    return [...current.genres.subarray(slot === 0 ? 0 : current.ends[slot - 1], current.ends[slot])]
  }
}

/** Original columns. Names that differ only by capitals would be one column for many readers; they stay apart here. */
function originals(db: Db): TableFile {
  const sources = new SourceTable(db)
  const names = [...new Set(sources.files().flatMap(({ columns }) => columns))]
  return {
    kind: 'table',
    name: 'original-columns.csv',
    what: 'Every column of the imported files, as text, of the first record of each movie.',
    columns: [
      column('movie', 'integer', 'movie, as in movies.csv'),
      ...names.map((name) => column(`original ${name}`, 'string', 'as imported')),
    ],
    *rows() {
      const cellsOf = originalCells(sources, recordCells)
      for (const movie of db.prepare('select id from movie order by id').pluck().iterate() as IterableIterator<number>) {
        const cells = new Map(cellsOf(movie).map(({ name, value }) => [name, value]))
        yield [String(movie), ...names.map((name) => cells.get(name) ?? '')]
      }
    },
  }
}

const genres = (db: Db): TableFile => ({
  kind: 'table',
  name: 'genres.csv',
  what: 'Every genre under every spelling, and what the cleaning in force makes of it.',
  columns: [
    column('genre', 'integer', 'number of the genre in this project'),
    column('name', 'string', 'as the source spells it'),
    column('becomes', 'json', 'genres that cleaning makes of it; none: dropped'),
  ],
  *rows() {
    const targets = new CleaningTable(db).current()?.genreTargets ?? {}
    for (const [id, name] of db.prepare('select id, name from genre order by id').raw().all() as [number, string][])
      yield [String(id), name, json(targets[id] ?? [id])]
  },
})

const predictions = (db: Db, run: StoredRun, names: ReadonlyMap<number, string>): TableFile => ({
  kind: 'table',
  name: `predictions-run-${run.id}.csv`,
  what: `What run ${run.id} predicted: of movies it was trained on, by a model that had not seen them.`,
  columns: [
    column('movie', 'integer', 'movie, as in movies.csv'),
    ...run.genres.map((g) => column(`p ${names.get(g) ?? g}`, 'number', 'probability of the genre')),
    ...run.genres.map((g) => column(`evidence ${names.get(g) ?? g}`, 'number', 'naive Bayes evidence for the genre')),
  ],
  *rows() {
    const k = run.genres.length
    const scales = run.genres.map((_, j) => scaleOf(run, j))
    for (const { movies: ids, probabilities: p, evidence } of new RunTable(db).predictions(run.id)) {
      const probabilities = calibrated(p, scales, ids.length, k)
      for (const [i, movie] of ids.entries())
        yield [movie, ...probabilities.subarray(i * k, (i + 1) * k), ...evidence.subarray(i * k, (i + 1) * k)].map((x, j) =>
          // nine digits distinguish any two 32-bit floats
          j === 0 ? String(x) : String(Number(x.toPrecision(9))),
        )
    }
  },
})

const rejected = (db: Db): TableFile => ({
  kind: 'table',
  name: 'rejected-records.csv',
  what: 'Records that could not be used, with the reason.',
  columns: [
    column('record', 'integer', 'number of the record in this project'),
    column('file', 'string', 'file that contains it'),
    column('line', 'integer', 'line where it begins'),
    column('why', 'string', 'why it was rejected'),
    column('raw', 'string', 'its exact text'),
  ],
  rows: () =>
    query(
      db,
      `select r.id, f.name, r.line, r.rejection, r.raw from record r join source_file f on f.id = r.file
       where r.rejection is not null order by r.id`,
    ),
})

const decisions = (db: Db): TableFile => ({
  kind: 'table',
  name: 'import-log.csv',
  what: 'What the imports decided about the text of files, with the lines where they did.',
  columns: [
    column('file', 'string', 'file'),
    column('line', 'integer', 'first line'),
    column('lines', 'integer', 'how many lines'),
    column('what', 'string', 'repaired, rejected, padded or renamed-column'),
    column('why', 'string', 'which repair, or why'),
    column('before', 'string', 'the text before (up to 500 characters)'),
    column('after', 'string', 'the text after'),
  ],
  rows: () =>
    query(
      db,
      'select f.name, d.line, d.lines, d.what, d.why, d.before, d.after from import_log d join source_file f on f.id = d.file order by d.id',
    ),
})

const answers = (db: Db): TableFile => ({
  kind: 'table',
  name: 'answers.csv',
  what: 'What services and decoders of this machine answered about movies. Nothing of it is a label; accepted plots are in cleaned_plot of movies.csv.',
  columns: [
    column('movie', 'integer', 'movie, as in movies.csv'),
    column('key', 'string', "the catalogue's own id"),
    column('task', 'string', 'condense, zero-shot, second-opinion, translate or plot'),
    column('service', 'string', 'name of the service, or this-machine'),
    column('model', 'string', 'its model'),
    column('at', 'string', 'when, by the clock of the machine (ISO 8601, UTC)'),
    column('accepted', 'boolean', 'a plot that stands in the place of the missing one'),
    column('answer', 'json', 'the answer; its form depends on the task'),
  ],
  rows: () =>
    query(
      db,
      `select a.movie, m.key, a.task, a.service, a.model, a.at, iif(a.accepted, 'true', 'false'), a.answer
       from answer a join movie m on m.id = a.movie order by a.movie, a.id`,
    ),
})

const runsOf = (table: RunTable, names: ReadonlyMap<number, string>): unknown[] =>
  table.all().map((r) => ({ ...r, genreNames: r.genres.map((g) => names.get(g) ?? `genre ${g}`), log: table.log(r.id) }))

function documents(db: Db, names: ReadonlyMap<number, string>): JsonFile[] {
  const document = (name: string, what: string, value: () => unknown): JsonFile => ({ kind: 'json', name, what, value })
  const rowsOf = (sql: string, jsonCells: readonly string[]): unknown[] =>
    (db.prepare(sql).all() as Record<string, string | null>[]).map((row) => ({
      ...row,
      ...Object.fromEntries(jsonCells.filter((cell) => cell in row).map((cell) => [cell, parsed(row[cell] ?? null)])),
    }))
  return [
    document('project.json', 'Single values of the project, such as which run is current.', () => metaOf(db)),
    document(
      'runs.json',
      'Every training: configuration, genres in the order of its columns, thresholds, headline figures, figures of each epoch.',
      () => runsOf(new RunTable(db), names),
    ),
    document('cleaning-rule-set.json', 'The rules of cleaning in force; Reelabel can load this file as a rule set.', () =>
      ruleSetFile(new CleaningTable(db).current()?.ruleSet ?? []),
    ),
    document('cleaning-report.json', 'What each rule of the cleaning in force did.', () => new CleaningTable(db).current()?.report ?? null),
    document('imports.json', 'Each import with its report.', () => rowsOf('select * from import order by id', ['report'])),
    document('source-files.json', 'Each imported file: how it was read and which column holds what.', () =>
      rowsOf('select * from source_file order by id', ['columns', 'genre_columns', 'repairs', 'mapping']),
    ),
  ]
}
