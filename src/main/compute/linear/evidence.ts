/**
 * Naive Bayes alone, out of fold: a second opinion on another family's predictions, computed exactly as the linear family computes its
 * own.
 */
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import { scatterRows, sigmoid } from '../../analysis/matrix.ts'
import { bayesMaker, bayesMargin, type BayesModel } from './bayes.ts'
import { linearDefaults } from './defaults.ts'
import type { Csr } from './csr.ts'
import { ownSpace } from './matrix-space.ts'
import { problemMaker, type Constant, type TrainingRows } from './problems.ts'
import { rowsWhere, trainingRows, type LinearInput } from './train.ts'
import { fitVectoriser, transformer } from './vectorise.ts'

/** Rows read and predicted per batch. */
const BATCH = 4096

/**
 * Probabilities (n, k): of training rows from models that did not see their fold, of the others from one model of all training rows.
 * N-grams are chosen as the linear family chooses them by default.
 * @param turn lets messages arrive
 */
export async function bayesEvidence(input: LinearInput, folds: number, turn: () => Promise<void>): Promise<Float32Array> {
  const { n, k, fold } = input
  const training = rowsWhere(fold, (each) => each !== NOT_TRAINING)
  const { vectoriser, shape, fill } = fitVectoriser(input.plots(training), linearDefaults(training.length))
  const space = ownSpace(shape)
  fill(space)
  const learnt = { matrix: { ...shape, ...space }, rows: trainingRows(input, training), folds }
  const out = new Float32Array(n * k)
  const { outOfFold, final } = await fitAll(learnt, turn)
  scatterRows(out, outOfFold, training, k)
  const others = rowsWhere(fold, (each) => each === NOT_TRAINING)
  const read = transformer(vectoriser)
  for (let at = 0; at < others.length; at += BATCH) {
    await turn()
    const part = others.subarray(at, at + BATCH)
    scatterRows(out, predictAll(final, read([...input.plots(part)])), part, k)
  }
  return out
}

interface Learnt {
  readonly matrix: Csr
  readonly rows: TrainingRows
  readonly folds: number
}
/**
 * One model for each fold (and the final one) and genre; returns probabilities (training rows, k) from the models that did not see a row.
 */
async function fitAll(
  { matrix, rows, folds }: Learnt,
  turn: () => Promise<void>,
): Promise<{ outOfFold: Float32Array; final: BayesModel[] }> {
  const { k, fold } = rows
  const make = problemMaker(rows, { c: 1, classWeight: 'none' })
  const bayes = bayesMaker(matrix, rows)
  const outOfFold = new Float32Array(fold.length * k)
  const final: BayesModel[] = []
  for (let part = 0; part <= folds; part++)
    for (let genre = 0; genre < k; genre++) {
      await turn()
      const problem = make(part, genre)
      const model = 'constant' in problem ? constant(matrix, problem) : bayes(part, genre)
      if (part === folds) final.push(model)
      else
        for (let row = 0; row < fold.length; row++)
          if (fold[row] === part) outOfFold[row * k + genre] = sigmoid(bayesMargin(model, matrix, row))
    }
  return { outOfFold, final }
}
const constant = ({ columns }: Csr, { constant: p }: Constant): BayesModel => ({
  ratios: new Float32Array(columns),
  intercept: Math.log(p / (1 - p)),
})

/** (rows, k) */
function predictAll(models: readonly BayesModel[], matrix: Csr): Float32Array {
  const out = new Float32Array(matrix.rows * models.length)
  models.forEach((model, genre) => {
    for (let row = 0; row < matrix.rows; row++) out[row * models.length + genre] = sigmoid(bayesMargin(model, matrix, row))
  })
  return out
}
