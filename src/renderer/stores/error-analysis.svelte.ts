import type { Api } from '../../contract/api.ts'
import type { ErrorMatrices, Faithfulness, Flip, GenreWords, TaughtMovie } from '../../contract/error-analysis.ts'
import type { MetricsPart } from '../../contract/records.ts'
import { Latest } from './latest.ts'
import type { Notices } from './notices.svelte.ts'
import { WhenShown } from './when-shown.ts'
import type { Training } from './training.svelte.ts'

/** Where the current run errs, and by which words. */
export class ErrorAnalysis {
  part = $state.raw<MetricsPart>('oof')
  matrices = $state.raw<ErrorMatrices | null>(null)
  /** Name of the genre whose words are shown. */
  genre = $state.raw<string | null>(null)
  words = $state.raw<GenreWords | null>(null)
  counting = $state.raw(false)
  /** How far the words of the current run's explanations can be trusted; null before that is measured. */
  faithfulness = $state.raw<Faithfulness | null>(null)
  /** What would change the prediction of a movie's genre. */
  flip = $state.raw<(Flip & { readonly movie: number; readonly genre: number }) | null>(null)
  flipping = $state.raw(false)
  /** Training movies that taught a genre of a movie. */
  taught = $state.raw<{ readonly movie: number; readonly genre: number; readonly movies: readonly TaughtMovie[] } | null>(null)
  readonly #api: Api
  readonly #notices: Notices
  readonly #training: Training
  readonly #requests = new Latest()
  readonly #wordRequests = new Latest()
  readonly #screen = new WhenShown(() => this.load())

  constructor(api: Api, notices: Notices, training: Training) {
    this.#api = api
    this.#notices = notices
    this.#training = training
  }
  reset(): void {
    this.#requests.begin()
    this.#wordRequests.begin()
    this.matrices = this.words = this.flip = this.genre = this.faithfulness = this.taught = null
    this.counting = this.flipping = false
    this.#screen.forget()
  }
  /** Called when the view appears; returns the function to call when it disappears. */
  show(): () => void {
    return this.#screen.show()
  }
  /** The current run or its labels have changed. */
  invalidate(): void {
    this.words = this.flip = this.taught = null
    this.#screen.invalidate()
  }
  choose(part: MetricsPart): void {
    this.part = part
    this.words = null
    void this.load()
  }
  async load(): Promise<void> {
    if (this.#training.current === null) return
    this.#screen.loading()
    const latest = this.#requests.begin()
    await this.#notices.guard(async () => {
      const [matrices, faithfulness] = await Promise.all([
        this.#api.call('errors.matrices', { part: this.part }),
        this.#api.call('errors.faithfulness', {}),
      ])
      if (!latest()) return
      this.faithfulness = faithfulness
      this.matrices = matrices
      this.genre ??= matrices.genres[0]?.name ?? null
    })
  }
  async findWords(genre: string): Promise<void> {
    this.genre = genre
    this.words = null
    this.counting = true
    const latest = this.#wordRequests.begin()
    await this.#notices.guard(async () => {
      const words = await this.#api.call('errors.words', { genre, part: this.part })
      if (latest()) this.words = words
    })
    if (latest()) this.counting = false
  }
  /** Measures the faithfulness of explanations; the engine's `changed` event brings the result. */
  async measure(): Promise<void> {
    await this.#notices.guard(() => this.#api.call('errors.measureFaithfulness', {}))
  }
  async findTaught(movie: number, genre: number): Promise<void> {
    this.taught = null
    const movies = await this.#notices.guard(() => this.#api.call('errors.taught', { movie, genre }))
    if (movies) this.taught = { movie, genre, movies }
  }
  async findFlip(movie: number, genre: number): Promise<void> {
    this.flip = null
    this.flipping = true
    await this.#notices.guard(async () => {
      const flip = await this.#api.call('errors.flip', { movie, genre })
      this.flip = { ...flip, movie, genre }
    })
    this.flipping = false
  }
}
