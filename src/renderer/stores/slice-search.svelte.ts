import { messageOf } from '../../contract/errors.ts'
import type { MetricsPart } from '../../contract/records.ts'
import type { SliceReport } from '../../contract/slices.ts'
import { Latest } from './latest.ts'
import type { Training } from './training.svelte.ts'
import { Screen } from './screen.ts'
import type { ProjectApi } from './project-api.ts'

/** Weight of the error against the size of a slice. */
export const ALPHAS = { large: 0.95, balanced: 0.99, small: 0.999 } as const
export type Preference = keyof typeof ALPHAS

/** Slices that the current run does worse on than elsewhere. */
export class SliceSearch extends Screen {
  part = $state.raw<MetricsPart>('oof')
  preference = $state.raw<Preference>('balanced')
  /** The run whose slices are compared with the current run's. */
  against = $state.raw<number | null>(null)
  report = $state.raw<SliceReport | null>(null)
  finding = $state.raw(false)
  /** The error of the last search, which has no report. */
  failed = $state.raw<string | null>(null)
  readonly #requests = new Latest()

  constructor(
    private readonly api: ProjectApi,
    private readonly training: Training,
  ) {
    super()
  }
  reset(): void {
    this.#requests.begin()
    this.report = this.failed = this.against = null
    this.finding = false
    this.forget()
  }
  choose(chosen: Partial<Pick<SliceSearch, 'part' | 'preference' | 'against'>>): void {
    Object.assign(this, chosen)
    void this.load()
  }
  async load(): Promise<void> {
    const { current, done } = this.training
    if (current === null) return
    this.loading()
    const latest = this.#requests.begin()
    this.finding = true
    if (!done.some(({ id, current }) => id === this.against && !current)) this.against = null
    try {
      const report = await this.api.call('slices.find', { part: this.part, alpha: ALPHAS[this.preference], against: this.against })
      if (!latest()) return
      this.report = report
      this.failed = null
    } catch (error) {
      if (!latest()) return
      this.report = null
      this.failed = messageOf(error)
    }
    this.finding = false
  }
}
