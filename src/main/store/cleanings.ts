import type { CleaningReport, CleanRuleSet } from '../../contract/cleaning.ts'
import type { Db } from './database.ts'
import { CHUNK_MOVIES, ColumnTable, NO_MOVIE, packLabels, slotOf, chunkOf } from './columns.ts'
import { MetaTable } from './meta.ts'

/** Genre id -> the ids that a cleaning makes of it; none: dropped. */
export type GenreTargets = Readonly<Record<number, readonly number[]>>
export interface Cleaning {
  readonly id: number
  readonly at: string
  readonly ruleSet: CleanRuleSet
  readonly report: CleaningReport
  readonly genreTargets: GenreTargets
}
/** What cleaning made of one movie. */
export interface CleanedMovie {
  readonly movie: number
  /** 0: kept; else the step of the rule set, from 1, that took it out. */
  readonly out: number
  /** The cleaned plot where it is not the source's; else null. */
  readonly plot: string | null
  /** Of the cleaned plot, in UTF-16 code units. */
  readonly length: number
  /** The movie that this one repeats, or 0. */
  readonly duplicate: number
  /** Ids of its genres after cleaning. */
  readonly genres: readonly number[]
}
/** The cleaned movies of one chunk of ids, as they cross a process boundary: all buffers may be transferred. */
export interface CleanedChunk {
  readonly chunk: number
  readonly out: Uint8Array
  readonly length: Int32Array
  readonly duplicate: Int32Array
  /** See `packLabels`. */
  readonly labels: Uint8Array
  readonly plots: readonly { readonly movie: number; readonly plot: string }[]
}

/** Packs cleaned movies, which must come with ascending ids, into chunks. */
export class ChunkPacker {
  #chunk = -1
  #slots = 0
  #out = new Uint8Array(0)
  #length = new Int32Array(0)
  #duplicate = new Int32Array(0)
  #counts = new Uint8Array(0)
  #genres: number[] = []
  #plots: { movie: number; plot: string }[] = []

  /** Takes the next movie; answers the chunk before it when it begins another one. */
  add(m: CleanedMovie): CleanedChunk | null {
    const done = chunkOf(m.movie) === this.#chunk ? null : this.end()
    if (this.#chunk < 0) this.#begin(chunkOf(m.movie))
    const slot = slotOf(m.movie)
    this.#slots = slot + 1
    this.#out[slot] = m.out
    this.#length[slot] = m.length
    this.#duplicate[slot] = m.duplicate
    // more genres than a byte counts is no catalogue of genres: the rest is dropped
    this.#counts[slot] = Math.min(255, m.genres.length)
    for (const g of m.genres.slice(0, 255)) this.#genres.push(g)
    if (m.plot !== null) this.#plots.push({ movie: m.movie, plot: m.plot })
    return done
  }
  /** The chunk under way; null where there is none. */
  end(): CleanedChunk | null {
    if (this.#chunk < 0) return null
    const n = this.#slots
    const labels = packLabels({ counts: this.#counts.subarray(0, n), genres: Uint16Array.from(this.#genres) })
    const made = {
      chunk: this.#chunk,
      out: this.#out.slice(0, n),
      length: this.#length.slice(0, n),
      duplicate: this.#duplicate.slice(0, n),
      labels,
      plots: this.#plots,
    }
    this.#chunk = -1
    return made
  }
  #begin(chunk: number): void {
    this.#chunk = chunk
    this.#slots = 0
    this.#out = new Uint8Array(CHUNK_MOVIES).fill(NO_MOVIE)
    this.#length = new Int32Array(CHUNK_MOVIES)
    this.#duplicate = new Int32Array(CHUNK_MOVIES)
    this.#counts = new Uint8Array(CHUNK_MOVIES)
    this.#genres = []
    this.#plots = []
  }
}

interface Row {
  id: number
  at: string
  rule_set: string
  report: string
  genre_targets: string
}
/** Rows that are deleted in one step. */
const SLICE = 2000

/**
 * Generations of cleaning. A new one is written beside the one in force, chunk by chunk; `finish` puts it in force in one
 * tiny transaction; what is not in force can be dropped at any time.
 */
export class CleaningTable {
  readonly #db
  readonly #meta
  readonly #columns
  readonly #plot
  readonly #addPlot
  constructor(db: Db) {
    this.#db = db
    this.#meta = new MetaTable(db)
    this.#columns = new ColumnTable(db)
    this.#plot = db.prepare<[number, number], string>('select plot from cleaned_plot where generation = ? and movie = ?').pluck()
    this.#addPlot = db.prepare('insert or replace into cleaned_plot (generation, movie, plot) values (?, ?, ?)')
  }
  /** The generation in force; 0 before the first cleaning. */
  generation(): number {
    return this.#meta.get('cleaning') ?? 0
  }
  current(): Cleaning | null {
    const row = this.#db.prepare('select * from cleaning where id = ?').get(this.generation()) as Row | undefined
    if (!row) return null
    const [ruleSet, report, genreTargets] = [row.rule_set, row.report, row.genre_targets].map((text) => JSON.parse(text) as unknown)
    return { id: row.id, at: row.at, ruleSet, report, genreTargets } as Cleaning
  }
  /** Begins a generation; what writes it is this process. */
  begin(ruleSet: CleanRuleSet): number {
    return this.#db
      .transaction(() => {
        const { lastInsertRowid } = this.#db
          .prepare('insert into cleaning (at, rule_set) values (?, ?)')
          .run(new Date().toISOString(), JSON.stringify(ruleSet))
        return Number(lastInsertRowid)
      })
      .immediate()
  }
  addChunk(generation: number, c: CleanedChunk): void {
    this.#db.transaction(() => {
      this.#columns.put(generation, 'out', c.chunk, c.out)
      this.#columns.put(generation, 'length', c.chunk, c.length)
      this.#columns.put(generation, 'duplicate', c.chunk, c.duplicate)
      this.#columns.putBytes(generation, 'labels', c.chunk, c.labels)
      for (const { movie, plot } of c.plots) this.#addPlot.run(generation, movie, plot)
    })()
  }
  /** Plots that it changed, apart from the chunks that their movies are in. */
  addPlots(generation: number, plots: CleanedChunk['plots']): void {
    this.#db.transaction(() => {
      for (const { movie, plot } of plots) this.#addPlot.run(generation, movie, plot)
    })()
  }
  /** Puts a generation in force. What it replaces stays until {@link dropOthers}. */
  finish(generation: number, report: CleaningReport, targets: GenreTargets): void {
    this.#db
      .transaction(() => {
        const { changes } = this.#db
          .prepare('update cleaning set report = ?, genre_targets = ? where id = ?')
          .run(JSON.stringify(report), JSON.stringify(targets), generation)
        if (changes === 0) throw new Error('another program removed this cleaning while it was being made')
        this.#meta.set('cleaning', generation)
      })
      .immediate()
  }
  /** Generations that are not in force. */
  others(): number[] {
    return this.#db.prepare('select id from cleaning where id <> ? order by id').pluck().all(this.generation()) as number[]
  }
  /** Drops every generation that is not in force, in steps of short transactions. Only when nobody is writing one. */
  *dropOthers(): Generator<void> {
    for (const generation of this.others()) yield* this.drop(generation)
  }
  /** Drops one generation, in steps of short transactions. */
  *drop(generation: number): Generator<void> {
    if (generation === this.generation()) throw new Error('the cleaning in force is not to be dropped')
    const plots = this.#db.prepare(
      `delete from cleaned_plot where generation = @generation and movie in
         (select movie from cleaned_plot where generation = @generation limit ${SLICE})`,
    )
    while (plots.run({ generation }).changes > 0) yield
    const chunks = this.#db.prepare('select name, chunk from column_chunk where generation = ?').all(generation) as object[]
    const remove = this.#db.prepare('delete from column_chunk where generation = @generation and name = @name and chunk = @chunk')
    for (const c of chunks) {
      remove.run({ generation, ...c })
      yield
    }
    this.#db.prepare('delete from cleaning where id = ?').run(generation)
  }
  /** The plot that the cleaning in force made of a movie's; null where it left it as it is. */
  plot(movie: number): string | null {
    return this.#plot.get(this.generation(), movie) ?? null
  }
}
