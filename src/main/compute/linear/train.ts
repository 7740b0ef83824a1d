/** Trains the linear family: out-of-fold probabilities for the training rows, and a final model for all other rows. */
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import type { LinearConfig } from '../../../contract/records.ts'
import { UserError } from '../../../contract/errors.ts'
import { scatterRows } from '../../analysis/matrix.ts'
import { createModel, probabilities, type LinearModel } from './predict.ts'
import { foldResult, placeFold, type FoldResult } from './fold-result.ts'
import type { FamilyOutput, FitOutput } from './output.ts'
import { openPool, threadCount } from './pool.ts'
import type { TrainingRows } from './problems.ts'
import { fitVectoriser, transformer, type Vectoriser } from './vectorise.ts'

/** The plots of some rows, in the order of the rows. */
export type PlotSource = (rows: Int32Array) => Iterable<string>

/** n movies, k genres. */
export interface LinearInput {
  readonly n: number
  /** Called twice, for the training rows and for the others; the texts are not kept. */
  readonly plots: PlotSource
  /** (n, k) 1 or 0 */
  readonly labels: Uint8Array
  /** (n, k) 1: the cell is excluded from the loss (impossible); null: none is */
  readonly excluded: Uint8Array | null
  /** (n) null: every row has weight 1 */
  readonly rowWeight: Float32Array | null
  /** (n) 0 … folds - 1 for training rows, 255 for rows outside training (valid, test) */
  readonly fold: Uint8Array
  readonly k: number
}
export interface LinearResult {
  /** (n, k) out-of-fold for training rows, from the final model for the others */
  readonly probabilities: Float32Array
  /** (n, k) naive Bayes, out-of-fold and final in the same way: a second opinion */
  readonly evidence: Float32Array
  readonly model: LinearModel
}
/** @param fraction fraction of the whole job, 0 to 1 */
export type Progress = (fraction: number, phase: string) => void

/** Approximate progress when the plots are read, the n-grams chosen, and everything is fitted. */
const [READ, CHOSEN, FITTED] = [0.1, 0.3, 0.95]
/** Rows between two progress reports, and in one batch of predictions. */
const BATCH = 4096

/**
 * Trains. `progress` rises from 0; its phase names the current work, such as `fold 3 of 5`. The same input and configuration give the
 * same bits, whatever the number of threads and of folds that are `known`.
 * @param known results of {@link trainFold} for the same input and configuration, which are not computed again
 * @throws UserError `nothing-to-train` without training rows, `bad-config` without any n-grams, `too-large` if the matrix cannot be
 *   addressed
 */
export async function trainLinear(
  input: LinearInput,
  config: LinearConfig,
  progress: Progress,
  threads = threadCount((config.folds + 1) * input.k),
  known: ReadonlyMap<number, FoldResult> = new Map(),
): Promise<LinearResult> {
  const parts = [...Array(config.folds + 1).keys()].filter((part) => !known.has(part))
  const { training, rows, vectoriser, fits } = await fitParts(input, config, parts, progress, threads)
  for (const [fold, result] of known) placeFold(result, fold, rows, fits)
  return assemble(input, config, training, vectoriser, fits, progress)
}

/** Computes one fold of {@link trainLinear} apart, to the same bits. @throws UserError as {@link trainLinear} does */
export async function trainFold(
  input: LinearInput,
  config: LinearConfig,
  fold: number,
  progress: Progress,
  threads = threadCount(input.k),
): Promise<FoldResult> {
  const { rows, fits } = await fitParts(input, config, [fold], progress, threads)
  return foldResult(fits, fold, rows, config.folds)
}

interface Fits {
  /** Rows of the training part, ascending. */
  readonly training: Int32Array
  readonly rows: TrainingRows
  readonly vectoriser: Vectoriser
  readonly fits: FitOutput
}
/** Fits some folds. @param parts their numbers; the final model is number `folds` */
async function fitParts(
  input: LinearInput,
  config: LinearConfig,
  parts: readonly number[],
  progress: Progress,
  threads: number,
): Promise<Fits> {
  check(input, config)
  const training = rowsWhere(input.fold, (fold) => fold !== NOT_TRAINING)
  if (training.length === 0) throw new UserError('nothing-to-train', 'No movie is in the training part: import movies with plots first.')
  progress(0, READING)
  const pool = openPool(threads)
  try {
    const fitted = fitVectoriser(reported(input.plots(training), training.length, progress), config)
    const solved = foldProgress(parts, config.folds, input.k, progress)
    const rows = trainingRows(input, training)
    const [fits] = await pool.fit(fitted, [rows], { ...config, final: true }, solved, parts)
    return { training, rows, vectoriser: fitted.vectoriser, fits: fits! }
  } finally {
    await pool.close()
  }
}

const READING = 'reading the plots'

/** The same plots, with a progress report while they are read. */
function* reported(plots: Iterable<string>, count: number, progress: Progress): Generator<string> {
  let done = 0
  for (const plot of plots) {
    yield plot
    if (++done % BATCH === 0) progress((done / count) * READ, READING)
  }
  progress(READ, 'choosing n-grams')
}

/** Combines the out-of-fold rows with the final model's predictions of the others. */
function assemble(
  { n, plots, fold, k }: LinearInput,
  config: LinearConfig,
  training: Int32Array,
  vectoriser: Vectoriser,
  { linear, bayes, folds }: FitOutput,
  progress: Progress,
): LinearResult {
  const out = { probabilities: new Float32Array(n * k), evidence: new Float32Array(n * k) }
  scatterRows(out.probabilities, linear.probabilities, training, k)
  scatterRows(out.evidence, bayes.probabilities, training, k)
  const others = rowsWhere(fold, (each) => each === NOT_TRAINING)
  const read = transformer(vectoriser)
  const add = (batch: readonly string[], rows: Int32Array): void => {
    const matrix = read(batch)
    const predicted = ({ weights, intercepts }: FamilyOutput): Float32Array => probabilities(matrix, weights, intercepts)
    scatterRows(out.probabilities, predicted(linear), rows, k)
    scatterRows(out.evidence, predicted(bayes), rows, k)
  }
  let done = 0
  for (const batch of batches(plots(others), BATCH)) {
    add(batch, others.subarray(done, (done += batch.length)))
    progress(FITTED + (done / others.length) * (1 - FITTED), 'predicting the other movies')
  }
  const foldModels = folds && { ...folds, rows: training, fold: Uint8Array.from(training, (row) => fold[row]!) }
  return { ...out, model: { ...createModel(config, vectoriser, linear.weights.slice(), linear.intercepts.slice()), folds: foldModels } }
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    if (batch.push(item) < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function check({ n, labels, excluded, rowWeight, fold, k }: LinearInput, { folds }: LinearConfig): void {
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

/** The rows whose fold is wanted, ascending. */
export function rowsWhere(fold: Uint8Array, wanted: (fold: number) => boolean): Int32Array {
  const out = new Int32Array(fold.reduce((count, each) => count + (wanted(each) ? 1 : 0), 0))
  let at = 0
  fold.forEach((each, row) => {
    if (wanted(each)) out[at++] = row
  })
  return out
}

/** The cells of `rows` in the order of `rows`. */
export function trainingRows({ labels, excluded, rowWeight, fold, k }: LinearInput, rows: Int32Array): TrainingRows {
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

/** Reports solved problems by the first fold that is not complete. */
function foldProgress(parts: readonly number[], folds: number, k: number, progress: Progress): (problem: number) => void {
  const open = parts.map(() => k)
  let done = 0
  const report = (): void => {
    const fold = parts[open.findIndex((left) => left > 0)] ?? parts.at(-1)!
    const fraction = CHOSEN + (done / (open.length * k)) * (FITTED - CHOSEN)
    progress(fraction, fold < folds ? `fold ${fold + 1} of ${folds}` : 'final model')
  }
  report()
  return (problem) => {
    open[Math.floor(problem / k)]!--
    done++
    report()
  }
}
