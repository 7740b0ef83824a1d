/** The interface of cleaning rules, as the cleaner uses them. */
import type { CleanStep, ParamValue, RuleSpec } from '../../../contract/cleaning.ts'
import type { SourceMovie } from '../../../contract/records.ts'

/** A movie on its way through the steps. */
export interface Draft {
  source: SourceMovie
  plot: string
  genres: readonly string[]
}
/** The effect of a step on one movie; absent parts stay unchanged. */
export interface Effect {
  readonly plot?: string
  readonly genres?: readonly string[]
  readonly out?: true
  /** For duplicates: the movie that this one repeats. */
  readonly repeats?: Repeated
  /** The text before and after; called only if it is shown. */
  readonly example: () => readonly [before: string, after: string]
}
export interface Repeated {
  readonly movie: number
  /** From 0 to 1. */
  readonly similarity: number
}
/** Fields that a step reads or writes. Every step also depends on which movies are still kept. */
export type Field = 'plot' | 'genres' | 'some-genre' | 'column'

/** A rule with its parameters, for one run over a catalogue. */
export interface RuleInstance {
  /** Collects statistics of the movies that reach the step: receives all of them before the first `apply`. */
  readonly gather?: (draft: Draft) => void
  readonly gathered?: () => void
  /** Resets the state of `apply`: a new pass over the movies begins. */
  readonly restart?: () => void
  /** Returns null if the rule does not apply. Movies come in their order, each once per pass. */
  readonly apply: (draft: Draft) => Effect | null
  /** For genre rules that gather: counts a genre of `movies` movies at once, in the place of `gather`. */
  readonly countGenre?: (name: string, movies: number) => void
  /** For genre rules: returns the names that replace one name. */
  readonly rename?: (name: string) => readonly string[]
}
export interface Rule {
  readonly spec: RuleSpec
  readonly reads: readonly Field[]
  readonly writes: readonly Field[]
  /** True if it needs `gather` before it can decide. */
  readonly statistical: boolean
  readonly start: (params: Params) => RuleInstance | Promise<RuleInstance>
}

/** The parameters of a step, checked and complete. */
export class Params {
  readonly #values: Readonly<Record<string, ParamValue>>
  constructor(spec: RuleSpec, step: Pick<CleanStep, 'params'>) {
    this.#values = { ...Object.fromEntries(spec.params.map((p) => [p.name, p.value])), ...step.params }
  }
  number(name: string): number {
    return this.#values[name] as number
  }
  text(name: string): string {
    return this.#values[name] as string
  }
  flag(name: string): boolean {
    return this.#values[name] as boolean
  }
  list(name: string): readonly string[] {
    return this.#values[name] as readonly string[]
  }
  table(name: string): Readonly<Record<string, readonly string[]>> {
    return this.#values[name] as Readonly<Record<string, readonly string[]>>
  }
}
