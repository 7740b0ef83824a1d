/** Trains a classical model: out-of-fold probabilities where they are wanted, and a final model for all other rows. */
import type { ClassicalConfig } from '../../../contract/classical.ts'
import { NOT_TRAINING } from '../../../contract/jobs.ts'
import { UserError } from '../../../contract/errors.ts'
import { required } from '../../../contract/required.ts'
import { gatherRows, scatterRows } from '../../analysis/matrix.ts'
import { readVectors, type Vectors } from '../../model-folder/vector-file.ts'
import type { Csr } from '../linear/csr.ts'
import { LINEAR_DEFAULTS } from '../linear/defaults.ts'
import { classWeight } from '../linear/problems.ts'
import { rowsWhere, type LinearInput, type Progress } from '../linear/train.ts'
import { fitVectoriser, transformer } from '../linear/vectorise.ts'
import { MEMBERS } from './members.ts'
import { selectRows, stack } from './rows.ts'
import { mlsmote, smote, type Learnt, type Synthetic } from './synthetic.ts'
import { skipGram } from './skip-gram.ts'
import { staticEmbeddings } from './static-embeddings.ts'
import { countWords, learnVectors, textVectors, type VectorOptions } from './word-vectors.ts'

/** Share of the work that making the features stands for. */
const FEATURE_SHARE = 0.3

/** Texts that features are made for. */
interface Texts {
  /** The texts from which the features are learned. */
  readonly training: readonly string[]
  /** Further texts, whose words a file of vectors is read for. */
  readonly others?: readonly string[]
}
type ReadTexts = (texts: readonly string[]) => Csr
type Features = (config: ClassicalConfig, texts: Texts, progress: (share: number) => void) => ReadTexts

/** Words of which vectors are kept: 200,000 of 300 numbers have 240 MB. */
const MAX_WORDS = 200_000

const averaged =
  (learn: (...args: Parameters<Features>) => Vectors): Features =>
  (...args) => {
    const vectors = learn(...args)
    return (texts) => textVectors(vectors, texts)
  }
const ngrams =
  (weighting: 'counts' | 'tf-idf'): Features =>
  ({ minDf, maxFeatures, wordNgrams, stopWords }, { training }) => {
    const words = { ...LINEAR_DEFAULTS, charNgrams: null, sublinearTf: false, minDf, maxFeatures, wordNgrams, stopWords }
    return transformer(fitVectoriser(training, words).vectoriser, weighting)
  }
const learned = ({ dim, seed }: ClassicalConfig): VectorOptions => ({ dim, seed, window: 5, minCount: 5, mostWords: 10_000 })

/** How each kind of features is made. */
const FEATURES: Readonly<Record<ClassicalConfig['features'], Features>> = {
  counts: ngrams('counts'),
  'tf-idf': ngrams('tf-idf'),
  'word-vectors': averaged((config, { training }) => learnVectors(training, learned(config))),
  'skip-gram': averaged((config, { training }, progress) => skipGram(training, learned(config), progress)),
  'vector-file': averaged(({ vectorPath }, { training, others = [] }, progress) => {
    const { ids } = countWords([...training, ...others], { minCount: 1, mostWords: MAX_WORDS })
    return readVectors(required(vectorPath, 'the file of word vectors'), new Set(ids.keys()), progress)
  }),
  'static-embeddings': ({ vectorPath }) => staticEmbeddings(required(vectorPath, 'the folder of static embeddings')),
}

/** Features of texts. @throws UserError `bad-vectors`, `model-damaged` and others for files that cannot be read */
export const featuresOf = (config: ClassicalConfig, texts: Texts, progress: (share: number) => void = () => undefined): ReadTexts =>
  FEATURES[config.features](config, texts, progress)

/**
 * The movies of one fit. Synthetic movies lie between movies of this set alone, so none can come from a fold that is held out.
 * @param rows of the features
 */
export function learntFrom(input: LinearInput, x: Csr, rows: Int32Array, config: ClassicalConfig): Learnt {
  const { k } = input
  const labels = new Uint8Array(rows.length * k)
  const weights = new Float64Array(rows.length * k)
  rows.forEach((row, i) => {
    labels.set(input.labels.subarray(row * k, row * k + k), i * k)
    for (let g = 0; g < k; g++) weights[i * k + g] = input.excluded?.[row * k + g] === 1 ? 0 : (input.rowWeight?.[row] ?? 1)
  })
  const counts = Array.from({ length: k }, (_, g) => {
    const sums = { positive: 0, negative: 0 }
    for (let at = g; at < weights.length; at += k) sums[labels[at] === 1 ? 'positive' : 'negative'] += weights[at]!
    return sums
  })
  const solvable = counts.filter(({ positive, negative }) => positive > 0 && negative > 0)
  counts.forEach((sums, g) => {
    if (!solvable.includes(sums)) return
    const { positive, negative } = classWeight(config.classWeight, sums, solvable)
    for (let at = g; at < weights.length; at += k) weights[at]! *= labels[at] === 1 ? positive * (config.costs?.[g] ?? 1) : negative
  })
  return { x: selectRows(x, rows), labels, weights, k }
}

/** With synthetic rows, which have the weight 1. */
const extended = (learnt: Learnt, made: Synthetic, labels: Uint8Array): Learnt => ({
  ...learnt,
  x: stack(learnt.x, made.x),
  labels: Uint8Array.from([...learnt.labels, ...labels]),
  weights: Float64Array.from([...learnt.weights, ...new Float64Array(labels.length).fill(1)]),
})

function fit(learnt: Learnt, config: ClassicalConfig): (x: Csr) => Float32Array {
  const { synthetic, seed } = config
  const member = MEMBERS[config.classifier]
  if (synthetic?.kind === 'mlsmote') {
    const made = mlsmote(learnt, synthetic.share, seed)
    return member(extended(learnt, made, made.labels), config)
  }
  if (synthetic?.kind !== 'smote') return member(learnt, config)
  const ofGenre = (g: number): Learnt => {
    const made = smote(learnt, g, synthetic.share, seed + g)
    const { k } = learnt
    return extended(
      learnt,
      made,
      Uint8Array.from({ length: made.x.rows * k }, (_, at) => (at % k === g ? 1 : 0)),
    )
  }
  return member(learnt, { ...config, ofGenre })
}

/**
 * @returns (n, k) out of fold for training rows (0 unless `outOfFold`), from the final model for the others
 * @throws UserError `nothing-to-train`
 */
export async function trainClassical(
  input: LinearInput,
  config: ClassicalConfig,
  progress: Progress,
  turn: () => Promise<void>,
): Promise<Float32Array> {
  const { n, k, fold } = input
  const training = rowsWhere(fold, (each) => each !== NOT_TRAINING)
  const others = rowsWhere(fold, (each) => each === NOT_TRAINING)
  if (training.length === 0) throw new UserError('nothing-to-train', 'No movie is in the training part: import movies with plots first.')
  progress(0, 'reading the plots')
  const texts = [...input.plots(training)]
  const other = [...input.plots(others)]
  const read = featuresOf(config, { training: texts, others: other }, (share) => progress(share * FEATURE_SHARE, 'word vectors'))
  const x = read(texts)
  const rest = read(other)
  const out = new Float32Array(n * k)
  const places = Int32Array.from(training.keys())
  const labelled = { ...input, labels: gatherRows(input.labels, training, k), excluded: input.excluded && gatherRows(input.excluded, training, k), rowWeight: input.rowWeight && gatherRows(input.rowWeight, training, 1) } // prettier-ignore
  const folds = config.outOfFold ? config.folds : 0
  for (let part = 0; part <= folds; part++) {
    progress(
      FEATURE_SHARE + ((1 - FEATURE_SHARE) * (part + 0.5)) / (folds + 1),
      part < folds ? `fold ${part + 1} of ${folds}` : 'final model',
    )
    await turn()
    const isHeld = (at: number): boolean => part < folds && fold[training[at]!] === part
    const predict = fit(learntFrom(labelled, x, places.filter((at) => !isHeld(at)), config), config) // prettier-ignore
    const held = places.filter(isHeld)
    if (part < folds)
      scatterRows(out, predict(selectRows(x, held)), held.map((at) => training[at]!), k) // prettier-ignore
    else scatterRows(out, predict(rest), others, k)
  }
  return out
}
