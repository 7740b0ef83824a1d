import type { Store } from '../store/store.ts'
import type { StoredRun } from '../store/runs.ts'
import { bytesOf, float32Of, int32Of } from '../store/views.ts'
import type { Catalogue } from './catalogue.ts'

/** For fewer movies, recomputing everything is cheaper than storing it in the file. */
const WORTH_KEEPING = 50_000

/**
 * Caches results in the project file that take long to compute from a run and a cleaning: the review scores (with the last batch that
 * they include) and the silent cells. The cache belongs to the generation of cleaning and is removed with it.
 */
export class Derived {
  readonly #store
  readonly #generation
  readonly #run
  readonly #keeps
  readonly #n
  readonly #k
  /** Identifies the columns and the thresholds: a change may add a genre that the source does not have, or choose other thresholds. */
  readonly #columns
  /** @param least number of movies from which the cache is worth its space */
  constructor(
    store: Store,
    { n, k, generation, genres }: Pick<Catalogue, 'n' | 'k' | 'generation' | 'genres'>,
    { id, thresholds }: Pick<StoredRun, 'id' | 'thresholds'>,
    least = WORTH_KEEPING,
  ) {
    this.#store = store
    this.#generation = generation
    this.#run = id
    this.#n = n
    this.#k = k
    const numbers = [...genres.map((g) => g.id), ...int32Of(bytesOf(Float32Array.from(thresholds)))]
    this.#columns = numbers.reduce((sum, x) => (sum * 31 + Math.abs(x % 1_000_003)) % 1_000_003, 7)
    this.#keeps = n >= least && n > 0
  }
  /** The cached silent cells; null if they are not cached. */
  silent(): Uint32Array | null {
    const numbers = this.#get('silent', Math.ceil((this.#n * this.#k) / 32))
    return numbers && new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
  }
  keepSilent(bits: Uint32Array): void {
    this.#put('silent', bytesOf(bits))
  }
  /** Scores after some batch of the change log; null if they are not cached. */
  scores(): { readonly scores: Float32Array; readonly lastBatch: number } | null {
    const numbers = this.#get('scores', 1 + this.#n)
    return numbers && { lastBatch: numbers[0]!, scores: float32Of(bytesOf(numbers.slice(1))) }
  }
  keepScores(scores: Float32Array, lastBatch: number): void {
    const numbers = new Int32Array(1 + scores.length)
    numbers[0] = lastBatch
    numbers.set(int32Of(bytesOf(scores)), 1)
    this.#put('scores', bytesOf(numbers))
  }
  #name(what: string): string {
    return `${what} ${this.#run} ${this.#columns}`
  }
  #get(what: string, length: number): Int32Array | null {
    if (!this.#keeps) return null
    const bytes = this.#store.columns.derived(this.#generation, this.#name(what))
    return bytes?.length === 4 * length ? int32Of(bytes) : null
  }
  #put(what: string, bytes: Uint8Array): void {
    if (!this.#keeps) return
    try {
      this.#store.transaction(() => this.#store.columns.putDerived(this.#generation, this.#name(what), bytes))
    } catch {
      // the file is read-only or gone, or another program is writing to it: the values are recomputed next time
    }
  }
}
