import { join } from 'node:path'
import type { SalvageWork } from '../../../contract/jobs.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { writeNew } from '../../files/atomic.ts'
import { toCsv } from '../../data/export/table.ts'
import { removeDatabase } from '../../store/project-file.ts'
import { projectLayouts, rebuild } from './rebuild.ts'
import { findTables, PageFile, type FoundTable, type Named } from '../../../../packages/salvage/index.ts'
import type { JobControl } from '../../processes/job-control.ts'
import { SALVAGED_PROJECT, type SalvagedTable } from '../../../contract/safety.ts'

/** Number of missing ids that the report names. */
const SHOWN_GAPS = 5
/** Tables whose ids run without a gap, so that what is lost can be counted. */
const WITHOUT_GAPS = ['movie', 'record', 'batch', 'change', 'genre', 'source_file']

export interface Salvaged {
  readonly tables: readonly SalvagedTable[]
  /** Why no project could be made; null if one was made. */
  readonly noProject: string | null
}

/**
 * Writes what can be read of a damaged project into the folder, change log first, and makes a new project of it.
 * The damaged file is read byte by byte and never written.
 * @throws UserError `nothing-to-salvage` if no table of a project can be recognised
 */
export async function salvageInto({ file: path, folder }: SalvageWork, control: JobControl): Promise<Salvaged> {
  const file = new PageFile(path)
  try {
    control.progress(0.02, 'looking for tables')
    const { tables, schemaLost } = findTables(file, projectLayouts())
    const report: SalvagedTable[] = []
    control.progress(0.1, 'change log')
    await writeNew(join(folder, 'changes.csv'), changeLog(tables))
    for (const [i, table] of [...tables].sort(logFirst).entries()) {
      control.signal.throwIfAborted()
      control.progress(0.15 + (0.45 * i) / tables.length, `table ${table.layout.name}`)
      const tally = { rows: 0, ids: new Ids() }
      await writeNew(join(folder, `table-${table.layout.name}.csv`), tableCsv(table, tally))
      report.push({ table: table.layout.name, rows: tally.rows, lost: lostOf(table, tally.ids) })
    }
    if (report.every((t) => t.rows === 0))
      throw new UserError(
        'nothing-to-salvage',
        `Nothing of a Reelabel project can be recognised in ${path}: is it the right file? It was left as it is. Look for a backup in the folder beside it.`,
      )
    control.progress(0.6, 'a new project')
    const noProject = newProject(join(folder, SALVAGED_PROJECT), tables, () => control.signal.throwIfAborted())
    await writeNew(join(folder, 'README.txt'), [readme(path, report, noProject, file, schemaLost)])
    return { tables: report, noProject }
  } finally {
    file.close()
  }
}

const logFirst = (a: FoundTable, b: FoundTable): number => rank(a) - rank(b)
/** Order of a table; tables that are not listed have the largest rank. */
const rank = ({ layout }: FoundTable): number => ['change', 'batch', 'movie', 'genre'].indexOf(layout.name) >>> 0

function newProject(path: string, tables: readonly FoundTable[], check: () => void): string | null {
  try {
    rebuild(path, tables, check)
    return null
  } catch (error) {
    check()
    removeDatabase(path)
    return messageOf(error)
  }
}

/** A compact set of the ids that were seen. */
class Ids {
  #seen = new Uint8Array(1024)
  last = 0
  add(id: number): void {
    if (id < 1 || id > 2 ** 31) return
    if (id >= this.#seen.length) {
      const larger = new Uint8Array(Math.max(id + 1, this.#seen.length * 2))
      larger.set(this.#seen)
      this.#seen = larger
    }
    this.#seen[id] = 1
    this.last = Math.max(this.last, id)
  }
  /** Stretches of ids that were not seen before the last one, both ends included. */
  *gaps(): Generator<readonly [first: number, last: number]> {
    for (let id = 1; id < this.last; id++) {
      if (this.#seen[id]) continue
      const first = id
      while (!this.#seen[id + 1]) id++
      yield [first, id]
    }
  }
}

function lostOf({ layout, damage }: FoundTable, ids: Ids): string | null {
  const gaps = WITHOUT_GAPS.includes(layout.name) ? [...ids.gaps()] : []
  const missing = gaps.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  const shown = gaps.slice(0, SHOWN_GAPS).map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`))
  const parts = [
    missing > 0 ? `${missing.toLocaleString('en')} rows are missing (id ${shown.join(', ')}${gaps.length > SHOWN_GAPS ? ', …' : ''})` : '',
    damage.pages > 0 ? `${damage.pages} pages could not be read` : '',
    damage.rows > 0 ? `${damage.rows} rows could not be read` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? null : parts.join('; ')
}

const text = (value: Named[string] | undefined): string =>
  value === null || value === undefined ? '' : Buffer.isBuffer(value) ? value.toString('base64') : String(value)

function* tableCsv(table: FoundTable, tally: { rows: number; ids: Ids }): Generator<string> {
  const { columns, rowid } = table.layout
  const rows = function* (): Generator<string[]> {
    for (const row of table.rows()) {
      tally.rows++
      if (rowid !== null) tally.ids.add(Number(row[rowid]))
      yield columns.map((c) => text(row[c.name]))
    }
  }
  yield* toCsv(
    columns.map((c) => c.name),
    rows(),
  )
}

/** The log with names, as the export of the change log has it: readable without the other tables. */
function* changeLog(tables: readonly FoundTable[]): Generator<string> {
  const rowsOf = (name: string): Iterable<Named> => tables.find((t) => t.layout.name === name)?.rows() ?? []
  const changes = [...rowsOf('change')].sort((a, b) => Number(a['id']) - Number(b['id']))
  const batches = new Map([...rowsOf('batch')].map((b) => [b['id'], b]))
  const genres = new Map([...rowsOf('genre')].map((g) => [g['id'], g['name']]))
  const wanted = new Set(changes.map((c) => c['movie']))
  const movies = new Map<Named[string] | undefined, readonly [key: string, title: string]>()
  for (const m of rowsOf('movie')) if (wanted.has(m['id'])) movies.set(m['id'], [text(m['key']), text(m['title'])])
  yield* toCsv(
    ['change', 'batch', 'at', 'who', 'why', 'description', 'run', 'undoes', 'movie', 'id', 'title', 'genre', 'field', 'from', 'to'],
    changes.map((c) => {
      const batch = batches.get(c['batch']) ?? {}
      const [key, title] = movies.get(c['movie']) ?? ['', '']
      const cells = ['at', 'who', 'why', 'description', 'run', 'undoes'].map((name) => text(batch[name]))
      const genre = c['genre'] === null ? '' : text(genres.get(c['genre']) ?? `genre ${text(c['genre'])}`)
      return [
        text(c['id']),
        text(c['batch']),
        ...cells,
        text(c['movie']),
        key,
        title,
        genre,
        text(c['field']),
        text(c['was']),
        text(c['becomes']),
      ]
    }),
  )
}

function readme(path: string, report: readonly SalvagedTable[], noProject: string | null, file: PageFile, schemaLost: boolean): string {
  const lines = report.map(
    (t) => `  ${t.table.padEnd(14)} ${t.rows.toLocaleString('en').padStart(10)} rows   ${t.lost ?? 'nothing seen to be lost'}`,
  )
  const wal = file.walLost > 0 ? [`Of the write-ahead log ${file.walLost} pages were damaged and left out.`] : []
  return [
    `What could be read of ${path}`,
    `on ${new Date().toISOString()}. The file itself was only read.`,
    '',
    'changes.csv          every decision, oldest first, with names',
    'table-NAME.csv       each table of the project as it is kept (binary cells in base64)',
    noProject === null
      ? `${SALVAGED_PROJECT}        a new project made of it: open it with Reelabel and look it over`
      : `No new project could be made: ${noProject}`,
    '',
    ...lines,
    '',
    ...(schemaLost ? ['The list of tables was damaged: some rows were recognised by their contents.'] : []),
    ...wal,
    'Rows after the last one that was read cannot be counted. Flipped letters inside a text leave no trace: compare with a backup.',
    'Movies and batches that the log speaks of and that were lost have stand-ins in the new project ("lost-12").',
    '',
  ].join('\n')
}
