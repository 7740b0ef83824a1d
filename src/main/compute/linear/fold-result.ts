/** The result of one fold of the linear family, which may be computed apart from the others. */
import { join } from 'node:path'
import { gatherRows, scatterRows } from '../../analysis/matrix.ts'
import { readTensors, writeTensors } from '../train/results.ts'
import type { FitOutput } from './output.ts'
import type { TrainingRows } from './problems.ts'

export interface FoldResult {
  /** (movies of the fold, k) */
  readonly probabilities: Float32Array
  /** (movies of the fold, k) naive Bayes alone */
  readonly evidence: Float32Array
  /** (k, columns) empty if the models of the folds are too large to be kept */
  readonly weights: Float16Array
  /** (k) empty likewise */
  readonly intercepts: Float64Array
}

const heldRows = ({ fold }: TrainingRows, wanted: number): Int32Array =>
  Int32Array.from([...fold.keys()].filter((row) => fold[row] === wanted))

/** Copies the cells of a fold out of the output of a fit. */
export function foldResult({ linear, bayes, folds: kept }: FitOutput, fold: number, rows: TrainingRows, folds: number): FoldResult {
  const [held, { k }] = [heldRows(rows, fold), rows]
  const size = (kept?.weights.length ?? 0) / folds
  return {
    probabilities: gatherRows(linear.probabilities, held, k),
    evidence: gatherRows(bayes.probabilities, held, k),
    weights: Float16Array.from(kept?.weights.subarray(fold * size, (fold + 1) * size) ?? []),
    intercepts: Float64Array.from(kept?.intercepts.subarray(fold * k, (fold + 1) * k) ?? []),
  }
}

/** Writes the cells of a fold that was computed apart into the output of a fit. */
export function placeFold(result: FoldResult, fold: number, rows: TrainingRows, to: FitOutput): void {
  const [held, { k }] = [heldRows(rows, fold), rows]
  scatterRows(to.linear.probabilities, result.probabilities, held, k)
  scatterRows(to.bayes.probabilities, result.evidence, held, k)
  to.folds?.weights.set(result.weights, fold * result.weights.length)
  to.folds?.intercepts.set(result.intercepts, fold * k)
}

const fileOf = (folder: string, fold: number): string => join(folder, `fold-${fold}.safetensors`)

export function keepFold(folder: string, fold: number, { probabilities, evidence, weights, intercepts }: FoldResult): Promise<void> {
  const tensors = Object.entries({ probabilities, evidence, weights, intercepts })
  return writeTensors(fileOf(folder, fold), null, new Map(tensors.map(([name, data]) => [name, { data }])))
}

/** The results of folds in a folder; missing and damaged ones are left out. */
export async function knownFolds(folder: string, folds: number): Promise<ReadonlyMap<number, FoldResult>> {
  const known = new Map<number, FoldResult>()
  for (let fold = 0; fold < folds; fold++) {
    const found = await readTensors(fileOf(folder, fold))
    if (found) known.set(fold, Object.fromEntries(Array.from(found.tensors, ([name, { data }]) => [name, data])) as unknown as FoldResult)
  }
  return known
}
