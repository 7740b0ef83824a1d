import { messageOf } from '../../contract/errors.ts'
import type { Explanation, MovieDetail } from '../../contract/records.ts'
import { m } from '../messages/index.ts'
import type { ProjectApi } from './project-api.ts'

interface Question {
  readonly movie: number
  readonly genre: number
}
const same = (a: Question | null, b: Question | null): boolean => a?.movie === b?.movie && a?.genre === b?.genre

/**
 * Explains the probability of a genre of the current movie. A linear run explains at once, a transformer needs seconds: only one
 * call is running at a time, and paging through movies explains only the last one.
 */
export class Explaining {
  explanation = $state.raw<Explanation | null>(null)
  /** The movie of `explanation`, whose spans apply to no other plot. */
  movie = $state.raw<number | null>(null)
  /** Why there is no explanation, in words. */
  none = $state.raw('')
  /** True while the explanation of the selected genre is computed. */
  busy = $state.raw(false)
  #wanted: Question | null = null
  #under: Question | null = null

  constructor(private readonly api: ProjectApi) {}
  /** Clears the explanation; `none` says why there is none. */
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
  /** Shows a result unless another genre was selected meanwhile. */
  async #answer({ movie, genre }: Question): Promise<() => void> {
    try {
      const explanation = await this.api.call('review.explain', { movie, genre })
      return () => {
        this.explanation = explanation
        this.movie = movie
        this.none = ''
      }
    } catch (error) {
      const why = messageOf(error)
      return () => {
        this.explanation = null
        this.movie = null
        this.none = why
      }
    }
  }
}
