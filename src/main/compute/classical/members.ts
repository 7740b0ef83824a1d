/** The classical classifiers, one genre against the rest, as scikit-learn computes them on the same features. */
import type { ClassicalConfig } from '../../../contract/classical.ts'
import { logit, sigmoid } from '../../analysis/matrix.ts'
import { plattScales } from '../../analysis/platt.ts'
import { bayesMaker, bayesMargin } from '../linear/bayes.ts'
import { transposedTimes, type Csr } from '../linear/csr.ts'
import { solve } from '../linear/logistic.ts'
import { nearestRows, selectRows, times, withColumns } from './rows.ts'
import { fitSvm } from './svm.ts'
import type { Learnt } from './synthetic.ts'

/** Probabilities (rows, k) of any rows. */
export type Predictor = (x: Csr) => Float32Array
export interface MemberOptions extends Pick<ClassicalConfig, 'c' | 'alpha' | 'neighbours' | 'seed'> {
  /** Training set of one genre where synthetic movies belong to a genre (SMOTE). */
  readonly ofGenre?: (g: number) => Learnt
}
type Member = (learnt: Learnt, options: MemberOptions) => Predictor

const TOLERANCE = 1e-6
/** Parts of the training set on whose held-out margins Platt's scale is fitted, as in scikit-learn's CalibratedClassifierCV(cv=3). */
const PLATT_PARTS = 3

const column = (values: Uint8Array, k: number, g: number): Uint8Array =>
  Uint8Array.from({ length: values.length / k }, (_, i) => values[i * k + g]!)
const costs = (values: Float64Array, k: number, g: number, factor: number): Float64Array =>
  Float64Array.from({ length: values.length / k }, (_, i) => factor * values[i * k + g]!)

/** Probabilities of one genre's rows. */
type One = (x: Csr) => Float64Array

/** Learns one genre. */
type FitOne = (x: Csr, y: Uint8Array, weight: Float64Array, options: MemberOptions) => One

/** A genre that has only positives or only negatives gets its smoothed share (Laplace's rule of succession). */
function fitGenre(fit: FitOne, x: Csr, { labels, weights, k }: Omit<Learnt, 'x'>, g: number, options: MemberOptions): One {
  const [y, weight] = [column(labels, k, g), costs(weights, k, g, 1)]
  const [positives, rows] = [y.reduce((sum, label, i) => sum + (weight[i]! > 0 ? label : 0), 0), weight.reduce((sum, w) => sum + (w > 0 ? 1 : 0), 0)] // prettier-ignore
  if (positives === 0 || positives === rows) return (other) => new Float64Array(other.rows).fill((positives + 1) / (rows + 2))
  return fit(x, y, weight, options)
}

/** One fit for each genre. */
const eachGenre =
  (fit: FitOne): Member =>
  (learnt, options) => {
    const { k } = learnt
    const fits = Array.from({ length: k }, (_, g) => {
      const own = options.ofGenre?.(g) ?? learnt
      return fitGenre(fit, own.x, own, g, options)
    })
    return (x) => {
      const out = new Float32Array(x.rows * k)
      fits.forEach((one, g) => one(x).forEach((p, row) => (out[row * k + g] = p)))
      return out
    }
  }

const linear = ({ weights, intercept }: { weights: Float64Array; intercept: number }, x: Csr): Float64Array =>
  times(x, weights).map((margin) => margin + intercept)

function logistic(x: Csr, labels: Uint8Array, weight: Float64Array, { c }: MemberOptions): One {
  const solver = solve({ labels, cost: weight.map((each) => c * each), tolerance: TOLERANCE, scale: null })
  let step = solver.next()
  while (!step.done) {
    step.value.product.set(times(x, transposedTimes(x, step.value.vector)))
    step = solver.next()
  }
  const model = { weights: transposedTimes(x, step.value.dual), intercept: step.value.intercept }
  return (rows) => linear(model, rows).map(sigmoid)
}

function svm(x: Csr, labels: Uint8Array, weight: Float64Array, { c, seed }: MemberOptions): One {
  const cost = weight.map((each) => c * each)
  const held = new Float64Array(x.rows)
  const part = stratifiedParts(labels, PLATT_PARTS)
  for (let fold = 0; fold < PLATT_PARTS; fold++) {
    const model = fitSvm(x, labels, cost.map((each, row) => (part[row] === fold ? 0 : each)), seed) // prettier-ignore
    const rows = Int32Array.from([...part.keys()].filter((row) => part[row] === fold))
    linear(model, selectRows(x, rows)).forEach((margin, i) => (held[rows[i]!] = margin))
  }
  const rows = Int32Array.from([...weight.keys()].filter((row) => weight[row]! > 0))
  const p = Float64Array.from(rows, (row) => sigmoid(held[row]!))
  const [scale] = plattScales(labels.filter((_, row) => weight[row]! > 0), p, rows.length, 1) // prettier-ignore
  const { slope, offset } = scale ?? { slope: 1, offset: 0 }
  const model = fitSvm(x, labels, cost, seed)
  return (other) => linear(model, other).map((margin) => sigmoid(slope * logit(sigmoid(margin)) + offset))
}
/** Parts as scikit-learn's StratifiedKFold makes them: blocks of each class, whose sizes come from dealing the classes one after the other. */
function stratifiedParts(labels: Uint8Array, parts: number): Uint8Array {
  const first = labels[0] ?? 0
  const [before, after] = [labels.filter((label) => label === first).length, labels.filter((label) => label !== first).length]
  const room = [new Int32Array(parts), new Int32Array(parts)] as const
  for (let at = 0; at < before + after; at++) room[at < before ? 0 : 1][at % parts]!++
  return labels.map((label) => {
    const own = room[label === first ? 0 : 1]
    const part = own.findIndex((left) => left > 0)
    own[part]!--
    return part
  })
}

/** @param prior False: complement naive Bayes, which for two classes is multinomial naive Bayes without the prior (Rennie et al. 2003) */
const bayes =
  (prior: boolean) =>
  (x: Csr, labels: Uint8Array, weight: Float64Array, { alpha }: MemberOptions): One => {
    const rows = { k: 1, labels, excluded: null, weight: Float32Array.from(weight), fold: new Uint8Array(labels.length) }
    const model = bayesMaker(x, rows, alpha)(1, 0)
    return (of) => Float64Array.from({ length: of.rows }, (_, row) => sigmoid(bayesMargin(model, of, row) - (prior ? 0 : model.intercept)))
  }

/**
 * A classifier chain (Read et al. 2009), as scikit-learn's ClassifierChain with its defaults: the model of a genre also learns from the labels
 * of the genres before it, in the order of the project's genres; where there are none, from those that the models before it decide at 0.5.
 */
const chain: Member = (learnt, options) => {
  const { x, labels, k } = learnt
  const before = (of: Csr, given: Uint8Array, g: number): Csr => withColumns(of, given.map((label, at) => (at % k < g ? label : 0)), k) // prettier-ignore
  const fits = Array.from({ length: k }, (_, g) => fitGenre(logistic, before(x, labels, g), learnt, g, options))
  return (other) => {
    const decided = new Uint8Array(other.rows * k)
    const out = new Float32Array(other.rows * k)
    fits.forEach((one, g) =>
      one(before(other, decided, g)).forEach((p, row) => {
        out[row * k + g] = p
        decided[row * k + g] = p > 0.5 ? 1 : 0
      }),
    )
    return out
  }
}

/** The share of the nearest training movies that have a genre. Weights only say which movies take part. */
const neighbours: Member = ({ x, labels, weights, k }, { neighbours: count }) => {
  const rows = Int32Array.from([...Array(x.rows).keys()].filter((row) => weights.subarray(row * k, row * k + k).some((each) => each > 0)))
  const own = selectRows(x, rows)
  return (other) => {
    const out = new Float32Array(other.rows * k)
    const near = nearestRows(other, own, count)
    for (let row = 0; row < other.rows; row++) {
      const found = near.subarray(row * count, (row + 1) * count).filter((at) => at >= 0)
      for (const at of found) for (let g = 0; g < k; g++) out[row * k + g]! += labels[rows[at]! * k + g]! / found.length
    }
    return out
  }
}

export const MEMBERS: Readonly<Record<ClassicalConfig['classifier'], Member>> = {
  logistic: eachGenre(logistic),
  svm: eachGenre(svm),
  chain,
  neighbours,
  'multinomial-bayes': eachGenre(bayes(true)),
  'complement-bayes': eachGenre(bayes(false)),
}
