import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EverythingWork } from '../../../contract/jobs.ts'
import { Catalogue } from '../../catalogue/catalogue.ts'
import { writeNew } from '../../files/atomic.ts'
import { isOnNetwork, streamRegular } from '../../files/regular.ts'
import type { MovieColumn, Value, ValueKind } from '../../data/export/formats/movies.ts'
import { writeParquetRows } from '../../data/export/formats/parquet.ts'
import { toCsv } from '../../data/export/table.ts'
import { encodeText } from '../../data/import/files/encodings.ts'
import { openDatabase, type Db } from '../../store/database.ts'
import { SourceTable, type SourceFile } from '../../store/sources.ts'
import { Store } from '../../store/store.ts'
import { part, type JobControl } from '../../processes/job-control.ts'
import { filesOf, type EverythingColumn, type EverythingFile } from './everything-files.ts'
import { writeZip } from './zip.ts'

/** How a source file was exported. */
type SourceState = 'exact' | 'copied from where it was imported' | 'text of its records'

/**
 * Writes everything that a project contains into the folder as CSV and JSON. All files show one moment of the project.
 * @returns the number of rows of each table
 */
export async function writeEverything(
  { file, folder, format, version, extra, archive }: EverythingWork,
  control: JobControl,
): Promise<Record<string, number>> {
  // a zip is the slower half
  const writing = archive === null ? control : part(control, 0, 0.5)
  const catalogue = readCatalogue(file)
  const db = openDatabase(file, 'read')
  const rows: Record<string, number> = {}
  try {
    // one snapshot for all files, while the engine continues to write; the log ends at the catalogue's last batch
    db.exec('begin')
    const files = filesOf(db, catalogue, format)
    for (const [i, table] of files.entries()) {
      writing.progress((0.7 * i) / files.length, table.name)
      rows[table.name] = await writeTable(join(folder, table.name), table, control)
    }
    const sources = await writeSources(db, folder, writing)
    writing.progress(0.98, 'README')
    await writeNew(join(folder, 'schema.json'), [`${JSON.stringify(describe(files, sources), null, 2)}\n`])
    await writeNew(join(folder, 'README.txt'), [readmeOf({ project: file, format, version, extra }, files, rows, sources)])
    for (const { name, text } of extra) await writeNew(join(folder, name), [text])
    if (archive !== null) await writeZip(archive, folder, part(control, 0.5, 0.5))
    return rows
  } finally {
    db.close()
  }
}

/** Reads the catalogue, whose effective labels are the source's with the change log applied. */
function readCatalogue(file: string): Catalogue {
  const store = new Store(file, 'read')
  try {
    return new Catalogue(store)
  } finally {
    store.close()
  }
}

/** Rows between two checks whether the job was cancelled. */
const ROWS_PER_CHECK = 1000

async function writeTable(path: string, part: EverythingFile, control: JobControl): Promise<number> {
  let count = 0
  if (part.kind === 'json') {
    await writeNew(path, [`${JSON.stringify(part.value(), null, 2)}\n`])
    return 1
  }
  function* counted(rows: Iterable<readonly string[]>): Generator<readonly string[]> {
    for (const row of rows) {
      if (count++ % ROWS_PER_CHECK === 0) control.signal.throwIfAborted()
      yield row
    }
  }
  if (part.name.endsWith('.parquet')) {
    const columns = part.columns.map(({ name, type }) => ({ name, kind: KINDS[type] }))
    await writeParquetRows(path, columns, typed(columns, counted(part.rows())))
    return count
  }
  const header = part.columns.map((c) => c.name)
  await writeNew(path, toCsv(header, counted(part.rows())))
  return count
}

/** Types of a Parquet file. */
const KINDS: Readonly<Record<EverythingColumn['type'], ValueKind>> = { string: 'text', json: 'text', integer: 'integer', number: 'number', boolean: 'boolean' } // prettier-ignore
/** The values of cells; an empty cell holds nothing, unless it is text. */
const VALUE_OF: Readonly<Partial<Record<ValueKind, (cell: string) => Value>>> = {
  integer: (cell) => (cell === '' ? null : Number(cell)),
  number: (cell) => (cell === '' ? null : Number(cell)),
  boolean: (cell) => (cell === '' ? null : cell === 'true'),
}
function* typed(columns: readonly MovieColumn[], rows: Iterable<readonly string[]>): Generator<Value[]> {
  const values = columns.map(({ kind }) => VALUE_OF[kind] ?? ((cell: string) => cell))
  for (const row of rows) yield row.map((cell, i) => values[i]?.(cell) ?? null)
}

/** Writes each source file byte for byte: from its records if that gives the same size, else as a copy of the imported file. */
async function writeSources(db: Db, folder: string, control: JobControl): Promise<WrittenSource[]> {
  const table = new SourceTable(db)
  const written: WrittenSource[] = []
  for (const [i, source] of table.files().entries()) {
    control.signal.throwIfAborted()
    control.progress(0.7 + 0.25 * (i / table.files().length), `source ${source.name}`)
    const name = `source-${source.id}-${source.name.replace(/[^\p{L}\p{N} ._+()-]/gu, '_')}`
    written.push({ name, of: source.name, ...(await writeSource(db, source, join(folder, name))) })
  }
  return written
}

async function writeSource(db: Db, source: SourceFile, path: string): Promise<Pick<WrittenSource, 'state' | 'bytes'>> {
  const plain = source.kind === 'csv' && source.packing === 'none'
  const writeText = (): Promise<number> =>
    writeNew(path, textOf(db, source), plain ? (text) => encodeText(text, source.encoding) : undefined)
  if (plain && (await writeText()) === source.bytes && !isMended(db, source)) return { state: 'exact', bytes: source.bytes }
  await rm(path, { force: true })
  if (await copyOriginal(source, path)) return { state: 'copied from where it was imported', bytes: source.bytes }
  return { state: 'text of its records', bytes: await writeText() }
}

/**
 * Copies the imported file from where it was, if it is still that file: a stranger's project may name any file of this machine.
 * @returns false if it is not; nothing is left then
 */
async function copyOriginal({ path: from, bytes, sha256 }: SourceFile, to: string): Promise<boolean> {
  if (sha256 === null || isOnNetwork(from) || (await stat(from).catch(() => null))?.size !== bytes) return false
  const hash = createHash('sha256')
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of streamRegular(from, COPY_BYTES) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
  }
  const written = await writeNew(to, hashed()).catch(() => null)
  if (written === bytes && hash.digest('hex') === sha256) return true
  await rm(to, { force: true })
  return false
}
const COPY_BYTES = 2 ** 20

function* textOf(db: Db, source: SourceFile): Generator<string> {
  if (source.bom) yield '\ufeff'
  yield source.header
  const records = db.prepare<[number], string>('select raw from record where file = ? order by id').pluck()
  yield* records.iterate(source.id)
}

/** Returns true if the import or an analyst changed the text of the file's records. */
const isMended = (db: Db, source: SourceFile): boolean =>
  db.prepare("select 1 from import_log where file = ? and what in ('repaired', 'padded')").get(source.id) !== undefined ||
  db.prepare("select 1 from import where kind = 'repair'").get() !== undefined

interface WrittenSource {
  readonly name: string
  readonly of: string
  readonly state: SourceState
  readonly bytes: number
}

/** Describes files and columns in the style of JSON schema. */
function describe(files: readonly EverythingFile[], sources: readonly WrittenSource[]): unknown {
  const properties = (file: EverythingFile): object =>
    file.kind === 'json' ? {} : { columns: Object.fromEntries(file.columns.map((c) => [c.name, { type: c.type, description: c.what }])) }
  return {
    description:
      'Files of this folder. CSV after RFC 4180: UTF-8, comma, quotes doubled, first line a header, an empty cell for nothing. Parquet: Snappy, nothing is null. Type "json": the cell holds a JSON value as text.',
    files: Object.fromEntries(files.map((f) => [f.name, { description: f.what, ...properties(f) }])),
    sources: sources.map(({ name, of, state, bytes }) => ({ name, of, state, bytes })),
  }
}

function readmeOf(
  { project, format, version, extra }: Pick<EverythingWork, 'format' | 'version' | 'extra'> & { readonly project: string },
  files: readonly EverythingFile[],
  rows: Readonly<Record<string, number>>,
  sources: readonly WrittenSource[],
): string {
  const count = (file: EverythingFile): string => (file.kind === 'json' ? '' : ` (${(rows[file.name] ?? 0).toLocaleString('en')} rows)`)
  return [
    `Everything that the Reelabel project ${JSON.stringify(basename(project))} holds`,
    `Written by Reelabel ${version} on ${new Date().toISOString()}.`,
    '',
    `${format === 'csv' ? 'All of it is plain text: CSV (UTF-8, comma, RFC 4180) and JSON.' : 'Tables are Parquet files, the rest is JSON.'} schema.json names every column with its meaning.`,
    '',
    ...files.flatMap((file) => [`${file.name}${count(file)}`, `    ${file.what}`]),
    '',
    'The imported files',
    ...sources.map((s) => `${s.name}\n    ${WORDS[s.state]}`),
    '',
    ...extra.flatMap(({ name }) => [name, '    what the data card says: sources, counts, rules, decisions, model']),
    '',
    `How labels.${format} follows from the other files`,
    `1. Take the movies of movies.${format} with kept = true. Their genres are cleaned_genres.`,
    `2. Go through changes.${format} from top to bottom. A line with field = label sets (to = 1) or removes (to = 0) a genre of a movie:`,
    `   the one that genres.${format} says it becomes. Where that is not exactly one genre, or no kept movie carries it, the line waits.`,
    '3. Where several spellings become one genre (Sci-Fi and Science Fiction), each has a say of its own: it starts with 1 where',
    '   source_genres of the movie holds it, and the movie has the genre as long as one of them says 1.',
    '',
    'Trained models are not included: train again with the labels and the settings in runs.json.',
    '',
  ].join('\n')
}
const WORDS: Readonly<Record<WrittenSource['state'], string>> = {
  exact: 'byte for byte as it was imported',
  'copied from where it was imported': 'the file itself, copied from where it lay when it was imported',
  'text of its records':
    'the text of its records: the file was packed, of another format, or repaired while it was imported, and is no longer where it was',
}
