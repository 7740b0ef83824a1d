import type { Api } from '../../contract/api.ts'
import type { Explanation, MovieDetail } from '../../contract/records.ts'
import { m } from '../messages/index.ts'

interface Question {
  readonly movie: number
  readonly genre: number
}
const same = (a: Question | null, b: Question | null): boolean => a?.movie === b?.movie && a?.genre === b?.genre

/**
 * Why a genre of the movie at hand has its probability. A linear run answers at once, a transformer takes seconds: one
 * question is under way at a time, and whoever pages through movies asks about the last one alone.
 */
export class Explaining {
  explanation = $state.raw<Explanation | null>(null)
  /** The movie that `explanation` speaks of: its spans fit no other plot. */
  movie = $state.raw<number | null>(null)
  /** Why there is none, in words. */
  none = $state.raw('')
  /** The answer to what is selected is still to come. */
  busy = $state.raw(false)
  readonly #api: Api
  #wanted: Question | null = null
  #under: Question | null = null

  constructor(api: Api) {
    this.#api = api
  }
  /** Nothing is to be explained; `none` says why. */
  clear(none = ''): void {
    this.#wanted = null
    this.explanation = null
    this.movie = null
    this.none = none
    this.busy = false
  }
  async ask(movie: MovieDetail, genre: number): Promise<void> {
    if (movie.allCells.every((c) => c.probability === null)) {
      this.clear(m.runs.noExplanation)
      return
    }
    this.#wanted = { movie: movie.movie, genre }
    this.busy = true
    if (this.#under === null) await this.#work()
  }
  async #work(): Promise<void> {
    while (this.#wanted !== null) {
      const question = this.#wanted
      this.#under = question
      const answer = await this.#answer(question)
      this.#under = null
      if (!same(question, this.#wanted)) continue
      answer()
      this.#wanted = null
      this.busy = false
    }
  }
  /** What to show once it is known that nothing else has been asked meanwhile. */
  async #answer({ movie, genre }: Question): Promise<() => void> {
    try {
      const explanation = await this.#api.call('review.explain', { movie, genre })
      return () => {
        this.explanation = explanation
        this.movie = movie
        this.none = ''
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return () => {
        this.explanation = null
        this.movie = null
        this.none = why
      }
    }
  }
}
