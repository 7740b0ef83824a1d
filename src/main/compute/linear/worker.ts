/** A thread of the linear family: waits for its input, takes problems from the shared queue until it is empty, and ends. */
import { parentPort } from 'node:worker_threads'
import { bayesMaker, bayesMargin, ratioScale, type BayesModel } from './bayes.ts'
import { transposedTimes } from './csr.ts'
import type { Solution } from './logistic.ts'
import { openWriter, type FitOutput, type Writer } from './output.ts'
import { problemMaker, type FitConfig, type TrainingRows } from './problems.ts'
import { openOperator, spaceOf, type PlacedOperator } from './products.ts'
import { sweep, type Task } from './sweep.ts'

/** Input of a thread. The arrays are shared; each problem writes its own cells. */
export interface WorkerInput {
  readonly thread: number
  readonly operator: PlacedOperator
  readonly passes: readonly { readonly rows: TrainingRows; readonly output: FitOutput }[]
  readonly config: FitConfig
  /** Folds whose problems are solved, the final model being fold number `folds`. */
  readonly parts: readonly number[]
  /** (1) the next problem: (pass * parts + place of the fold among the parts) * k + genre */
  readonly queue: Int32Array
}
/** Posted for each solved problem. */
export interface Solved {
  readonly problem: number
}

function work({ thread, operator: placed, passes, parts, config, queue }: WorkerInput): void {
  const { shape } = placed.matrix
  const matrix = { ...shape, ...spaceOf(placed) }
  const makers = passes.map(({ rows }) => ({ problem: problemMaker(rows, config), bayes: bayesMaker(matrix, rows) }))
  const { k } = passes[0]!.rows
  const problems = parts.length * k
  const foldOf = (number: number): number => parts[Math.floor((number % problems) / k)]!
  const writer = (number: number): Writer => {
    const { rows, output } = passes[Math.floor(number / problems)]!
    return openWriter(foldOf(number) * k + (number % k), rows, config.folds, output)
  }
  const solved = (number: number, bayes: BayesModel, scale: Float32Array | null, { dual, intercept, margins }: Solution): void => {
    const to = writer(number)
    const { rows } = passes[Math.floor(number / problems)]!
    const bayesMargins = Float64Array.from(rows.fold, (fold, row) => (fold === to.fold ? bayesMargin(bayes, matrix, row) : 0))
    to.linear({
      weights: () => weightsOf(dual, scale, bayes),
      intercept: intercept + config.bayesWeight * bayes.intercept,
      margin: (row) => margins[row]! + config.bayesWeight * bayesMargins[row]!,
    })
    to.bayes({ weights: () => bayes.ratios, intercept: bayes.intercept, margin: (row) => bayesMargins[row]! })
    parentPort!.postMessage({ problem: number } satisfies Solved)
  }
  /** (columns) the sum of the members' weights */
  const weightsOf = (dual: Float64Array, scale: Float32Array | null, { ratios }: BayesModel): Float64Array => {
    const weights = transposedTimes(matrix, dual)
    for (let column = 0; column < weights.length; column++)
      weights[column] = weights[column]! * (scale === null ? 1 : scale[column]!) + config.bayesWeight * ratios[column]!
    return weights
  }
  const constant = (number: number, probability: number): void => {
    const intercept = Math.log(probability / (1 - probability))
    const to = writer(number)
    to.linear({ weights: () => new Float64Array(matrix.columns), intercept, margin: () => intercept })
    to.bayes({ weights: () => new Float64Array(matrix.columns), intercept, margin: () => intercept })
    parentPort!.postMessage({ problem: number } satisfies Solved)
  }
  const next = (): Task | null => {
    for (;;) {
      const number = Atomics.add(queue, 0, 1)
      if (number >= passes.length * problems) return null
      const make = makers[Math.floor(number / problems)]!
      const [fold, genre] = [foldOf(number), number % k]
      const problem = make.problem(fold, genre)
      if ('constant' in problem) {
        constant(number, problem.constant)
        continue
      }
      const bayes = make.bayes(fold, genre)
      const scale = config.ratioShare === 0 ? null : ratioScale(bayes, config.ratioShare)
      return { problem: { ...problem, scale }, solved: (solution) => solved(number, bayes, scale, solution) }
    }
  }
  sweep(openOperator(placed, thread), next)
}

parentPort!.once('message', (input: WorkerInput) => work(input))
