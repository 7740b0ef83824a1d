import type { ArgsIn } from '../../contract/api.ts'
import type { ChangeField, LoggedChange } from '../../contract/records.ts'
import { m } from '../messages/index.ts'
import type { Labels } from './labels.svelte.ts'
import { Latest } from './latest.ts'
import type { Notices } from './notices.svelte.ts'
import type { ProjectApi } from './project-api.ts'
import { Screen } from './screen.ts'

/** Which decisions are listed; empty: any. */
export interface LogFilter {
  readonly text: string
  readonly genre: string
  readonly field: ChangeField | ''
  readonly who: string
  readonly since: string
  readonly until: string
}
const ALL: LogFilter = { text: '', genre: '', field: '', who: '', since: '', until: '' }
const TYPING_MS = 250

/** The change log as a list that grows while it is scrolled. */
export class History extends Screen {
  filter = $state.raw(ALL)
  entries = $state.raw<readonly LoggedChange[]>([])
  /** True if older entries follow; null before the first page. */
  more = $state.raw<boolean | null>(null)
  index = $state.raw(0)
  people = $state.raw<readonly string[]>([])
  readonly selected = $derived(this.entries[this.index] ?? null)
  readonly filtered = $derived(Object.values(this.filter).some((value) => value !== ''))
  readonly #lists = new Latest()
  #fetching = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly labels: Labels,
  ) {
    super()
  }
  /** Another project is open. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#lists.begin()
    this.filter = ALL
    this.entries = []
    this.people = []
    this.more = null
    this.index = 0
    this.invalidate()
  }
  async load(): Promise<void> {
    this.loading()
    await Promise.all([this.#page(this.#lists.begin(), 0), this.api.ask('review.names', {}, ({ people }) => (this.people = people))])
  }
  /** Lists other decisions, a moment after the last key. */
  choose(part: Partial<LogFilter>): void {
    this.filter = { ...this.filter, ...part }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#page(this.#lists.begin(), 0), TYPING_MS)
  }
  /** Fetches older entries if positions up to `end` are shown. */
  need(end: number): void {
    if (this.more && !this.#fetching && end >= this.entries.length) void this.#page(this.#lists.current(), this.entries.at(-1)?.change ?? 0)
  }
  async #page(latest: () => boolean, before: number): Promise<void> {
    this.#fetching = true
    const { text, genre, field, who, since, until } = this.filter
    const filter = { text, genre: genre || null, field: field || null, who: who || null, since: since || null, until: until || null }
    const page = await this.api.ask('labels.log', { ...filter, before })
    if (!latest()) return
    this.#fetching = false
    this.more = page?.more ?? false
    if (!page) return
    if (before === 0) this.index = 0
    this.entries = before === 0 ? page.entries : [...this.entries, ...page.entries]
  }
  select(index: number): void {
    this.index = Math.max(0, Math.min(this.entries.length - 1, index))
  }
  /** Says what reverting a batch, or one cell of it, would change, and asks. */
  async revert(entry: LoggedChange, one: boolean): Promise<void> {
    const args: Omit<ArgsIn<'labels.revert'>, 'dryRun'> = { batch: entry.batch, change: one ? entry.change : null }
    const planned = await this.api.ask('labels.revert', { ...args, dryRun: true })
    if (!planned) return
    const effect = m.history.effect(planned)
    if (planned.changes === 0) {
      this.notices.info(`${m.history.nothing} ${effect}`)
      return
    }
    const act = async (): Promise<void> => {
      const done = await this.api.ask('labels.revert', { ...args, dryRun: false })
      if (done) this.labels.confirm(m.history.reverted(done.description))
    }
    this.notices.question = { title: m.history.question(entry.batch, one), text: effect, confirm: m.history.confirm, act }
  }
}
