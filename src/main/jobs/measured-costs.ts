/** Measured time and memory of trainings on this machine, as multiples of their estimates: a small file in the data folder. */
import { z } from 'zod'
import { writeFileAtomically } from '../files/atomic.ts'
import { jsonIn } from '../files/read.ts'

/** Number of newest trainings that are stored, and of those of one kind that are averaged. */
const [KEPT, COUNTED] = [200, 5]
const FILE = z.array(z.strictObject({ kind: z.string(), time: z.number().positive(), memory: z.number().positive() }))
type Measured = z.output<typeof FILE>[number]

export class MeasuredCosts {
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }
  add(measured: Measured): void {
    try {
      writeFileAtomically(this.#path, JSON.stringify([...this.#read(), measured].slice(-KEPT)))
    } catch {
      // a full disk costs an estimate, not the training
    }
  }
  /** Median factors on the estimates; medians, because early stopping or another program may have disturbed a training. `runs`: number of trainings; 0: the factors are 1. */
  of(kind: string): Omit<Measured, 'kind'> & { readonly runs: number } {
    const runs = this.#read().filter((run) => run.kind === kind).slice(-COUNTED) // prettier-ignore
    return { time: median(runs.map(({ time }) => time)), memory: median(runs.map(({ memory }) => memory)), runs: runs.length }
  }
  /** Reads the file each time, because another program may have written it. */
  #read(): Measured[] {
    // ignore a damaged file, on which only estimates depend
    return jsonIn(this.#path, FILE) ?? []
  }
}

/** The median; of an even number, the lower of the middle two. */
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[(numbers.length - 1) >> 1] ?? 1
