/** What a cleaning rule is to the walker. */
import type { CleanStep, ParamValue, RuleSpec } from '../../../contract/cleaning.ts'
import type { SourceMovie } from '../../../contract/records.ts'

/** A movie on its way through the steps. */
export interface Draft {
  source: SourceMovie
  plot: string
  genres: readonly string[]
}
/** What a step does to one movie; absent parts stay. */
export interface Effect {
  readonly plot?: string
  readonly genres?: readonly string[]
  readonly out?: true
  /** Of duplicates: the movie that this one repeats. */
  readonly repeats?: Repeated
  /** How it reads, before and after; asked for only where it is shown. */
  readonly example: () => readonly [before: string, after: string]
}
export interface Repeated {
  readonly movie: number
  /** From 0 to 1. */
  readonly similarity: number
}
/** What a step looks at and what it may alter; every step also depends on which movies are still in. */
export type Field = 'plot' | 'genres' | 'some-genre' | 'column'

/** A rule at work with its parameters, for one run over a catalogue. */
export interface Worker {
  /** Statistics of the movies that reach the step: sees all of them before the first `apply`. */
  readonly gather?: (draft: Draft) => void
  readonly gathered?: () => void
  /** Forgets what `apply` has seen: a new pass over the movies begins. */
  readonly restart?: () => void
  /** Null where the rule does not apply. Movies come in their order, each once a pass. */
  readonly apply: (draft: Draft) => Effect | null
  /** Of genre rules that gather: the same for movies whose genres were counted before. */
  readonly countGenre?: (name: string, movies: number) => void
  /** Of genre rules: what one name becomes. */
  readonly rename?: (name: string) => readonly string[]
}
export interface Rule {
  readonly spec: RuleSpec
  readonly reads: readonly Field[]
  readonly writes: readonly Field[]
  /** It needs `gather` before it can decide. */
  readonly statistical: boolean
  readonly start: (params: Params) => Worker | Promise<Worker>
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
