/** A longer pause between two decisions is a break, of which only this much counts. */
const MAX_PAUSE_MS = 60_000

/** Measures how fast decisions are made, without breaks. */
export class Pace {
  #activeMs = 0
  #last: number
  /** @param now when the work begins, in milliseconds of any clock */
  constructor(now = performance.now()) {
    this.#last = now
  }
  /** Notes a decision. */
  tick(now = performance.now()): void {
    this.#activeMs += Math.min(MAX_PAUSE_MS, now - this.#last)
    this.#last = now
  }
  /** Decisions per minute; null while too little time has passed. */
  perMinute(decisions: number): number | null {
    return this.#activeMs > 0 && decisions > 0 ? (decisions * 60_000) / this.#activeMs : null
  }
}
