import { messageOf } from '../../contract/errors.ts'
import type { MovieDetail, TextPrediction } from '../../contract/records.ts'
import type { Jobs } from './jobs.svelte.ts'
import { Latest } from './latest.ts'
import type { ProjectApi } from './project-api.ts'

const TYPING_MS = 500
/** Shorter texts are not predicted. */
const MIN_CHARACTERS = 12

/** Predictions of the trained models for a typed-in plot, or for the changed plot of a movie beside those for its own. */
export class Asking {
  text = $state.raw('')
  predictions = $state.raw<readonly TextPrediction[]>([])
  /** The text that `predictions` belong to. */
  answered = $state.raw('')
  /** The movie whose plot is changed, which the models read with its title; null: a text of its own. */
  movie = $state.raw<Pick<MovieDetail, 'title' | 'plot'> | null>(null)
  /** Predictions for the movie's own plot, beside those for a changed one; null: there is nothing to compare. */
  readonly before = $derived.by(() => (this.#unchanged && this.answered !== this.movie?.plot.trim() ? this.#unchanged : null))
  #unchanged = $state.raw<readonly TextPrediction[] | null>(null)
  busy = $state.raw(false)
  problem = $state.raw('')
  readonly outdated = $derived(this.predictions.length > 0 && this.text.trim() !== this.answered)
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #runs = new Latest()

  constructor(
    private readonly api: ProjectApi,
    jobs: Jobs,
  ) {
    jobs.onEnd((job) => {
      // another run predicts something else for the same text
      if ((job.kind === 'train' || job.kind === 'retrain') && job.state === 'done') this.forget()
    })
  }
  /** Another project is open. */
  reset(): void {
    this.forget()
    this.text = ''
    this.movie = null
  }
  /** Begins with the plot of a movie. */
  edit({ title, plot }: Pick<MovieDetail, 'title' | 'plot'>): void {
    this.reset()
    this.text = plot
    this.movie = { title, plot }
    void this.ask()
  }
  /** The runs have changed: their predictions are stale. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#runs.begin()
    this.busy = false
    this.predictions = []
    this.#unchanged = null
    this.answered = ''
    this.problem = ''
  }
  type(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    if (text.trim() === '') this.reset()
    if (text.trim().length < MIN_CHARACTERS) return
    this.#timer = setTimeout(() => void this.ask(), TYPING_MS)
  }
  /** Sends one request at a time. If the text has changed meanwhile, the next request follows when the result arrives. */
  async ask(): Promise<void> {
    clearTimeout(this.#timer)
    const plot = this.text.trim()
    if (this.busy || plot === '' || (plot === this.answered && this.problem === '')) return
    const sameRuns = this.#runs.current()
    this.busy = true
    try {
      const predictions = await this.api.call('predict.text', { title: this.movie?.title ?? '', plot })
      if (!sameRuns()) return
      this.predictions = predictions
      if (plot === this.movie?.plot.trim()) this.#unchanged = predictions
      this.problem = ''
    } catch (error) {
      if (!sameRuns()) return
      this.predictions = []
      this.problem = messageOf(error)
    }
    this.answered = plot
    this.busy = false
    const now = this.text.trim()
    if (now !== plot && now.length >= MIN_CHARACTERS) await this.ask()
  }
}
