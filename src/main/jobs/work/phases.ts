import type { JobControl } from '../../processes/job-control.ts'

/**
 * Progress over phases that overlap: each has its share of the whole, as measured, and is done to some part.
 * @param shares any unit, such as seconds; only their ratios matter
 */
export class Phases<P extends string> {
  readonly #control
  readonly #shares: Readonly<Record<P, number>>
  readonly #done = new Map<P, number>()
  readonly #whole: number
  #words = 'starting'

  constructor(control: Pick<JobControl, 'progress'>, shares: Readonly<Record<P, number>>) {
    this.#control = control
    this.#shares = shares
    this.#whole = Object.values<number>(shares).reduce((a, b) => a + b, 0)
  }
  /**
   * @param part of the phase that is done, 0 to 1; it never goes back
   * @param words what is being done; left out: as before
   */
  tell(phase: P, part: number, words?: string): void {
    this.#words = words ?? this.#words
    this.#done.set(phase, Math.min(1, Math.max(part, this.#done.get(phase) ?? 0)))
    let sum = 0
    for (const [p, done] of this.#done) sum += this.#shares[p] * done
    this.#control.progress(sum / this.#whole, this.#words)
  }
}
