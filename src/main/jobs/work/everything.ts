import { copyFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EverythingWork } from '../../../contract/jobs.ts'
import { Catalogue } from '../../catalogue/catalogue.ts'
import { writeNew } from '../../files/atomic.ts'
import { toCsv } from '../../data/export/table.ts'
import { encodeText } from '../../data/import/files/encodings.ts'
import { openDatabase, type Db } from '../../store/database.ts'
import { SourceTable, type SourceFile } from '../../store/sources.ts'
import { Store } from '../../store/store.ts'
import type { JobControl } from '../../processes/job-control.ts'
import { filesOf, metaOf, type EverythingFile } from './everything-files.ts'
import { describe, readmeOf, type WrittenSource } from './everything-readme.ts'

/** How a source file came into the export. */

/**
 * Writes everything that a project holds into the folder as CSV and JSON: one moment of it, however long it takes.
 * Returns the rows of each table.
 */
export async function writeEverything({ file, folder, version }: EverythingWork, control: JobControl): Promise<Record<string, number>> {
  const catalogue = readCatalogue(file)
  const db = openDatabase(file, 'read')
  const rows: Record<string, number> = {}
  try {
    // one moment for all files, while the engine goes on writing: the log ends where the catalogue's does
    db.exec('begin')
    const files = filesOf(db, catalogue)
    for (const [i, part] of files.entries()) {
      control.progress((0.7 * i) / files.length, part.name)
      rows[part.name] = await writeTable(join(folder, part.name), part, control)
    }
    const sources = await writeSources(db, folder, control)
    control.progress(0.98, 'README')
    await writeNew(join(folder, 'schema.json'), [`${JSON.stringify(describe(files, sources), null, 2)}\n`])
    await writeNew(join(folder, 'README.txt'), [readmeOf(metaOf(db), files, rows, sources, version)])
    return rows
  } finally {
    db.close()
  }
}

/** The columns with the change log applied: what the effective labels are read off. */
function readCatalogue(file: string): Catalogue {
  const store = new Store(file, 'read')
  try {
    return new Catalogue(store)
  } finally {
    store.close()
  }
}

/** Rows between two looks at whether it was cancelled. */
const LOOK_EVERY = 1000

async function writeTable(path: string, part: EverythingFile, control: JobControl): Promise<number> {
  let count = 0
  if (part.kind === 'json') {
    await writeNew(path, [`${JSON.stringify(part.value(), null, 2)}\n`])
    return 1
  }
  function* counted(rows: Iterable<readonly string[]>): Generator<readonly string[]> {
    for (const row of rows) {
      if (count++ % LOOK_EVERY === 0) control.signal.throwIfAborted()
      yield row
    }
  }
  const header = part.columns.map((c) => c.name)
  await writeNew(path, toCsv(header, counted(part.rows())))
  return count
}

/** Each source file byte for byte: made of its records where that gives its size, else copied from where it was imported. */
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
  const original = await stat(source.path).catch(() => null)
  if (!plain && original?.isFile() && original.size === source.bytes) {
    await copyFile(source.path, path)
    return { state: 'copied from where it was imported', bytes: source.bytes }
  }
  const bytes = await writeNew(path, textOf(db, source), plain ? (text) => encodeText(text, source.encoding) : undefined)
  if (plain && bytes === source.bytes && !isMended(db, source)) return { state: 'exact', bytes }
  if (original?.isFile() && original.size === source.bytes) {
    await copyFile(source.path, path)
    return { state: 'copied from where it was imported', bytes: source.bytes }
  }
  return { state: 'text of its records', bytes }
}

function* textOf(db: Db, source: SourceFile): Generator<string> {
  if (source.bom) yield '\ufeff'
  yield source.header
  const records = db.prepare<[number], string>('select raw from record where file = ? order by id').pluck()
  yield* records.iterate(source.id)
}

/** Whether the import or an analyst changed the text of its records. */
const isMended = (db: Db, source: SourceFile): boolean =>
  db.prepare("select 1 from import_log where file = ? and what in ('repaired', 'padded')").get(source.id) !== undefined ||
  db.prepare("select 1 from import where kind = 'repair'").get() !== undefined
