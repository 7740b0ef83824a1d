import type { AppInfo, ProjectEntry, ProjectInfo } from '../../contract/project.ts'
import type { Genre } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { m } from '../messages/index.ts'
import type { Notices } from './notices.svelte.ts'
import type { ProjectApi } from './project-api.ts'
import { isTexts, type SettingsStore } from './settings.svelte.ts'

/** Topic of the notice about other programs. */
const OTHERS = 'others'
/** Name in the window's state. */
const PINNED = 'projects.pinned'

/** The open project, and the list of projects. */
export class Project {
  info = $state.raw<ProjectInfo | null>(null)
  app = $state.raw<AppInfo | null>(null)
  entries = $state.raw<readonly ProjectEntry[]>([])
  /** Projects that were deleted and can be put back. */
  deleted = $state.raw<readonly ProjectEntry[]>([])
  /** The other programs that have the project open, in words. */
  others = $state.raw<readonly string[]>([])
  /** Paths of pinned projects. */
  readonly pinned = $derived.by(() => this.settings.recall(PINNED, isTexts, []))
  /** All projects: the pinned ones first, and each part with the newest first. */
  readonly ordered = $derived([...this.entries].sort((a, b) => Number(this.isPinned(b.path)) - Number(this.isPinned(a.path))))
  readonly genres = $derived(this.info?.genres ?? [])
  /** Genres by descending number of source labels, an order that relabelling does not change. */
  commonest = $state.raw<readonly Genre[]>([])
  readonly hasTest = $derived((this.info?.splits.test ?? 0) > 0)
  #shownNotices = ''

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly settings: SettingsStore,
  ) {
    api.on('others', (others) => this.#showOthers(others))
  }
  /** Shows the open project, or opens the sample project if none is open. */
  async start(): Promise<void> {
    await this.api.guard(async () => {
      this.app = await this.api.call('app.info', {})
      try {
        this.#show(await this.api.call('project.info', {}))
      } catch (error) {
        if (!(error instanceof UserError && error.code === 'no-project')) throw error
        this.#show(await this.api.call('project.sample', {}))
      }
    })
  }
  /** Reads again who decides. */
  async loadApp(): Promise<void> {
    await this.api.ask('app.info', {}, (app) => (this.app = app))
  }
  async load(): Promise<void> {
    await this.api.ask('project.info', {}, (info) => this.#show(info))
  }
  /** Another project is open: its genres are not ranked yet. */
  reset(): void {
    this.commonest = []
  }
  async rank(): Promise<void> {
    const counts = await this.api.ask('overview.get', {})
    if (counts) this.commonest = [...counts.genres].sort((a, b) => b.source - a.source || a.id - b.id)
  }
  /** Gives a digit key to the genre with this name. */
  async setKey(digit: string, name: string): Promise<void> {
    const genre = this.genres.find((g) => g.name === name)?.id
    const others = Object.entries(this.info?.keys ?? {}).filter(([key, id]) => key !== digit && id !== genre)
    const keys = Object.fromEntries(genre === undefined ? others : [...others, [digit, genre]])
    await this.api.ask('review.setKeys', { keys })
    await this.load()
  }
  /** Known before its menu opens, which lists them again: a list that comes late moves what is under the pointer. */
  async listEntries(): Promise<void> {
    await this.api.ask('project.list', {}, (entries) => (this.entries = entries))
  }
  async listDeleted(): Promise<void> {
    await this.api.ask('project.list', { deleted: true }, (entries) => (this.deleted = entries))
  }
  isPinned(path: string): boolean {
    return this.pinned.includes(path)
  }
  pin(path: string, on: boolean): void {
    void this.settings.remember(PINNED, [...this.pinned.filter((other) => other !== path), ...(on ? [path] : [])])
  }
  /** Rejects if it cannot be opened. */
  async open(path: string): Promise<void> {
    this.#show(await this.api.call('project.open', { path }))
  }
  async sample(): Promise<void> {
    await this.api.ask('project.sample', {}, (info) => this.#show(info))
  }
  #showOthers(others: readonly string[]): void {
    this.others = others
    if (others.length === 0) this.notices.settled(OTHERS)
    else this.notices.news(OTHERS, m.shell.project.others(others))
  }
  #show(info: ProjectInfo): void {
    this.info = info
    this.#showOthers(info.others)
    const text = info.notices.join(' ')
    if (text !== '' && text !== this.#shownNotices) this.notices.info(text)
    this.#shownNotices = text
  }
}
