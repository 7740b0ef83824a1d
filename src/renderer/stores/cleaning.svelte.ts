import type { JobEvent } from '../../contract/events.ts'
import {
  ruleSetText,
  type CleanStep,
  type GenrePreview,
  type ParamValue,
  type RuleBook,
  type RuleId,
  type RuleSpec,
  type SavedRuleSet,
} from '../../contract/cleaning.ts'
import {
  addable,
  differenceInWords,
  figuresOf,
  idsFor,
  moved,
  ruleSetKey,
  ruleSetOf,
  type EditedStep,
  type Figures,
} from './cleaning-logic.ts'
import { m } from '../messages/index.ts'
import { download } from '../download.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { Notices } from './notices.svelte.ts'
import { Screen } from './screen.ts'
import type { ProjectApi } from './project-api.ts'

const GENRES_MS = 150
const NO_BOOK: RuleBook = { rules: [], ruleSet: [], columns: [] }

/** The cleaning rule set: the current one, the edited one, and its preview. */
export class Cleaning extends Screen {
  book = $state.raw<RuleBook>(NO_BOOK)
  /** The edited list. */
  steps = $state.raw<readonly EditedStep[]>([])
  /** Report of the current rule set. */
  inForce = $state.raw<Figures | null>(null)
  /** Report of the last preview. */
  previewed = $state.raw<Figures | null>(null)
  /** True while a preview is running. */
  previewing = $state.raw(false)
  /** Effect of the edited list's genre rules on the source's genres. */
  genres = $state.raw<GenrePreview | null>(null)
  saved = $state.raw<readonly SavedRuleSet[]>([])
  readonly key = $derived(ruleSetKey(ruleSetOf(this.steps)))
  readonly edited = $derived(this.inForce !== null && this.key !== this.inForce.key)
  /** The newest figures. `stale`: they belong to an earlier state of the list. */
  readonly figures = $derived.by(() => {
    if (this.previewed?.key === this.key) return this.previewed
    return this.edited ? (this.previewed ?? this.inForce) : this.inForce
  })
  readonly stale = $derived(this.figures !== null && this.figures.key !== this.key)
  readonly addable = $derived(addable(this.book.rules, this.steps))
  /** Difference between the previewed and the current rule set; empty while it is unknown. */
  readonly difference = $derived(
    this.inForce && this.edited && this.previewed?.key === this.key ? differenceInWords(this.inForce.report, this.previewed.report) : '',
  )
  #next = 1
  readonly #loads = new Latest()
  readonly #previews = new Latest()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly jobs: Jobs,
  ) {
    super()
  }
  get job(): JobEvent | null {
    return this.jobs.latest('clean')
  }
  /** The running preview. */
  get previewJob(): JobEvent | null {
    const job = this.jobs.latest('preview')
    return job?.state === 'running' ? job : null
  }
  /** Another project is open. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#loads.begin()
    this.#previews.begin()
    this.forget()
    this.book = NO_BOOK
    this.steps = []
    this.inForce = null
    this.previewed = null
    this.previewing = false
    this.genres = null
  }
  /** The edited list as an argument, which the contract's schema wants mutable. */
  get #edited(): CleanStep[] {
    return [...ruleSetOf(this.steps)]
  }
  spec(rule: RuleId): RuleSpec | undefined {
    return this.book.rules.find((s) => s.rule === rule)
  }
  async load(): Promise<void> {
    this.loading()
    const latest = this.#loads.begin()
    await this.api.guard(async () => {
      const [book, report] = await Promise.all([this.api.call('clean.rules', {}), this.api.call('clean.report', {})])
      if (!latest()) return
      const { edited } = this
      this.book = book
      const ids = idsFor(report.steps, this.steps, () => this.#next++)
      this.inForce = figuresOf(report, ruleSetKey(report.steps), ids)
      if (!edited) this.#show(report.steps, ids)
    })
  }
  #show(ruleSet: readonly CleanStep[], ids: readonly number[]): void {
    this.steps = ruleSet.map(({ rule, on, params }, i) => ({ rule, on, params, id: ids[i] ?? this.#next++ }))
    this.previewed = null
    this.countGenres()
  }

  // ---- editing; nothing changes before it is applied

  #edit(id: number, patch: Partial<CleanStep>): void {
    this.steps = this.steps.map((s) => (s.id === id ? { ...s, ...patch } : s))
    this.countGenres()
  }
  setOn(id: number, on: boolean): void {
    this.#edit(id, { on })
  }
  setParam(id: number, name: string, value: ParamValue): void {
    const step = this.steps.find((s) => s.id === id)
    if (step) this.#edit(id, { params: { ...step.params, [name]: value } as CleanStep['params'] })
  }
  move(id: number, by: number): void {
    this.steps = moved(this.steps, id, by)
    this.countGenres()
  }
  remove(id: number): void {
    this.steps = this.steps.filter((s) => s.id !== id)
  }
  /** Inserts after the last step of the same rule, else at the end. */
  add(rule: RuleId): number {
    const id = this.#next++
    const at = this.steps.findLastIndex((s) => s.rule === rule)
    this.steps = this.steps.toSpliced(at < 0 ? this.steps.length : at + 1, 0, { id, rule, on: true, params: {} })
    return id
  }
  discard(): void {
    const { inForce } = this
    if (inForce) this.#show(inForce.report.steps, [...inForce.steps.keys()])
  }

  // ---- preview and apply

  /** `count`: counts also this costly rule although it is off. */
  async preview(count: RuleId | null = null): Promise<void> {
    const latest = this.#previews.begin()
    const { steps, key } = this
    this.previewing = true
    await this.api.ask('clean.preview', { ruleSet: this.#edited, count: count === null ? [] : [count] }, (report) => {
      const ids = steps.map((s) => s.id)
      if (latest()) this.previewed = figuresOf(report, key, ids)
    })
    if (latest()) this.previewing = false
  }
  async cancelPreview(): Promise<void> {
    if (this.previewJob) await this.jobs.cancel(this.previewJob.job)
  }
  async apply(): Promise<void> {
    await this.api.ask('clean.set', { ruleSet: this.#edited })
  }
  /** Updates the genre preview after a short delay, so that typing does not send a call per key. */
  countGenres(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const { key } = this
      void this.api.ask('clean.genres', { ruleSet: this.#edited }, (genres) => key === this.key && (this.genres = genres))
    }, GENRES_MS)
  }

  // ---- saved rule sets

  async listSaved(): Promise<void> {
    await this.api.ask('clean.saved', {}, (saved) => (this.saved = saved))
  }
  async save(name: string): Promise<void> {
    await this.api.ask('clean.save', { name, ruleSet: this.#edited }, () => this.notices.info(m.clean.ruleSets.savedNotice(name)))
    await this.listSaved()
  }
  async delete(name: string): Promise<void> {
    await this.api.ask('clean.delete', { name })
    await this.listSaved()
  }
  /** Loads a saved rule set for editing. */
  async use(name: string): Promise<void> {
    await this.api.ask('clean.load', { name }, (ruleSet) => this.#show(ruleSet, []))
  }
  /** Loads the default rule set for editing. */
  useDefault(): void {
    this.#show(this.book.ruleSet, [])
  }
  saveFile(name: string): void {
    download(`${name}.json`, 'application/json', [ruleSetText(ruleSetOf(this.steps))])
  }
  async loadFile(file: File): Promise<void> {
    await this.api.ask('clean.load', { text: await file.text() }, (ruleSet) => this.#show(ruleSet, []))
  }
}
