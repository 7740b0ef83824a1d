/** Where two runs predict different genres. */
import type { Steps } from '../analysis/steps.ts'
import type { Store } from '../store/store.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'
import { WITHOUT_PAUSE, type RunSteps } from './original-columns.ts'
import type { Predictions } from './predictions.ts'
import { readScoresInSteps, type RunScores } from './run-scores.ts'
import { differencesIn, predictionsAt, scopeOfAll } from './scoring.ts'

/** Pairs of runs whose differences are kept: a bit for each movie and genre. */
const KEPT = 4

/** Rows with different predictions: in any genre, and by column of the catalogue. */
interface Differences {
  readonly any: Bits
  readonly columns: ReadonlyMap<number, Bits>
}

/** Movies that two runs predict differently, read when a filter first names the runs. */
export class Disagreements {
  readonly #store
  readonly #catalogue
  readonly #current
  readonly #run
  readonly #kept = new Map<string, Promise<Differences> | Differences>()
  constructor(store: Store, catalogue: Catalogue, current: Predictions | null, run: RunSteps = WITHOUT_PAUSE) {
    this.#store = store
    this.#catalogue = catalogue
    this.#current = current
    this.#run = run
  }
  /** Why a run cannot be asked for; null: it can. */
  problem(id: number): string | null {
    const run = this.#store.runs.get(id)
    if (!run) return `there is no run ${id}: see the list of runs`
    return run.status === 'done' ? null : `run ${id} gave no result (${run.status}): name a finished one`
  }
  /** Rows that both runs predict, and not alike; undefined while {@link load} has to run first. @param column of one genre; -1: any */
  rows(a: number, b: number, column: number): Bits | undefined {
    const kept = this.#kept.get(keyOf(a, b))
    if (!kept || kept instanceof Promise) return undefined
    return column < 0 ? kept.any : (kept.columns.get(column) ?? new Bits(this.#catalogue.n))
  }
  async load(a: number, b: number): Promise<void> {
    const key = keyOf(a, b)
    const reading = this.#kept.get(key) ?? this.#run(this.#differences(a, b))
    this.#kept.set(key, reading)
    try {
      this.#kept.set(key, await reading)
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
  *#differences(a: number, b: number): Steps<Differences> {
    const c = this.#catalogue
    const [old, fresh] = [yield* this.#scores(a), yield* this.#scores(b)]
    const scope = scopeOfAll(c, old, fresh)
    const any = new Bits(c.n)
    const columns = new Map(Array.from(scope.columns, (column) => [column, new Bits(c.n)]))
    const sides = [yield* predictionsAt(c, old, scope, 'per-genre'), yield* predictionsAt(c, fresh, scope, 'per-genre')] as const
    yield* differencesIn(sides, scope.rows.length, scope.columns.length, (i, j) => {
      any.set(scope.rows[i]!, true)
      columns.get(scope.columns[j]!)!.set(scope.rows[i]!, true)
    })
    return { any, columns }
  }
  *#scores(id: number): Steps<RunScores> {
    if (this.#current?.run === id) return this.#current
    const run = this.#store.runs.get(id)
    if (!run) throw new Error(`run ${id} was deleted while it was read`)
    return yield* readScoresInSteps(this.#catalogue, this.#store, run, null)
  }
}
const keyOf = (a: number, b: number): string => (a < b ? `${a}..${b}` : `${b}..${a}`)
