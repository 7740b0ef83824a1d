import type { CalibrationKind, MovieRow } from '../../contract/records.ts'
import type { CalibrationReport, StrategyId, StrategyRow, StrategyTable, ThresholdData } from '../../contract/thresholds.ts'
import { m } from '../messages/index.ts'
import { Latest } from './latest.ts'
import { LiveFigures, type CurvePoint, type GenreFigures, type LiveScores } from './live-thresholds.ts'
import type { Notices } from './notices.svelte.ts'
import { Screen } from './screen.ts'
import type { Training } from './training.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** Movies that change side which are shown. */
const SHOWN = 8
const SIDES_MS = 150

export interface GenreLine extends GenreFigures {
  readonly id: number
  readonly name: string
  readonly threshold: number
  /** As it is stored with the run. */
  readonly stored: number
}

/** Thresholds of the current run: a draft of others, and what each does to the figures, on out-of-fold movies. */
export class Thresholds extends Screen {
  data = $state.raw<ThresholdData | null>(null)
  strategies = $state.raw<StrategyTable | null>(null)
  calibration = $state.raw<CalibrationReport | null>(null)
  lines = $state.raw<readonly GenreLine[]>([])
  headline = $state.raw<LiveScores | null>(null)
  /** With the stored thresholds. */
  before = $state.raw<LiveScores | null>(null)
  /** Place of the selected genre. */
  selected = $state.raw(0)
  curve = $state.raw<readonly CurvePoint[]>([])
  /** Movies of the selected genre that change side, the first ones of `count`. */
  sides = $state.raw<{ readonly count: number; readonly rows: readonly MovieRow[] }>({ count: 0, rows: [] })
  readonly edited = $derived(this.lines.some(({ threshold, stored }) => threshold !== stored))
  /** How the draft was made. */
  #origin = ''
  #live: LiveFigures | null = null
  readonly #requests = new Latest()
  readonly #sideRequests = new Latest()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly api: ProjectApi,
    private readonly notices: Notices,
    private readonly training: Training,
  ) {
    super()
  }
  reset(): void {
    clearTimeout(this.#timer)
    this.#requests.begin()
    this.#live = null
    this.data = null
    this.strategies = null
    this.calibration = null
    this.lines = []
    this.headline = this.before = null
    this.selected = 0
    this.forget()
  }
  /** The current run or its labels have changed; a draft that is not stored is kept until it is. */
  override invalidate(): void {
    if (this.edited) this.forget()
    else super.invalidate()
  }
  async load(): Promise<void> {
    if (this.training.current === null) return
    this.loading()
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const data = await this.api.call('thresholds.data', {})
      if (!latest()) return
      this.#live = new LiveFigures(data)
      this.data = data
      this.before = this.#live.headline()
      this.selected = Math.min(this.selected, data.genres.length - 1)
      this.#follow()
      this.curve = this.#live.curve(this.selected)
      const [strategies, calibration] = await Promise.all([
        this.api.call('thresholds.strategies', {}),
        this.api.call('calibration.get', {}),
      ])
      if (!latest()) return
      this.strategies = strategies
      this.calibration = calibration
    })
  }
  /** Shows the figures of the draft. */
  #follow(): void {
    const [live, data] = [this.#live, this.data]
    if (!live || !data) return
    this.headline = live.headline()
    this.lines = data.genres.map((genre, g) => ({
      ...genre,
      ...live.genre(g),
      threshold: live.thresholds[g] ?? 0.5,
      stored: data.thresholds[g] ?? 0.5,
    }))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#loadSides(), SIDES_MS)
  }
  drag(g: number, threshold: number): void {
    this.#live?.set(g, threshold)
    this.#origin = m.thresholds.byHand
    if (g !== this.selected) this.select(g)
    this.#follow()
  }
  select(g: number): void {
    this.selected = g
    this.curve = this.#live?.curve(g) ?? []
    this.#follow()
  }
  /** Makes the thresholds of a strategy the draft. */
  try({ strategy, thresholds }: StrategyRow): void {
    thresholds.forEach((threshold, g) => this.#live?.set(g, threshold))
    this.#origin = m.thresholds.strategies[strategy].label
    this.#follow()
  }
  /** Computes the table again with another number for a strategy. */
  async revalue(strategy: StrategyId, value: number): Promise<void> {
    const values = Object.fromEntries(
      (this.strategies?.rows ?? []).flatMap((row) => (row.value === null ? [] : [[row.strategy, row.value]])),
    )
    const latest = this.#requests.begin()
    await this.api.guard(async () => {
      const table = await this.api.call('thresholds.strategies', { values: { ...values, [strategy]: value } })
      if (latest()) this.strategies = table
    })
  }
  /** Takes the draft back. */
  discard(): void {
    this.data?.thresholds.forEach((threshold, g) => this.#live?.set(g, threshold))
    this.#follow()
    if (this.outdated) void this.load()
  }
  /** Stores the draft with the current run; the engine's `changed` event brings the rest. */
  async store(): Promise<void> {
    const thresholds = this.lines.map(({ threshold }) => threshold)
    await this.api.ask('thresholds.set', { thresholds, origin: this.#origin })
    await this.load()
  }
  /** Gives the run back the thresholds of its training. */
  async restore(): Promise<void> {
    await this.api.ask('thresholds.reset', {})
    await this.load()
  }
  /** Gives the run's probabilities another scale. */
  async calibrate(kind: CalibrationKind): Promise<void> {
    const text = m.thresholds.calibration
    await this.api.ask('calibration.set', { kind }, (change) => this.notices.info(text.changed(text.kinds[kind], change)))
    await this.load()
  }
  async #loadSides(): Promise<void> {
    const [live, data, g] = [this.#live, this.data, this.selected]
    const line = this.lines[g]
    if (!live || !data || !line) return
    const latest = this.#sideRequests.begin()
    const rows = line.threshold === line.stored ? [] : live.between(g, line.stored, line.threshold)
    const movies = rows.slice(0, SHOWN).map((row) => data.movies[row] ?? 0)
    await this.api.guard(async () => {
      const shown = movies.length === 0 ? [] : await this.api.call('review.rows', { movies })
      if (latest()) this.sides = { count: rows.length, rows: shown }
    })
  }
}
