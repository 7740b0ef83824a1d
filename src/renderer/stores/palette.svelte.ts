import { UserError } from '../../contract/errors.ts'
import { Latest } from './latest.ts'
import { EVERYTHING } from './movie-list.svelte.ts'
import type { ProjectApi } from './project-api.ts'
import { titleOf } from './review-logic.ts'
import { isTexts, type SettingsStore } from './settings.svelte.ts'

/** A movie that the palette found. */
export interface FoundMovie {
  readonly movie: number
  readonly title: string
  /** Its id in the catalogue. */
  readonly key: string
}
const RECENT = 'palette.recent'
const MAX_RECENT = 6
const MAX_MOVIES = 8
const TYPING_MS = 120

/** The command palette's hits in the project, and its entries that were chosen last. */
export class PaletteStore {
  text = $state.raw('')
  movies = $state.raw<readonly FoundMovie[]>([])
  readonly #searches = new Latest()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: ProjectApi,
    private readonly settings: SettingsStore,
  ) {}
  reset(): void {
    this.#searches.begin()
    this.movies = []
  }
  get recent(): readonly string[] {
    return this.settings.recall(RECENT, isTexts, [])
  }
  chosen(id: string): void {
    void this.settings.remember(RECENT, [id, ...this.recent.filter((other) => other !== id)].slice(0, MAX_RECENT))
  }
  search(text: string): void {
    const isLatest = this.#searches.begin()
    this.text = text
    clearTimeout(this.#timer)
    const wanted = text.trim()
    if (wanted === '') this.movies = []
    else this.#timer = setTimeout(() => void this.#find(wanted, isLatest), TYPING_MS)
  }
  /** The movie with exactly this id first, then movies whose titles have the words. A text that cannot be searched for finds none. */
  async #find(text: string, isLatest: () => boolean): Promise<void> {
    try {
      const [exact, found] = await Promise.all([this.#withKey(text), this.#withWords(text)])
      const ids = [...exact, ...found.filter((movie) => !exact.includes(movie))].slice(0, MAX_MOVIES)
      const rows = ids.length === 0 ? [] : await this.api.call('review.rows', { movies: ids })
      if (isLatest()) this.movies = rows.map((row) => ({ movie: row.movie, title: titleOf(row), key: row.key }))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      if (isLatest()) this.movies = []
    }
  }
  async #withKey(key: string): Promise<readonly number[]> {
    const found = await this.api.call('review.find', { key }).catch(() => null)
    return found ? [found.movie] : []
  }
  async #withWords(text: string): Promise<readonly number[]> {
    const where = text.split(/\s+/).map(inTitle).join(' ')
    const { movies } = await this.api.call('review.first', { ...EVERYTHING, sort: 'file', where, limit: MAX_MOVIES })
    return [...movies]
  }
}
/** A word of a title as a filter; a word of letters alone may be the beginning of one. */
const inTitle = (word: string): string => `title:${/^[\p{L}\p{N}]+$/u.test(word) ? word : `"${word.replaceAll(/["\\]/g, '')}"`}`
