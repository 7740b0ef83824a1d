import { SvelteMap } from 'svelte/reactivity'
import type { Change } from '../../contract/review.ts'
import { isMark, type MovieRow } from '../../contract/records.ts'
import { Pace } from './pace.ts'

/** Statistics of this session: the movies that were decided on since this window opened the project, in their current state. */
export class Session {
  readonly #movies = new SvelteMap<number, Pick<MovieRow, 'reviewed'> & { readonly corrected: boolean }>()
  #pace = new Pace()
  perMinute = $state.raw<number | null>(null)
  readonly looked = $derived(this.#movies.size)
  readonly reviewed = $derived([...this.#movies.values()].filter((movie) => movie.reviewed).length)
  /** Movies with a corrected label. */
  readonly corrected = $derived([...this.#movies.values()].filter((movie) => movie.corrected).length)

  /** Another project is open. */
  reset(): void {
    this.#movies.clear()
    this.#pace = new Pace()
    this.perMinute = null
  }
  /** Counts a decision; a note, a flag or a skip is none on labels. */
  decided(changes: readonly Change[], rows: readonly MovieRow[]): void {
    if (changes.every(({ field }) => field === 'note' || (isMark(field) && field !== 'reviewed'))) return
    for (const row of rows) this.#put(row)
    this.#pace.tick()
    this.perMinute = this.#pace.perMinute(this.looked)
  }
  /** After an undo or a redo. */
  reread(rows: readonly MovieRow[]): void {
    for (const row of rows) if (this.#movies.has(row.movie)) this.#put(row)
  }
  #put({ movie, reviewed, cells }: MovieRow): void {
    this.#movies.set(movie, { reviewed, corrected: cells.some(({ label, source }) => label !== source) })
  }
}
