/** Progress of a job of several trainings, each weighted by its work. */
export interface Stage {
  readonly name: string
  /** Any unit, the same for all stages. */
  readonly work: number
}

/** Reports the fraction of the whole job; it never decreases. */
export class Meter {
  readonly #starts = new Map<string, readonly [from: number, share: number]>()
  readonly #report: (fraction: number, phase: string) => void
  #reported = 0

  constructor(stages: readonly Stage[], report: (fraction: number, phase: string) => void) {
    const total = stages.reduce((sum, { work }) => sum + work, 0)
    let at = 0
    for (const { name, work } of stages) {
      this.#starts.set(name, [at / total, work / total])
      at += work
    }
    this.#report = report
  }

  /** @param fraction fraction of the stage, 0 to 1 */
  at(stage: string, fraction: number, phase = stage): void {
    const [from, share] = this.#starts.get(stage) ?? [this.#reported, 0]
    this.#reported = Math.max(this.#reported, from + share * Math.min(1, fraction))
    this.#report(this.#reported, phase)
  }
}
