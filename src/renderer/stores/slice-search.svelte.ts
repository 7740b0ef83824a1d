import type { Api } from '../../contract/api.ts'
import type { MetricsPart } from '../../contract/records.ts'
import type { SliceReport } from '../../contract/slices.ts'
import { Latest } from './latest.ts'
import type { Training } from './training.svelte.ts'

/** Weight of the error against the size of a slice. */
export const ALPHAS = { large: 0.95, balanced: 0.99, small: 0.999 } as const
export type Preference = keyof typeof ALPHAS

/** Slices that the current run does worse on than elsewhere. */
export class SliceSearch {
  part = $state.raw<MetricsPart>('oof')
  preference = $state.raw<Preference>('balanced')
  /** The run whose slices are compared with the current run's. */
  against = $state.raw<number | null>(null)
  report = $state.raw<SliceReport | null>(null)
  finding = $state.raw(false)
  /** What went wrong with the last search; it has no report. */
  failed = $state.raw<string | null>(null)
  readonly #api: Api
  readonly #training: Training
  readonly #requests = new Latest()
  #shown = false
  #stale = true

  constructor(api: Api, training: Training) {
    this.#api = api
    this.#training = training
  }
  reset(): void {
    this.#requests.begin()
    this.report = this.failed = this.against = null
    this.finding = false
    this.#stale = true
  }
  /** Called when the view appears; returns the function to call when it disappears. */
  show(): () => void {
    this.#shown = true
    if (this.#stale) void this.load()
    return () => (this.#shown = false)
  }
  /** Runs, labels or saved slices have changed. */
  invalidate(): void {
    this.#stale = true
    if (this.#shown) void this.load()
  }
  choose(chosen: Partial<Pick<SliceSearch, 'part' | 'preference' | 'against'>>): void {
    Object.assign(this, chosen)
    void this.load()
  }
  async load(): Promise<void> {
    const { current, done } = this.#training
    if (current === null) return
    this.#stale = false
    const latest = this.#requests.begin()
    this.finding = true
    if (!done.some(({ id, current }) => id === this.against && !current)) this.against = null
    try {
      const report = await this.#api.call('slices.find', { part: this.part, alpha: ALPHAS[this.preference], against: this.against })
      if (!latest()) return
      this.report = report
      this.failed = null
    } catch (error) {
      if (!latest()) return
      this.report = null
      this.failed = error instanceof Error ? error.message : String(error)
    }
    this.finding = false
  }
}
