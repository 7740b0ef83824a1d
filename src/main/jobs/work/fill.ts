import { closeSync, fsyncSync, openSync, realpathSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { CleanStep } from '../../../contract/cleaning.ts'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import type { ImportWork } from '../../../contract/jobs.ts'
import { ruleOf } from '../../data/clean/rule-set.ts'
import { columnIndex, readHeader } from '../../data/import/read.ts'
import { toUserError } from '../../store/database.ts'
import { OF_THE_SOURCE } from '../../store/columns.ts'
import type { Filling } from '../../store/filling.ts'
import { Store } from '../../store/store.ts'
import { cleanHere } from '../clean.ts'
import type { JobControl } from '../../processes/job-control.ts'
import { Counting } from './counting.ts'
import { Gathering, type GatheredMovie } from './gathering.ts'
import { GenreLists } from './genre-lists.ts'
import { Making } from './making.ts'
import { Phases } from './phases.ts'
import { startReading } from './reading.ts'

/** Seconds that each phase takes of a million movies. */
const SHARES = { reading: 30, indexing: 0, finishing: 8 }
/** The same where records join movies, so that texts are final only when all are read. */
const JOINED_SHARES = { reading: 20, indexing: 18, finishing: 8 }
/** Smaller files are done before threads would be up. */
const LARGE_BYTES = 8_000_000

const bytesOf = ({ files }: ImportPlan): number => Math.max(1, files.reduce((sum, f) => sum + f.bytes, 0)) // prettier-ignore
const isLarge = (plan: ImportPlan): boolean => bytesOf(plan) >= LARGE_BYTES

/** Whether a step looks at a column beside title, plot and genres. */
const readsColumns = ({ rule, params }: CleanStep): boolean => ruleOf(rule).reads.includes('column') && params['column'] !== ''

interface Parts {
  readonly plan: ImportPlan
  readonly rows: Filling
  readonly gathering: Gathering
  readonly counting: Counting
  readonly making: Making
  readonly phases: Phases<keyof typeof SHARES>
  readonly signal: AbortSignal
  readonly threaded: boolean
}

/**
 * Makes the project file of an import; it is on the disk when this answers.
 * @param threaded whether threads read, clean and index beside the one that writes: worth their start for large files
 * @throws what reading the files throws, and what SQLite throws; the file is worth nothing then
 */
export async function fillProject(work: ImportWork, control: JobControl, threaded = isLarge(work.plan)): Promise<ImportReport> {
  try {
    const store = new Store(work.file, 'create')
    try {
      const report = await fill(store, work, control, threaded)
      control.signal.throwIfAborted()
      store.close()
      sync(work.file)
      return report
    } finally {
      store.close()
    }
  } catch (error) {
    throw toUserError(work.file, error)
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

async function fill(store: Store, work: ImportWork, control: JobControl, threaded: boolean): Promise<ImportReport> {
  const { plan, ruleSet, seed } = work
  const rows = store.fill()
  const id = store.imports.begin('first', plan)
  await addFiles(store, plan, id)
  const lists = new GenreLists((name) => store.movies.genreId(name), plan.mapping.genres ?? '')
  // the thread that cleans is not told what stands in other columns: such a rule set runs once more, over the finished rows
  const fed = ruleSet.filter((step) => !readsColumns(step))
  const ownSplit = plan.mapping.split !== null
  const gathering = new Gathering(store, rows, plan, id, lists)
  const parts: Parts = {
    plan,
    rows,
    gathering,
    counting: new Counting(),
    making: new Making({
      store,
      rows,
      page: (after) => gathering.page(after),
      input: { ruleSet: fed, seed: ownSplit ? null : seed },
      threaded,
      signal: control.signal,
    }),
    phases: new Phases(control, gathering.joins ? JOINED_SHARES : SHARES),
    signal: control.signal,
    threaded,
  }
  const { counting, making } = parts
  try {
    await readAll(parts)
    if (gathering.joins) await indexAll(parts)
    making.end()
    await makeIndexes(parts)
    rows.commit()
    parts.phases.tell('finishing', 0.25, 'text index')
    await making.writeWords()
    parts.phases.tell('finishing', 0.6, 'cleaning, sorting titles, splitting')
    let clean = await making.writeColumns(gathering.movies)
    if (ownSplit) store.columns.putWhole(OF_THE_SOURCE, 'split', gathering.parts())
    const names = new Map(store.movies.genres().map((g) => [g.id, g.name]))
    const counts = { movies: gathering.movies, ...counting.report(names) }
    if (ruleSet.some(readsColumns)) clean = await cleanHere(store, ruleSet, control)
    const report: ImportReport = { ...gathering.report(), ...counts, split: ownSplit ? 'column' : 'made', clean }
    store.meta.set('name', work.name)
    store.meta.set('sample', work.sample)
    store.meta.set('format', plan.format)
    store.meta.set('splitSeed', seed)
    store.imports.finish(id, report)
    rows.useLog()
    return report
  } finally {
    await making.close()
  }
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
      escape: f.escape,
      genreColumns,
      repairs: f.repairs,
      mapping,
    })
  }
}

/** Movies whose source is final. @param share of all movies that are written */
async function take(movies: readonly GatheredMovie[], share: number, { gathering, counting, making }: Parts): Promise<void> {
  for (const movie of movies) counting.add(movie)
  await making.whenReady()
  making.feed(movies, Math.round(gathering.movies / Math.max(share, 1e-6)))
}

async function readAll(parts: Parts): Promise<void> {
  const { plan, gathering, phases, signal, threaded } = parts
  const reading = startReading(plan, threaded)
  try {
    while (!reading.ended) {
      signal.throwIfAborted()
      const batch = reading.take()
      if (batch) {
        const movies = gathering.take(batch)
        const share = batch.bytes / bytesOf(plan)
        if (!gathering.joins) await take(movies, share, parts)
        phases.tell('reading', share, `reading: ${gathering.records.toLocaleString('en')} records`)
      } else await reading.arrival()
      await turn()
    }
  } finally {
    await reading.close()
  }
  phases.tell('reading', 1)
}

/** Goes over the movies once all records have joined theirs. */
async function indexAll(parts: Parts): Promise<void> {
  const { gathering, phases, signal } = parts
  for (let page = gathering.page(0); page.length > 0; page = gathering.page(page.at(-1)!.id)) {
    signal.throwIfAborted()
    await take(page, 1, parts)
    const done = page.at(-1)!.id
    phases.tell('indexing', done / gathering.movies, `text index: ${done.toLocaleString('en')} movies`)
    await turn()
  }
}

async function makeIndexes({ rows, phases, signal }: Parts): Promise<void> {
  const steps = rows.makeIndexes()
  for (let made = 1; steps.next().done !== true; made++) {
    signal.throwIfAborted()
    phases.tell('finishing', made / 20, 'indexes')
    await turn()
  }
}
