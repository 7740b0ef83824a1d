import type { SettingsStore, StateValue } from './settings.svelte.ts'

/** Widths of Review's panes in pixels; absent: the layout chooses. */
type Widths = Readonly<Partial<Record<'list' | 'genres', number>>>
const isWidths = (value: StateValue): value is Record<'list' | 'genres', number> =>
  typeof value === 'object' && value !== null && Object.values(value).every((width) => typeof width === 'number' && width > 0)
const isNames = (value: StateValue): value is string[] => Array.isArray(value) && value.every((name) => typeof name === 'string')
const [PANES, COLUMNS] = ['review.panes', 'review.columns']
const SAVE_DELAY_MS = 300

/** The layout of Review: widths of the panes, and the original columns that the list shows. Kept in the settings. */
export class Arrangement {
  /** While a pane is being resized. */
  #moving = $state.raw<Widths | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly widths: Widths = $derived.by(() => this.#moving ?? this.settings.recall(PANES, isWidths, {} as Record<string, number>))
  /** Names of columns; a project need not have them. */
  readonly columns: readonly string[] = $derived.by(() => this.settings.recall(COLUMNS, isNames, []))

  constructor(private readonly settings: SettingsStore) {}
  /** @param width null: the layout chooses */
  resize(pane: keyof Widths, width: number | null): void {
    const others = Object.entries(this.widths).filter(([other]) => other !== pane)
    const widths: Widths = Object.fromEntries(width === null ? others : [...others, [pane, width]])
    this.#moving = widths
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      void this.settings.remember(PANES, { ...widths })
      this.#moving = null
    }, SAVE_DELAY_MS)
  }
  showColumns(names: readonly string[]): void {
    void this.settings.remember(COLUMNS, [...names])
  }
}
