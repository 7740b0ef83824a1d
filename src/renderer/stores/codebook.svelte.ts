import type { CodebookCounts, CodebookEntry, CodebookState, CodebookVersion } from '../../contract/codebook.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'

type Entry = CodebookState['entries'][number]

/** The definitions of genres, and the entry that is being edited. */
export class Codebook {
  entries = $state.raw<readonly Entry[]>([])
  /** By genre. Only the Codebook screen shows them, and counting reads the whole catalogue. */
  counts = $state.raw<Readonly<Record<string, CodebookCounts>>>({})
  #shown = false
  /** The name of the genre whose entry is edited; null: none was chosen yet. */
  chosen = $state.raw<string | null>(null)
  /** Entries with what was typed since they were saved, by genre. */
  #drafts = $state.raw<Readonly<Record<string, CodebookEntry>>>({})
  versions = $state.raw<readonly CodebookVersion[]>([])
  readonly #requests = new Latest()
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made again with each change of the entries, and never changed
  readonly #byId = $derived(new Map(this.entries.map((entry) => [entry.id, entry])))

  constructor(private readonly api: ProjectApi) {}
  /** Another project is open. */
  reset(): void {
    this.#requests.begin()
    this.entries = this.versions = []
    this.counts = {}
    this.chosen = null
    this.#drafts = {}
  }
  /** Unsaved changes of the chosen entry; null if there are none. */
  get draft(): CodebookEntry | null {
    return this.#drafts[this.chosen ?? ''] ?? null
  }
  edit(entry: CodebookEntry): void {
    this.#drafts = { ...this.#drafts, [entry.genre]: entry }
  }
  discard(genre: string): void {
    this.#drafts = Object.fromEntries(Object.entries(this.#drafts).filter(([name]) => name !== genre))
  }
  /** The entry of a genre of the catalogue. */
  of(genre: number | null): Entry | undefined {
    return genre === null ? undefined : this.#byId.get(genre)
  }
  named(genre: string): Entry | undefined {
    return this.entries.find((entry) => entry.genre === genre)
  }
  async load(): Promise<void> {
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const { entries } = await this.api.call('codebook.get', {})
      const versions = this.chosen === null ? [] : await this.api.call('codebook.versions', { genre: this.chosen })
      if (!latest()) return
      Object.assign(this, { entries, versions })
      if (!this.#shown) return
      const counts = await this.api.call('codebook.counts', {})
      if (latest()) this.counts = counts
    })
  }
  /** The Codebook screen appears. Returns the function to call when it disappears. */
  show(): () => void {
    this.#shown = true
    void this.load()
    return () => (this.#shown = false)
  }
  choose(genre: string): void {
    if (genre === this.chosen) return
    this.chosen = genre
    this.versions = []
    void this.#loadVersions(genre)
  }
  async #loadVersions(genre: string): Promise<void> {
    const versions = await this.api.ask('codebook.versions', { genre })
    if (versions && genre === this.chosen) this.versions = versions
  }
  /** Returns the version that was saved; undefined if the engine refused, with a notice on screen, or nothing differs. */
  async save(wording: boolean): Promise<number | undefined> {
    const { draft } = this
    if (!draft) return undefined
    const version = (this.named(draft.genre)?.version ?? 0) + 1
    const done = await this.api.ask('codebook.set', { entries: [draft], wording })
    if (!done) return undefined
    if (this.#drafts[draft.genre] === draft) this.discard(draft.genre)
    await this.load()
    return done.changed.length > 0 ? version : undefined
  }
}
