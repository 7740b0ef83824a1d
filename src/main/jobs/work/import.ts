/**
 * The job process's part of an import. One thread reads the files, this one writes records, movies and the text index; then the finished
 * rows are cleaned as in every later cleaning, and split.
 */
import { realpathSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import type { ImportWork } from '../../../contract/jobs.ts'
import type { SourceMovie } from '../../../contract/records.ts'
import { foldText, HashNumbers, hashText, Int32List, type Hash64 } from '../../data/clean/hashing.ts'
import { tableHeader } from '../../data/import/files/tables.ts'
import { columnIndex, idColumnOf } from '../../data/import/records/read.ts'
import { syncFile } from '../../files/atomic.ts'
import { sha256OfFile } from '../../files/regular.ts'
import type { BulkImport } from '../../store/bulk-import.ts'
import { OF_THE_SOURCE } from '../../store/columns.ts'
import { toUserError } from '../../store/database.ts'
import { Store } from '../../store/store.ts'
import { part, type JobControl } from '../../processes/job-control.ts'
import { cleanInto } from './clean.ts'
import { MovieMerger } from './movie-merger.ts'
import { recordBatches, recordBatchesOfThread } from './record-batches.ts'
import { genreLists, splitMovies } from './split.ts'

/** Where the phases begin, as parts of the whole: as measured with a million movies. */
const PHASES = { indexing: 0.6, titles: 0.68, cleaning: 0.72, splitting: 0.97 }
/** A smaller import is done before a thread would have started. */
const LARGE_BYTES = 8_000_000
/** An import of fewer movies counts costly rules that are off, too: it takes less than a second. */
const COUNTED_BELOW = 2000

const bytesOf = ({ files }: ImportPlan): number => Math.max(1, files.reduce((sum, f) => sum + f.bytes, 0)) // prettier-ignore

/**
 * Makes the project file of an import; it is on the disk when the promise resolves.
 * @param threaded true to read in a thread of its own, which is worth its start for large files
 * @throws what reading the files throws, and what SQLite throws; the file is incomplete then
 */
export async function importFiles(
  work: ImportWork,
  control: JobControl,
  threaded = bytesOf(work.plan) >= LARGE_BYTES,
): Promise<ImportReport> {
  try {
    const store = new Store(work.file, 'create')
    try {
      const report = await fill(store, work, control, threaded)
      control.signal.throwIfAborted()
      store.close()
      // SQLite does not wait for the disk during an import
      syncFile(work.file)
      return report
    } finally {
      store.close()
    }
  } catch (error) {
    throw toUserError(work.file, error)
  }
}

async function fill(store: Store, work: ImportWork, control: JobControl, threaded: boolean): Promise<ImportReport> {
  const { plan, ruleSet, seed } = work
  const bulk = store.beginBulkImport()
  const importId = store.imports.begin('first', plan)
  await addFiles(store, plan, importId)
  const merger = new MovieMerger(store, plan, importId)
  await readAll(merger, plan, control, threaded)
  await makeIndexes(bulk, control)
  if (merger.joins) {
    control.progress(PHASES.titles, 'text index')
    store.movies.rebuildIndex()
  }
  bulk.commit()
  control.progress(PHASES.titles, 'ordering titles')
  store.columns.rankTitles()
  const ownSplit = plan.mapping.split !== null
  const figures = new SourceFigures(!ownSplit)
  const cleaning = part(control, PHASES.cleaning, PHASES.splitting - PHASES.cleaning)
  const clean = await cleanInto(store, { ruleSet, costlyBelow: COUNTED_BELOW }, cleaning, (movies) => figures.add(movies))
  control.progress(PHASES.splitting, 'splitting')
  const parts = ownSplit ? merger.parts() : split(store, figures.firsts(merger.movies), work)
  store.columns.putWhole(OF_THE_SOURCE, 'split', parts)
  const report: ImportReport = {
    ...merger.report(),
    movies: merger.movies,
    ...figures.report(),
    split: ownSplit ? 'column' : 'made',
    clean,
  }
  store.meta.set('sample', work.sample)
  store.meta.set('format', plan.format)
  store.meta.set('splitSeed', seed)
  store.imports.finish(importId, report)
  bulk.useLog()
  return report
}

async function addFiles(store: Store, plan: ImportPlan, importId: number): Promise<void> {
  const { mapping, genreSyntax, genreColumns } = plan
  for (const f of plan.files) {
    store.sources.addFile({
      name: f.name,
      path: realpathSync(f.path),
      role: f.role,
      bytes: f.bytes,
      delimiter: f.delimiter,
      bom: f.bom,
      header: await tableHeader(f),
      columns: f.columns,
      // as this file spells it: `Id` here may be `id` in another file
      genresColumn: f.columns[columnIndex(f.columns, mapping.genres)] ?? null,
      idColumn: f.columns[columnIndex(f.columns, idColumnOf(mapping, f.role))] ?? null,
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
      sha256: await sha256OfFile(f.path),
    })
  }
}

async function readAll(merger: MovieMerger, plan: ImportPlan, control: JobControl, threaded: boolean): Promise<void> {
  for await (const batch of threaded ? recordBatchesOfThread(plan) : recordBatches(plan)) {
    control.signal.throwIfAborted()
    merger.add(batch)
    const share = Math.min(1, batch.bytes / bytesOf(plan))
    control.progress(PHASES.indexing * share, `reading: ${merger.records.toLocaleString('en')} records`)
    await turn()
  }
}

async function makeIndexes(bulk: BulkImport, control: JobControl): Promise<void> {
  control.progress(PHASES.indexing, 'indexes')
  for (const steps = bulk.makeIndexes(); steps.next().done !== true;) {
    control.signal.throwIfAborted()
    await turn()
  }
}

function split(store: Store, first: Int32Array, { ruleSet, seed }: ImportWork): Uint8Array {
  const generation = store.cleanings.generation()
  const column = <N extends 'out' | 'duplicate'>(name: N) => store.columns.whole(generation, name, first.length)
  const genres = genreLists(store.columns, generation, first.length)
  return splitMovies({ out: column('out'), duplicate: column('duplicate'), first, genres }, ruleSet, seed)
}

/** The report's figures on the source's movies, and the first movie of each plot, which the split needs. */
class SourceFigures {
  readonly #genreCounts = new Map<string, number>()
  #emptyPlot = 0
  #noGenre = 0
  /** The first movie of each plot; null if no split is to be made. */
  readonly #plots: HashNumbers | null
  readonly #firsts = new Int32List()
  readonly #hash: Hash64 = { high: 0, low: 0 }
  #last = 0

  constructor(plots: boolean) {
    this.#plots = plots ? new HashNumbers() : null
  }
  /** Movies come with ascending ids, and may come several times. */
  add(movies: readonly SourceMovie[]): void {
    for (const movie of movies) if (movie.movie > this.#last) this.#count(movie)
    this.#last = Math.max(this.#last, movies.at(-1)?.movie ?? 0)
  }
  #count({ movie, plot, genres }: SourceMovie): void {
    if (plot.trim() === '') this.#emptyPlot++
    if (genres.length === 0) this.#noGenre++
    for (const name of new Set(genres)) this.#genreCounts.set(name, (this.#genreCounts.get(name) ?? 0) + 1)
    if (!this.#plots) return
    while (this.#firsts.length < movie) this.#firsts.push(0)
    const first = this.#plots.get(hashText(foldText(plot), this.#hash))
    if (first === 0) this.#plots.set(this.#hash, movie)
    this.#firsts.push(first || movie)
  }
  /** By movie id: the first movie with the same plot, case and white space aside. */
  firsts(movies: number): Int32Array {
    while (this.#firsts.length <= movies) this.#firsts.push(0)
    return this.#firsts.view()
  }
  report(): Pick<ImportReport, 'emptyPlot' | 'noGenre' | 'genreCounts'> {
    const counts = [...this.#genreCounts].sort((a, b) => b[1] - a[1])
    return { emptyPlot: this.#emptyPlot, noGenre: this.#noGenre, genreCounts: Object.fromEntries(counts) }
  }
}
