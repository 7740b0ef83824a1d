import type {
  ErrorMatrices,
  Faithfulness,
  Flip,
  GenreWords,
  ScoresBy,
  SharedWords,
  StrongestWords,
  TrainingExample,
} from '../../contract/error-analysis.ts'
import type { MetricsPart } from '../../contract/records.ts'
import { Latest } from './latest.ts'
import { Screen } from './screen.ts'
import type { Training } from './training.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** Where the current run errs, and by which words. */
export class ErrorAnalysis extends Screen {
  part = $state.raw<MetricsPart>('oof')
  matrices = $state.raw<ErrorMatrices | null>(null)
  /** The property by which scores are shown, and the columns that can be chosen. */
  by = $state.raw('genres')
  columns = $state.raw<readonly string[]>([])
  scores = $state.raw<ScoresBy | null>(null)
  scoring = $state.raw(false)
  /** Name of the genre whose words are shown. */
  genre = $state.raw<string | null>(null)
  words = $state.raw<GenreWords | null>(null)
  counting = $state.raw(false)
  strongest = $state.raw<StrongestWords | null>(null)
  weighing = $state.raw(false)
  shared = $state.raw<SharedWords | null>(null)
  sharing = $state.raw(false)
  /** Words that the next model is to leave out. */
  dropped = $state.raw<readonly string[]>([])
  /** How far the words of the current run's explanations can be trusted; null before that is measured. */
  faithfulness = $state.raw<Faithfulness | null>(null)
  /** The smallest change of the text that changes the prediction of a movie's genre. */
  flip = $state.raw<(Flip & { readonly movie: number; readonly genre: number }) | null>(null)
  flipping = $state.raw(false)
  /** Training examples of a genre of a movie. */
  examples = $state.raw<{ readonly movie: number; readonly genre: number; readonly movies: readonly TrainingExample[] } | null>(null)
  readonly #requests = new Latest()
  readonly #wordRequests = new Latest()
  readonly #scoreRequests = new Latest()

  constructor(
    private readonly api: ProjectApi,
    private readonly training: Training,
  ) {
    super()
  }
  reset(): void {
    this.#requests.begin()
    this.#wordRequests.begin()
    this.#scoreRequests.begin()
    this.by = 'genres'
    this.columns = []
    this.scores = null
    this.scoring = false
    this.matrices = this.words = this.flip = this.genre = this.faithfulness = this.examples = this.strongest = this.shared = null
    this.counting = this.flipping = this.weighing = this.sharing = false
    this.dropped = []
    this.forget()
  }
  /** The current run or its labels have changed. */
  override invalidate(): void {
    this.words = this.flip = this.examples = this.strongest = this.shared = null
    super.invalidate()
  }
  choose(part: MetricsPart): void {
    this.part = part
    this.words = null
    void this.load()
  }
  async load(): Promise<void> {
    if (this.training.current === null) return
    this.loading()
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const [matrices, faithfulness] = await Promise.all([
        this.api.call('errors.matrices', { part: this.part }),
        this.api.call('errors.faithfulness', {}),
      ])
      if (!latest()) return
      this.faithfulness = faithfulness
      this.matrices = matrices
      this.genre ??= matrices.genres[0]?.name ?? null
      const { columns } = await this.api.call('review.names', {})
      if (!latest()) return
      this.columns = columns.filter(({ type }) => type !== 'text').map(({ name }) => name)
      await this.scoreBy(this.by)
    })
  }
  /** Shows the scores by another property of the movies. */
  async scoreBy(by: string): Promise<void> {
    this.by = by
    this.scoring = true
    const latest = this.#scoreRequests.begin()
    const scores = await this.api.guard(() => this.api.call('errors.scores', { part: this.part, by }))
    if (!latest()) return
    this.scores = scores ?? null
    this.scoring = false
  }
  async findWords(genre: string): Promise<void> {
    this.genre = genre
    this.words = null
    this.counting = true
    const latest = this.#wordRequests.begin()
    await this.api.ask('errors.words', { genre, part: this.part }, (words) => latest() && (this.words = words))
    if (latest()) this.counting = false
  }
  async findStrongest(): Promise<void> {
    this.weighing = true
    await this.api.ask('errors.strongest', {}, (words) => (this.strongest = words))
    this.weighing = false
  }
  async findShared(): Promise<void> {
    this.sharing = true
    await this.api.ask('errors.sharedWords', {}, (words) => (this.shared = words))
    this.sharing = false
  }
  /** Leaves a word out of the next model, or takes it in again. */
  toggleDropped(word: string): void {
    this.dropped = this.dropped.includes(word) ? this.dropped.filter((other) => other !== word) : [...this.dropped, word]
  }
  /** Measures the faithfulness of explanations; the engine's `changed` event brings the result. */
  async measure(): Promise<void> {
    await this.api.ask('errors.measureFaithfulness', {})
  }
  async findExamples(movie: number, genre: number): Promise<void> {
    this.examples = null
    const movies = await this.api.ask('errors.examples', { movie, genre })
    if (movies) this.examples = { movie, genre, movies }
  }
  async findFlip(movie: number, genre: number): Promise<void> {
    this.flip = null
    this.flipping = true
    await this.api.ask('errors.flip', { movie, genre }, (flip) => (this.flip = { ...flip, movie, genre }))
    this.flipping = false
  }
}
