/**
 * Naive Bayes alone, out of fold: a second opinion on another family's predictions, computed exactly as the linear family computes its
 * own.
 */
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import { scatterRows, sigmoid } from '../../analysis/matrix.ts'
import { bayesMargin, fitBayes, type BayesModel } from './bayes.ts'
import { linearDefaults } from './defaults.ts'
import { countsIn, ownSpace, type CountMatrix } from './matrix-space.ts'
import { problemMaker, rowWeights, type Constant, type TrainingRows } from './problems.ts'
import { rowsWhere, trainingRows, type LinearInput } from './train.ts'
import { fitVectoriser, transformer } from './vectorise.ts'

/** Rows read and predicted per batch. */
const BATCH = 4096

/**
 * Probabilities (n, k): of training rows from models that did not see their fold, of the others from one model of all training rows.
 * Words are chosen as in the linear family; its other settings (character n-grams, weights) have no effect on its naive Bayes.
 * @param turn lets messages arrive
 */
export async function bayesEvidence(input: LinearInput, folds: number, turn: () => Promise<void>): Promise<Float32Array> {
  const { n, k, fold } = input
  const training = rowsWhere(fold, (each) => each !== NOT_TRAINING)
  const config = { ...linearDefaults(training.length), charNgrams: null, folds }
  const { vectoriser, shape, fill } = fitVectoriser(input.plots(training), config)
  const space = ownSpace(shape)
  fill(space)
  const learnt = { counts: countsIn(shape, space), rows: trainingRows(input, training), folds }
  const out = new Float32Array(n * k)
  const { outOfFold, final } = await fitAll(learnt, turn)
  scatterRows(out, outOfFold, training, k)
  const others = rowsWhere(fold, (each) => each === NOT_TRAINING)
  const read = transformer(vectoriser)
  for (let at = 0; at < others.length; at += BATCH) {
    await turn()
    const part = others.subarray(at, at + BATCH)
    const { counts } = read([...input.plots(part)])
    scatterRows(out, predictAll(final, { ...counts, starts: counts.indptr }), part, k)
  }
  return out
}

interface Learnt {
  readonly counts: CountMatrix
  readonly rows: TrainingRows
  readonly folds: number
}
/**
 * One model for each fold (and the final one) and genre; returns probabilities (training rows, k) from the models that did not see a row.
 */
async function fitAll(
  { counts, rows, folds }: Learnt,
  turn: () => Promise<void>,
): Promise<{ outOfFold: Float32Array; final: BayesModel[] }> {
  const { k, fold } = rows
  const make = problemMaker(rows, { c: 1, classWeight: 'none', folds })
  const outOfFold = new Float32Array(fold.length * k)
  const final: BayesModel[] = []
  for (let part = 0; part <= folds; part++)
    for (let genre = 0; genre < k; genre++) {
      await turn()
      const problem = make(part, genre)
      const model = 'constant' in problem ? constant(counts, problem) : fitBayes(counts, problem.labels, rowWeights(rows, part, genre))
      if (part === folds) final.push(model)
      else
        for (let row = 0; row < fold.length; row++)
          if (fold[row] === part) outOfFold[row * k + genre] = sigmoid(bayesMargin(model, counts, row))
    }
  return { outOfFold, final }
}
const constant = ({ columns }: CountMatrix, { constant: p }: Constant): BayesModel => ({
  ratios: new Float64Array(columns),
  intercept: Math.log(p / (1 - p)),
})

/** (rows, k) */
function predictAll(models: readonly BayesModel[], counts: CountMatrix): Float32Array {
  const out = new Float32Array(counts.rows * models.length)
  models.forEach((model, genre) => {
    for (let row = 0; row < counts.rows; row++) out[row * models.length + genre] = sigmoid(bayesMargin(model, counts, row))
  })
  return out
}
