import { closeSync, fsyncSync, openSync, realpathSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import type { ImportWork } from '../../../contract/jobs.ts'
import { columnIndex, readHeader } from '../../data/import/read.ts'
import { OF_THE_SOURCE } from '../../store/columns.ts'
import type { Filling } from '../../store/filling.ts'
import { Store } from '../../store/store.ts'
import { cleanProject } from '../clean.ts'
import type { JobControl } from '../queue.ts'
import { makeSplit } from '../split.ts'
import { Gathering } from './gathering.ts'
import { GenreLists } from './genre-lists.ts'
import { IndexPass } from './index-pass.ts'
import { Phases } from './phases.ts'
import { startReading } from './reading.ts'

/** Seconds that each phase takes of a million movies. */
const SHARES = { reading: 14, indexing: 14, cleaning: 10, finishing: 4 }
type ImportPhases = Phases<keyof typeof SHARES>

/**
 * Makes the project file of an import; it is on the disk when this answers.
 * @throws what reading the files throws, and what SQLite throws; the file is worth nothing then
 */
export async function fillProject(work: ImportWork, control: JobControl): Promise<ImportReport> {
  const store = new Store(work.file, 'create')
  try {
    const report = await fill(store, work, control)
    control.signal.throwIfAborted()
    store.close()
    sync(work.file)
    return report
  } finally {
    store.close()
  }
}

/** SQLite was told not to wait for the disk. */
function sync(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

async function fill(store: Store, work: ImportWork, control: JobControl): Promise<ImportReport> {
  const { plan } = work
  const phases = new Phases(control, SHARES)
  const rows = store.fill()
  const id = store.imports.begin('first', plan)
  await addFiles(store, plan, id)
  const lists = new GenreLists((name) => store.movies.genreId(name), plan.mapping.genres ?? '')
  const gathering = new Gathering(store, rows, plan, id, lists)
  const indexing = new IndexPass(rows, lists)
  await readAll(plan, gathering, indexing, phases, control)
  await indexAll(gathering, indexing, phases, control)
  await makeIndexes(rows, phases, control)
  rows.commit()
  phases.tell('cleaning', 0, 'cleaning')
  await turn()
  const clean = await cleanProject(store, work.switches, control)
  phases.tell('cleaning', 1, 'sorting titles')
  await turn()
  store.rankTitles()
  phases.tell('finishing', 0.5, 'splitting into train and test')
  await turn()
  const parts = gathering.parts()
  if (parts) store.columns.putWhole(OF_THE_SOURCE, 'split', parts)
  else makeSplit(store, work.seed)
  const names = new Map(store.movies.genres().map((g) => [g.id, g.name]))
  const counts = { movies: gathering.movies, ...indexing.report(names) }
  const report: ImportReport = { ...gathering.report(), ...counts, split: parts ? 'column' : 'made', clean }
  store.transaction(() => {
    store.meta.set('name', work.name)
    store.meta.set('sample', work.sample)
    store.meta.set('format', plan.format)
    store.meta.set('splitSeed', work.seed)
    store.imports.finish(id, report)
  })
  return report
}

async function addFiles(store: Store, plan: ImportPlan, importId: number): Promise<void> {
  const { mapping, genreSyntax, genreColumns } = plan
  for (const f of plan.files) {
    const { headerRaw } = await readHeader(f)
    store.sources.addFile({
      name: f.name,
      path: realpathSync(f.path),
      role: f.role,
      bytes: f.bytes,
      delimiter: f.delimiter,
      bom: f.bom,
      header: headerRaw,
      columns: f.columns,
      // as this file spells it: `Id` here may be `id` there
      genresColumn: f.columns[columnIndex(f.columns, mapping.genres)] ?? null,
      idColumn: f.columns[columnIndex(f.columns, mapping.id)] ?? null,
      genreSyntax,
      import: importId,
      current: true,
      kind: f.kind,
      packing: f.packing,
      entry: f.entry,
      encoding: f.encoding,
      genreColumns,
      repairs: f.repairs,
      mapping,
    })
  }
}

/** Writes what the reader brings, and puts movies into the text index while it brings nothing. */
async function readAll(
  plan: ImportPlan,
  gathering: Gathering,
  indexing: IndexPass,
  phases: ImportPhases,
  { signal }: JobControl,
): Promise<void> {
  const total = Math.max(
    1,
    plan.files.reduce((sum, f) => sum + f.bytes, 0),
  )
  const reading = startReading(plan)
  try {
    while (!reading.ended) {
      signal.throwIfAborted()
      const batch = reading.take()
      if (batch) {
        gathering.take(batch)
        phases.tell('reading', batch.bytes / total, `reading: ${gathering.records.toLocaleString('en')} records`)
      } else if (gathering.joins || indexing.step().length === 0) await reading.arrival()
      await turn()
    }
  } finally {
    await reading.close()
  }
  phases.tell('reading', 1, 'text index')
}

async function indexAll(gathering: Gathering, indexing: IndexPass, phases: ImportPhases, { signal }: JobControl): Promise<void> {
  while (indexing.step().length > 0) {
    signal.throwIfAborted()
    phases.tell('indexing', indexing.at / gathering.movies, `text index: ${indexing.at.toLocaleString('en')} movies`)
    await turn()
  }
}

async function makeIndexes(rows: Filling, phases: ImportPhases, { signal }: JobControl): Promise<void> {
  phases.tell('finishing', 0.1, 'indexes')
  const steps = rows.makeIndexes()
  while (steps.next().done !== true) {
    signal.throwIfAborted()
    await turn()
  }
}
