import { realpathSync } from 'node:fs'
import { UserError } from '../../../contract/errors.ts'
import type { ImportPlan, ImportReport } from '../../../contract/importing.ts'
import type { ImportWork } from '../../../contract/jobs.ts'
import { columnIndex, mergeRule, readHeader, readRecords, type SourceRecord } from '../../data/import/read.ts'
import { OF_THE_SOURCE } from '../../store/columns.ts'
import { Store } from '../../store/store.ts'
import { cleanProject } from '../clean.ts'
import type { JobControl } from '../queue.ts'
import { asSplit, makeSplit, splitCode } from '../split.ts'

/** Records in one turn of the event loop. */
const CHUNK = 1000
/** Different genres that a catalogue may have: the columns in memory are movies x genres. */
const MOST_GENRES = 1000
/** Set-aside records that the report shows. */
const SHOWN_ASIDE = 200

/** Makes the project file of an import. @throws what reading the files throws */
export async function fillProject(work: ImportWork, control: JobControl): Promise<ImportReport> {
  const store = new Store(work.file, 'create')
  try {
    const report = await fill(store, work, control)
    control.signal.throwIfAborted()
    store.checkpoint()
    return report
  } finally {
    store.close()
  }
}

async function fill(store: Store, wish: ImportWork, control: JobControl): Promise<ImportReport> {
  const { plan } = wish
  const total = plan.files.reduce((sum, f) => sum + f.bytes, 0)
  const files = await Promise.all(plan.files.map((f) => readHeader(f)))
  const id = store.imports.begin('first')
  plan.files.forEach((f, i) => {
    const { mapping, genreSyntax } = plan
    store.sources.addFile({
      name: f.name,
      path: realpathSync(f.path),
      role: f.role,
      bytes: f.bytes,
      delimiter: f.delimiter,
      bom: f.bom,
      header: files[i]!.headerRaw,
      columns: f.columns,
      // as this file spells it: `Id` here may be `id` there
      genresColumn: f.columns[columnIndex(f.columns, mapping.genres)] ?? null,
      idColumn: f.columns[columnIndex(f.columns, mapping.id)] ?? null,
      genreSyntax,
      import: id,
      current: true,
      kind: f.kind,
      packing: f.packing,
      entry: f.entry,
      encoding: f.encoding,
      genreColumns: plan.genreColumns,
      repairs: f.repairs,
      mapping,
    })
  })
  const gathering = new Gathering(store, plan, id)
  let bytes = 0
  let chunk: SourceRecord[] = []
  const flush = async (): Promise<void> => {
    control.signal.throwIfAborted()
    store.transaction(() => chunk.forEach((r) => gathering.take(r)))
    chunk = []
    control.progress((0.8 * bytes) / Math.max(1, total), `reading: ${gathering.records.toLocaleString('en')} records`)
    await new Promise((resolve) => setImmediate(resolve))
  }
  for await (const record of readRecords(plan, (b) => (bytes = b))) {
    chunk.push(record)
    if (chunk.length >= CHUNK) await flush()
  }
  await flush()
  store.transaction(() => {
    gathering.write()
    store.movies.indexText()
    store.rankTitles()
  })
  control.progress(0.85, 'cleaning')
  await new Promise((resolve) => setImmediate(resolve))
  const clean = await cleanProject(store, wish.switches, control)
  control.progress(0.92, 'splitting into train and test')
  await new Promise((resolve) => setImmediate(resolve))
  store.transaction(() => (gathering.split ? gathering.writeSplit() : makeSplit(store, wish.seed)))
  const report: ImportReport = { ...gathering.report(), split: gathering.split ? 'column' : 'made', clean }
  store.transaction(() => {
    store.meta.set('name', wish.name)
    store.meta.set('sample', wish.sample)
    store.meta.set('format', plan.format)
    store.meta.set('splitSeed', wish.seed)
    store.imports.finish(id, report)
  })
  return report
}

interface Gathered {
  readonly id: number
  title: string
  plot: string
  readonly genres: string[]
  changed: boolean
}

/** Joins records into movies and counts what came. */
class Gathering {
  readonly #store
  readonly #plan
  readonly #import: number
  readonly #merge
  /** Movies that a later record may still join, by id; empty for formats that do not merge. */
  readonly #byKey = new Map<string, Gathered>()
  readonly #keys = new Set<string>()
  /** Of an id that came more than once, the number that the next one may get. */
  readonly #repeats = new Map<string, number>()
  readonly #genres = new Set<string>()
  readonly #splits = new Map<number, number>()
  readonly #perFile: { records: number; setAside: number }[]
  readonly #aside: ImportReport['setAside'][number][] = []
  readonly #genreCounts = new Map<string, number>()
  #movies = 0
  #emptyPlot = 0
  #noGenre = 0
  records = 0

  constructor(store: Store, plan: ImportPlan, id: number) {
    this.#store = store
    this.#import = id
    this.#plan = plan
    this.#merge = mergeRule(plan) === 'by-id'
    this.#perFile = plan.files.map(() => ({ records: 0, setAside: 0 }))
  }
  get split(): boolean {
    return this.#plan.mapping.split !== null
  }
  take(r: SourceRecord): void {
    this.records++
    const file = this.#perFile[r.file]!
    file.records++
    if (r.setAside !== null) {
      file.setAside++
      if (this.#aside.length < SHOWN_ASIDE)
        this.#aside.push({ file: this.#plan.files[r.file]!.name, line: r.line, why: r.setAside, raw: r.raw.slice(0, 500) })
    }
    const movie = r.setAside === null ? this.#movieOf(r) : null
    this.#noteGenres(r)
    if (movie !== null && r.split !== null) this.#splits.set(movie, this.#splitCode(r))
    this.#store.sources.add({ file: r.file + 1, number: r.record, line: r.line, movie, raw: r.raw, setAside: r.setAside })
  }
  /** A column that was taken for genres by mistake, such as keywords, would fill the memory. */
  #noteGenres(r: SourceRecord): void {
    if (r.setAside !== null) return
    for (const g of r.genres) this.#genres.add(g)
    if (this.#genres.size <= MOST_GENRES) return
    const examples = r.genres.slice(0, 2).map((g) => `"${g.slice(0, 40)}"`)
    throw new UserError(
      'too-many-genres',
      `The column "${this.#plan.mapping.genres}" holds more than ${MOST_GENRES.toLocaleString('en')} different genres, such as ${examples.join(' and ')}: choose the column that holds the genres, or how it writes them.`,
    )
  }
  #movieOf(r: SourceRecord): number {
    const known = this.#merge && r.key ? this.#byKey.get(r.key) : undefined
    if (known) return this.#join(known, r)
    const id = this.#store.movies.add({ key: this.#uniqueKey(r), title: r.title, plot: r.plot, genres: r.genres, import: this.#import })
    const movie = { id, title: r.title, plot: r.plot, genres: [...new Set(r.genres)], changed: false }
    if (this.#merge && r.key) this.#byKey.set(r.key, movie)
    else this.#count(movie)
    return id
  }
  #join(movie: Gathered, r: SourceRecord): number {
    const title = movie.title || r.title
    const plot = movie.plot || r.plot
    const added = r.genres.filter((g) => !movie.genres.includes(g))
    movie.changed ||= title !== movie.title || plot !== movie.plot || added.length > 0
    movie.title = title
    movie.plot = plot
    movie.genres.push(...added)
    return movie.id
  }
  /** The catalogue's own id, `row-N` without one; a repeated id gets `#2`, `#3`, … */
  #uniqueKey(r: SourceRecord): string {
    const own = r.key || `row-${r.record}`
    let key = own
    // `x#2` may be an id of its own, so the next number is only where to look first
    while (this.#keys.has(key)) {
      const number = this.#repeats.get(own) ?? 2
      this.#repeats.set(own, number + 1)
      key = `${own}#${number}`
    }
    this.#keys.add(key)
    return key
  }
  #splitCode(r: SourceRecord): number {
    const split = asSplit(r.split ?? '')
    if (split) return splitCode(split)
    throw new UserError(
      'bad-split',
      `${this.#plan.files[r.file]!.name}, line ${r.line}: the split is "${r.split ?? ''}"; write train, valid or test, or leave the split column unmapped.`,
    )
  }
  #count(m: Gathered): void {
    this.#movies++
    if (m.plot.trim() === '') this.#emptyPlot++
    if (m.genres.length === 0) this.#noGenre++
    for (const g of m.genres) this.#genreCounts.set(g, (this.#genreCounts.get(g) ?? 0) + 1)
  }
  /** Writes what merging changed, once all files are read. */
  write(): void {
    for (const m of this.#byKey.values()) {
      this.#count(m)
      if (m.changed) this.#store.movies.merge(m.id, m.title, m.plot, m.genres)
    }
  }
  /** The catalogue's own split; movies without a value train. */
  writeSplit(): void {
    const split = new Uint8Array(this.#store.movies.lastId() + 1)
    for (const [movie, part] of this.#splits) split[movie] = part
    this.#store.columns.putWhole(OF_THE_SOURCE, 'split', split)
  }
  report(): Omit<ImportReport, 'split' | 'clean'> {
    return {
      format: this.#plan.format,
      files: this.#plan.files.map((f, i) => ({ name: f.name, ...this.#perFile[i]! })),
      records: this.records,
      movies: this.#movies,
      emptyPlot: this.#emptyPlot,
      noGenre: this.#noGenre,
      genreCounts: Object.fromEntries([...this.#genreCounts].sort((a, b) => b[1] - a[1])),
      setAside: this.#aside,
    }
  }
}
