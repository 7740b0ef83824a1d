/**
 * Cleans a catalogue by a rule set. Steps run in the order of the list: each movie goes through them until one removes it.
 * The source is never changed, and the result depends only on the source and the rule set: to undo a step, switch it off and
 * clean again. Plots are streamed; some bytes per movie are kept in memory.
 */
import type { CleaningReport, CleanRuleSet, CleanStepReport, RuleId } from '../../../contract/cleaning.ts'
import { GenreLists } from './genre-lists.ts'
import { isNew, planned, type Plan, type PlannedStep } from './plan.ts'
import { ruleOf } from './rule-set.ts'
import type { SourceMovie } from '../../../contract/records.ts'
import { required } from '../../../contract/required.ts'
import type { Draft, Effect } from './rule.ts'
import { renamed } from './rules-genres.ts'
import { StepStatistics, type Describe, type GenresOf } from './step-statistics.ts'

/** The movies of a catalogue, to be read several times. */
export interface MovieSource {
  /** Number of movies: decides the progress of a pass and whether costly rules are counted. */
  readonly movies: number
  /** All movies in the order of their ids, in batches; `columns`: original columns whose cells are needed. */
  read(columns: readonly string[]): AsyncIterable<readonly SourceMovie[]> | Iterable<readonly SourceMovie[]>
  readonly describe: Describe
}
export interface CleanOptions {
  readonly signal?: AbortSignal
  /** @param fraction from 0 to 1 */
  readonly progress?: (fraction: number, phase: string) => void
  /** Costly rules that are counted even if they are off. */
  readonly count?: readonly RuleId[]
  /** In catalogues of fewer movies, all rules that are off are counted. */
  readonly costlyBelow?: number
  /** Receives the changed plots of movies that stay, in the order of their ids. */
  readonly changed?: (plots: readonly ChangedPlot[]) => void | Promise<void>
}
export interface ChangedPlot {
  readonly movie: number
  readonly plot: string
}
/** Result of a cleaning; arrays are indexed by movie id. */
export interface Cleaned {
  readonly report: CleaningReport
  /** 0: kept; s: removed by the rule set's step s, from 1; {@link NOT_THERE}. */
  readonly out: Uint8Array
  /** UTF-16 code units of the cleaned plot. */
  readonly length: Int32Array
  /** The movie that this one repeats, or 0. */
  readonly duplicate: Int32Array
  /** Maps a genre name of the source to its names after cleaning. */
  readonly genreTarget: (name: string) => readonly string[]
  /** A movie's genres after cleaning, each once, in first-seen order. */
  readonly genresOf: (movie: number) => readonly string[]
}
export const NOT_THERE = 255

/** In larger catalogues, costly rules that are off are counted only on request. */
const COSTLY_BELOW = 100_000
/** Longest time without yielding to other work, in milliseconds. */
const SLICE = 30

export async function clean(source: MovieSource, ruleSet: CleanRuleSet, options: CleanOptions = {}): Promise<Cleaned> {
  const { count = [], costlyBelow = COSTLY_BELOW } = options
  const tried = (rule: RuleId): boolean => !ruleOf(rule).spec.costly || source.movies < costlyBelow || count.includes(rule)
  const plan = await planned(ruleSet, tried)
  const cleaning = new Cleaning(source, ruleSet, plan, options)
  for (let pass = 0; pass < plan.passes.length; pass++) await cleaning.pass(pass)
  return cleaning.result()
}

class Cleaning {
  readonly #source: MovieSource
  readonly #ruleSet: CleanRuleSet
  readonly #plan: Plan
  readonly #options: CleanOptions
  readonly #columns: readonly string[]
  readonly #statistics: ReadonlyMap<PlannedStep, StepStatistics>
  readonly #genres = new GenreLists()
  #out = new Uint8Array(1024).fill(NOT_THERE)
  #length = new Int32Array(1024)
  #duplicate = new Int32Array(1024)
  #movies = 0
  /** One past the largest id. */
  #size = 0
  #reading = 0
  #turnAt = performance.now() + SLICE

  constructor(source: MovieSource, ruleSet: CleanRuleSet, plan: Plan, options: CleanOptions) {
    this.#source = source
    this.#ruleSet = ruleSet
    this.#plan = plan
    this.#options = options
    this.#statistics = new Map(plan.steps.map((s) => [s, new StepStatistics()]))
    const filters = plan.steps.filter((s) => s.rule.reads.includes('column'))
    this.#columns = [...new Set(filters.map((s) => s.step.params['column'] as string).filter((name) => name !== ''))]
  }
  async pass(pass: number): Promise<void> {
    for (const { instance } of this.#plan.steps) instance.restart?.()
    if (this.#plan.passes[pass]?.reads) await this.#readPass(pass)
    else await this.#runGenrePass(pass)
    for (const s of this.#plan.steps) if (s.gathersIn === pass) s.instance.gathered?.()
  }
  /** A pass over the movies. */
  async #readPass(pass: number): Promise<void> {
    const { passes } = this.#plan
    const isLast = !passes.slice(pass + 1).some((p) => p.reads)
    const rounds = passes.filter((p) => p.reads).length
    let done = 0
    for await (const batch of this.#source.read(this.#columns)) {
      const changed: ChangedPlot[] = []
      for (const movie of batch) {
        if (pass === 0) this.#register(movie)
        const draft = this.#applySteps(movie, pass)
        this.#length[movie.movie] = draft.plot.length
        if (isLast && this.#out[movie.movie] === 0 && draft.plot !== movie.plot) changed.push({ movie: movie.movie, plot: draft.plot })
      }
      if (changed.length > 0) await this.#options.changed?.(changed)
      done += batch.length
      const part = Math.min(1, done / Math.max(1, this.#source.movies))
      await this.#turn(
        (this.#reading + part) / rounds,
        `cleaning: ${done.toLocaleString('en')} movies${rounds > 1 ? `, pass ${this.#reading + 1} of ${rounds}` : ''}`,
      )
    }
    this.#reading++
  }
  async #turn(fraction: number, phase: string): Promise<void> {
    this.#options.signal?.throwIfAborted()
    this.#options.progress?.(fraction, phase)
    if (performance.now() < this.#turnAt) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#turnAt = performance.now() + SLICE
  }
  #register({ movie, genres }: SourceMovie): void {
    while (movie >= this.#out.length) this.#grow()
    this.#genres.add(movie, genres)
    this.#movies++
    this.#size = movie + 1
  }
  #grow(): void {
    const [out, length, duplicate] = [this.#out, this.#length, this.#duplicate]
    this.#out = new Uint8Array(out.length * 2).fill(NOT_THERE)
    this.#length = new Int32Array(out.length * 2)
    this.#duplicate = new Int32Array(out.length * 2)
    this.#out.set(out)
    this.#length.set(length)
    this.#duplicate.set(duplicate)
  }
  #applySteps(source: SourceMovie, pass: number): Draft {
    const id = source.movie
    const draft: Draft = { source, plot: source.accepted ?? source.plot, genres: once(source.genres) }
    this.#out[id] = 0
    this.#duplicate[id] = 0
    for (const s of this.#plan.steps) {
      if (s.gathersIn === pass) required(s.instance.gather, 'gather')(draft)
      if (s.appliesIn > pass || (!s.step.on && s.appliesIn < pass)) continue
      const effect = s.instance.apply(draft)
      if (effect === null) continue
      if (s.appliesIn === pass) this.#statistics.get(s)?.add(source, effect)
      if (!s.step.on) continue
      if (effect.out) {
        this.#out[id] = s.index + 1
        this.#duplicate[id] = effect.repeats?.movie ?? 0
        break
      }
      adopt(draft, effect)
    }
    return draft
  }
  /** A pass for steps that depend on genres alone, over the genres in memory. */
  async #runGenrePass(pass: number): Promise<void> {
    const { steps } = this.#plan
    const newSteps = steps.filter((s) => isNew(s, pass))
    const run = steps.filter((s) => s.instance.rename !== undefined && s.appliesIn <= pass && (s.step.on || s.appliesIn === pass))
    const at = [...new Set([...newSteps, ...run])].sort((a, b) => a.index - b.index)
    for (let id = 0; id < this.#size; id++) {
      if (this.#out[id] === NOT_THERE) continue
      const source: SourceMovie = {
        movie: id,
        key: '',
        title: '',
        plot: '',
        genres: this.#genres.namesOf(id),
      }
      const draft: Draft = { source, plot: '', genres: source.genres }
      const removedAt = (this.#out[id] || Infinity) - 1
      for (const s of at) {
        if (s.index > removedAt) break
        if (s.gathersIn === pass) required(s.instance.gather, 'gather')(draft)
        if (s.appliesIn > pass) continue
        const effect = s.instance.apply(draft)
        if (effect === null) continue
        if (s.appliesIn === pass) this.#statistics.get(s)?.add(source, effect)
        if (s.step.on) adopt(draft, effect)
      }
      if (id % 1000 === 0) await this.#turn(this.#reading / this.#plan.passes.filter((p) => p.reads).length, 'cleaning: genres')
    }
  }
  async result(): Promise<Cleaned> {
    const size = this.#size
    const renames = this.#plan.steps.filter((s) => s.step.on && s.instance.rename !== undefined)
    const targets = new Map<string, readonly string[]>()
    const genreTarget = (name: string): readonly string[] => {
      let target = targets.get(name)
      if (target === undefined) {
        target = renames.reduce<readonly string[]>((names, s) => renamed(names, required(s.instance.rename, 'rename')), [name])
        targets.set(name, target)
      }
      return target
    }
    const genresOf = (movie: number): readonly string[] => [...new Set(this.#genres.namesOf(movie).flatMap(genreTarget))]
    return {
      report: await this.#report(genresOf),
      out: this.#out.subarray(0, size),
      length: this.#length.subarray(0, size),
      duplicate: this.#duplicate.subarray(0, size),
      genreTarget,
      genresOf,
    }
  }
  async #report(genresOf: GenresOf): Promise<CleaningReport> {
    const tallies = new Map([...this.#statistics].map(([s, tally]) => [s.index, tally]))
    const describe = (movies: readonly number[]): ReturnType<Describe> => this.#source.describe(movies)
    let rows = this.#movies
    const steps: CleanStepReport[] = []
    for (const [index, step] of this.#ruleSet.entries()) {
      const { title, description, effect } = ruleOf(step.rule).spec
      const tally = tallies.get(index)
      const rowsIn = rows
      if (step.on) rows -= tally?.removed ?? 0
      const figures = await (tally ?? new StepStatistics()).report(describe, genresOf)
      steps.push({ ...step, title, description, effect, counted: tally !== undefined, rowsIn, rowsOut: rows, ...figures })
    }
    return { movies: this.#movies, kept: rows, steps }
  }
}

function adopt(draft: Draft, effect: Effect): void {
  draft.plot = effect.plot ?? draft.plot
  draft.genres = effect.genres ?? draft.genres
}
/** A source may repeat a genre. */
function once(genres: readonly string[]): readonly string[] {
  return genres.length < 2 || new Set(genres).size === genres.length ? genres : [...new Set(genres)]
}
