/** Loads what a screen shows when it appears, and again after a change while it is shown. */
export class WhenShown {
  #shown = false
  #stale = true
  readonly #load: () => unknown
  /** @param load must call {@link loading} */
  constructor(load: () => unknown) {
    this.#load = load
  }
  /** The screen appears. Returns the function to call when it disappears. */
  show(): () => void {
    this.#shown = true
    if (this.#stale) this.#load()
    return () => (this.#shown = false)
  }
  /** What was loaded is from before a change. */
  invalidate(): void {
    this.#stale = true
    if (this.#shown) this.#load()
  }
  /** The same without loading it now. */
  forget(): void {
    this.#stale = true
  }
  /** Loading begins. */
  loading(): void {
    this.#stale = false
  }
  get stale(): boolean {
    return this.#stale
  }
}
