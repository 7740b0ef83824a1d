/** Trains the linear family: out-of-fold probabilities for the training rows, a final model for everything else. */
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import type { LinearConfig } from '../../../contract/records.ts'
import { UserError } from '../../../contract/errors.ts'
import type { Csr } from './csr.ts'
import { createModel, probabilities, type LinearModel } from './predict.ts'
import type { FamilyOutput, FitOutput } from './output.ts'
import { openPool, threadCount } from './pool.ts'
import type { TrainingRows } from './problems.ts'
import { fitTransform, transformBoth, type Vectoriser } from './vectorise.ts'

/** n movies, k genres. */
export interface LinearInput {
  /** (n) */
  readonly plots: readonly string[]
  /** (n, k) 1 or 0 */
  readonly labels: Uint8Array
  /** (n, k) 1: the cell is left out of the loss (impossible); null: none is */
  readonly excluded: Uint8Array | null
  /** (n) null: every row weighs 1 */
  readonly rowWeight: Float32Array | null
  /** (n) 0 … folds - 1 for training rows, 255 for rows outside training (valid, test) */
  readonly fold: Uint8Array
  readonly k: number
}
export interface LinearResult {
  /** (n, k) out-of-fold for training rows, the final model's for the others */
  readonly probabilities: Float32Array
  /** (n, k) naive Bayes, likewise: the second, independent opinion */
  readonly evidence: Float32Array
  readonly model: LinearModel
}
export type Progress = (done: number, total: number, phase: string) => void

/**
 * `progress` counts problems ((folds + final) x genres); its phase names the fold at work, such as `fold 3 of 5`.
 * The same input and configuration give the same bits, whatever the number of threads.
 * Throws UserError `nothing-to-train` without training rows, `bad-config` without any n-grams.
 */
export async function trainLinear(
  input: LinearInput,
  config: LinearConfig,
  progress: Progress,
  threads = threadCount((config.folds + 1) * input.k),
): Promise<LinearResult> {
  const n = input.plots.length
  check(input, config)
  const training = indices(n, (row) => input.fold[row] !== NOT_TRAINING)
  const others = indices(n, (row) => input.fold[row] === NOT_TRAINING)
  if (training.length === 0) throw new UserError('nothing-to-train', 'No movie is in the training part: import movies with plots first.')
  const total = (config.folds + 1) * input.k
  progress(0, total, 'reading the plots')
  const pool = openPool(threads)
  try {
    const { vectoriser, matrix, counts } = fitTransform(input.plots, training, config)
    const rows = trainingRows(input, training)
    const fits = await pool.fit(matrix, counts, rows, config, foldProgress(config.folds, input.k, progress))
    return assemble(input, config, { training, others }, vectoriser, fits)
  } finally {
    await pool.close()
  }
}

/** Puts the out-of-fold rows and the final model's predictions of the others together. */
function assemble(
  { plots, k }: LinearInput,
  config: LinearConfig,
  { training, others }: { training: number[]; others: number[] },
  vectoriser: Vectoriser,
  fits: FitOutput,
): LinearResult {
  const rest = transformBoth(
    vectoriser,
    others.map((row) => plots[row]!),
  )
  const join = (family: FamilyOutput, features: Csr): Float32Array => {
    const out = new Float32Array(plots.length * k)
    scatter(out, family.probabilities, training, k)
    scatter(out, probabilities(features, family.weights, family.intercepts), others, k)
    return out
  }
  return {
    probabilities: join(fits.linear, rest.matrix),
    evidence: join(fits.bayes, rest.counts),
    model: createModel(config, vectoriser, fits.linear.weights.slice(), fits.linear.intercepts.slice()),
  }
}

function check({ plots, labels, excluded, rowWeight, fold, k }: LinearInput, { folds }: LinearConfig): void {
  const n = plots.length
  const expect = (name: string, got: number, wanted: number): void => {
    if (got !== wanted) throw new RangeError(`expected ${wanted} ${name} for ${n} movies, got ${got}`)
  }
  expect('labels', labels.length, n * k)
  expect('excluded cells', excluded?.length ?? n * k, n * k)
  expect('row weights', rowWeight?.length ?? n, n)
  expect('folds', fold.length, n)
  const stray = fold.find((each) => each !== NOT_TRAINING && each >= folds)
  if (stray !== undefined) throw new RangeError(`expected folds below ${folds}, got ${stray}`)
}

const indices = (n: number, wanted: (row: number) => boolean): number[] => Array.from({ length: n }, (_, row) => row).filter(wanted)

/** The cells of `rows` in the order of `rows`. */
function trainingRows({ labels, excluded, rowWeight, fold, k }: LinearInput, rows: readonly number[]): TrainingRows {
  const cells = (all: Uint8Array): Uint8Array => {
    const out = new Uint8Array(rows.length * k)
    rows.forEach((row, i) => out.set(all.subarray(row * k, row * k + k), i * k))
    return out
  }
  return {
    k,
    labels: cells(labels),
    excluded: excluded === null ? null : cells(excluded),
    weight: rowWeight === null ? null : Float32Array.from(rows, (row) => rowWeight[row]!),
    fold: Uint8Array.from(rows, (row) => fold[row]!),
  }
}

/** Writes row i of `from` (rows.length, k) to row rows[i] of `to`. */
const scatter = (to: Float32Array, from: Float32Array, rows: readonly number[], k: number): void =>
  rows.forEach((row, i) => to.set(from.subarray(i * k, i * k + k), row * k))

/** Reports solved problems by the first fold that is not complete. */
function foldProgress(folds: number, k: number, progress: Progress): (problem: number) => void {
  const open = new Array<number>(folds + 1).fill(k)
  let done = 0
  return (problem) => {
    open[Math.floor(problem / k)]!--
    done++
    const fold = open.findIndex((left) => left > 0)
    progress(done, open.length * k, fold >= 0 && fold < folds ? `fold ${fold + 1} of ${folds}` : 'final model')
  }
}
