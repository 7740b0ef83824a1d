import type { CleaningReport, CleanRuleSet } from '../../contract/cleaning.ts'
import type { CleanedColumns, CleanedPlot } from '../../contract/jobs.ts'
import type { Db } from './database.ts'
import { ColumnTable, packLabels } from './columns.ts'
import { MetaTable } from './meta.ts'
import { z } from 'zod'
import { RowType } from './rows.ts'
import { IDS, objectWith } from './values.ts'

/** Genre id -> the ids that a cleaning replaces it by; an empty list: the genre is dropped. */
export type GenreTargets = Readonly<Record<number, readonly number[]>>
export interface Cleaning {
  readonly id: number
  readonly at: string
  readonly ruleSet: CleanRuleSet
  readonly report: CleaningReport
  readonly genreTargets: GenreTargets
}
export const CLEANING = new RowType<Cleaning>({
  table: 'cleaning',
  json: {
    ruleSet: z.array(z.looseObject({ rule: z.string(), on: z.boolean() })),
    report: objectWith({ movies: z.number(), kept: z.number(), steps: z.array(z.looseObject({ rule: z.string() })) }).nullable(),
    genreTargets: z.record(z.string(), IDS).nullable(),
  },
})
/** Rows that are deleted in one step. */
const SLICE = 2000

/**
 * Generations of cleaning. A new one is written beside the current one, chunk by chunk; `finish` makes it current in one
 * short transaction; generations that are not current can be dropped at any time.
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
  /** The current generation; 0 before the first cleaning. */
  generation(): number {
    return this.#meta.get('cleaning') ?? 0
  }
  current(): Cleaning | null {
    const row = this.#db.prepare('select * from cleaning where id = ?').get(this.generation())
    return row === undefined ? null : CLEANING.read(row)
  }
  /** Begins a generation, which this process writes. */
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
  /** Writes the columns of one chunk, whose genres are ids. */
  addColumns(generation: number, { chunk, out, length, duplicate, counts, genres }: CleanedColumns): void {
    this.#db.transaction(() => {
      this.#columns.put(generation, 'out', chunk, out)
      this.#columns.put(generation, 'length', chunk, length)
      this.#columns.put(generation, 'duplicate', chunk, duplicate)
      this.#columns.putBytes(generation, 'labels', chunk, packLabels({ counts, genres }))
    })()
  }
  /** Writes plots that the cleaning changed. */
  addPlots(generation: number, plots: readonly CleanedPlot[]): void {
    this.#db.transaction(() => {
      for (const { movie, plot } of plots) this.#addPlot.run(generation, movie, plot)
    })()
  }
  /** Makes a generation current. The one that it replaces stays until {@link dropOthers}. */
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
  /** Generations that are not current. */
  others(): number[] {
    return this.#db.prepare('select id from cleaning where id <> ? order by id').pluck().all(this.generation()) as number[]
  }
  /** Drops every generation that is not current, in steps of short transactions. Call it only while none is being written. */
  *dropOthers(): Generator<void> {
    for (const generation of this.others()) yield* this.drop(generation)
  }
  /** Drops one generation, in steps of short transactions. */
  *drop(generation: number): Generator<void> {
    if (generation === this.generation()) throw new Error('the current cleaning cannot be dropped')
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
  /** A movie's plot after the current cleaning; null if that left it unchanged. */
  plot(movie: number): string | null {
    return this.#plot.get(this.generation(), movie) ?? null
  }
}
