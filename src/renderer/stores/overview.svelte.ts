import type { Overview as OverviewData } from '../../contract/review.ts'
import type { LabelsKind, MetricsPart, MetricsReport } from '../../contract/records.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { Project } from './project.svelte.ts'
import { Screen } from './screen.ts'
import { WrongLabels } from './wrong-labels.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** Bootstrap resamples for the intervals of the headline figures. */
const RESAMPLES = 300

/** Counts of the catalogue and figures of the current run. */
export class Overview extends Screen {
  data = $state.raw<OverviewData | null>(null)
  metrics = $state.raw<MetricsReport | null>(null)
  /** Null: the test part if there is one, else out-of-fold. */
  chosenPart = $state.raw<MetricsPart | null>(null)
  labels = $state.raw<LabelsKind>('corrected')
  readonly part: MetricsPart = $derived.by(() => this.chosenPart ?? (this.project.hasTest ? 'test' : 'oof'))
  readonly wrong: WrongLabels
  readonly #requests = new Latest()

  constructor(
    private readonly api: ProjectApi,
    readonly project: Project,
    jobs: Jobs,
  ) {
    super()
    this.wrong = new WrongLabels(api, jobs)
  }
  /** Another project is open. */
  reset(): void {
    this.data = null
    this.metrics = null
    this.chosenPart = null
    this.wrong.reset()
    this.forget()
    this.#requests.begin()
  }
  choose(part: MetricsPart, labels: LabelsKind): void {
    this.chosenPart = part
    this.labels = labels
    void this.api.guard(() => this.#loadMetrics(this.#requests.begin()))
  }
  async load(): Promise<void> {
    this.loading()
    void this.wrong.load()
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const data = await this.api.call('overview.get', {})
      if (latest()) this.data = data
      await this.#loadMetrics(latest)
    })
  }
  async #loadMetrics(latest: () => boolean): Promise<void> {
    if (this.project.info?.currentRun == null) this.metrics = null
    else {
      const metrics = await this.api.call('metrics.get', { part: this.part, labels: this.labels, resamples: RESAMPLES })
      if (latest()) this.metrics = metrics
    }
  }
}
