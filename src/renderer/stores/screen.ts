/** A store that loads what its screen shows when the screen appears, and again after a change while it is shown. */
export abstract class Screen {
  #shown = false
  #stale = true

  abstract load(): Promise<void>
  /** The screen appears. Returns the function to call when it disappears. */
  show(): () => void {
    this.#shown = true
    if (this.#stale) void this.load()
    return () => (this.#shown = false)
  }
  /** Call this after a change that makes the loaded data stale. */
  invalidate(): void {
    this.#stale = true
    if (this.#shown) void this.load()
  }
  /** The same without loading it now. */
  protected forget(): void {
    this.#stale = true
  }
  /** Loading begins. */
  protected loading(): void {
    this.#stale = false
  }
  protected get outdated(): boolean {
    return this.#stale
  }
}
