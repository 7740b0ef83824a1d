/** A thread of the linear family: waits for its input, takes problems from the shared queue until it is empty, and ends. */
import { parentPort } from 'node:worker_threads'
import { transposedTimes } from './csr.ts'
import { bayesMargin, fitBayes } from './bayes.ts'
import type { Solution } from './logistic.ts'
import { openWriter, type FitOutput, type Writer } from './output.ts'
import { problemMaker, rowWeights, type FitConfig, type TrainingRows } from './problems.ts'
import { countsIn } from './matrix-space.ts'
import { openOperator, spaceOf, type PlacedOperator } from './products.ts'
import { sweep, type Task } from './sweep.ts'

/** Input of a thread. The arrays are shared; each problem writes its own cells. */
export interface WorkerInput {
  readonly thread: number
  readonly operator: PlacedOperator
  readonly passes: readonly { readonly rows: TrainingRows; readonly output: FitOutput }[]
  readonly config: FitConfig
  /** (1) the next problem: (pass * parts + fold) * k + genre, the final model being fold number `folds` */
  readonly queue: Int32Array
}
/** Posted for each solved problem. */
export interface Solved {
  readonly problem: number
}

function work({ thread, operator: placed, passes, config, queue }: WorkerInput): void {
  const { shape } = placed.matrix
  const space = spaceOf(placed)
  const matrix = { ...shape, ...space }
  const counts = countsIn(shape, space)
  const makers = passes.map(({ rows }) => problemMaker(rows, config))
  const { k } = passes[0]!.rows
  const problems = (config.final ? config.folds + 1 : config.folds) * k
  const writer = (number: number): Writer => {
    const { rows, output } = passes[Math.floor(number / problems)]!
    return openWriter(number % problems, rows, config.folds, output)
  }
  const solved = (number: number, labels: Uint8Array, { dual, intercept, margins }: Solution): void => {
    const to = writer(number)
    const { rows } = passes[Math.floor(number / problems)]!
    to.linear({ weights: () => transposedTimes(matrix, dual), intercept, margin: (row) => margins[row]! })
    if (rows.bayes !== false) {
      const bayes = fitBayes(counts, labels, rowWeights(rows, to.fold, to.genre))
      to.bayes({ weights: () => bayes.ratios, intercept: bayes.intercept, margin: (row) => bayesMargin(bayes, counts, row) })
    }
    parentPort!.postMessage({ problem: number } satisfies Solved)
  }
  const constant = (number: number, probability: number): void => {
    const intercept = Math.log(probability / (1 - probability))
    const to = writer(number)
    to.linear({ weights: () => new Float64Array(matrix.columns), intercept, margin: () => intercept })
    to.bayes({ weights: () => new Float64Array(counts.columns), intercept, margin: () => intercept })
    parentPort!.postMessage({ problem: number } satisfies Solved)
  }
  const next = (): Task | null => {
    for (;;) {
      const number = Atomics.add(queue, 0, 1)
      if (number >= passes.length * problems) return null
      const problem = makers[Math.floor(number / problems)]!(Math.floor((number % problems) / k), number % k)
      if (!('constant' in problem)) return { problem, solved: (solution) => solved(number, problem.labels, solution) }
      constant(number, problem.constant)
    }
  }
  sweep(openOperator(placed, thread), next)
}

parentPort!.once('message', (input: WorkerInput) => work(input))
