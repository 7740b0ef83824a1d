/**
 * Ensembles of trained runs: the mean of their logits, or a stack, a logistic regression for each genre on the logits of all genres by all
 * members (Wolpert 1992). The stack that predicts a training movie did not learn from its labels, nor from those of its fold; the logits of
 * other folds, from which it learnt, come from models that did, as in every stack whose members are not trained again for each fold.
 */
import { z } from 'zod'
import { messageOf, UserError } from '../../contract/errors.ts'
import { NOT_TRAINING, type EnsembleMember } from '../../contract/jobs.ts'
import { ENSEMBLE_KINDS, type EnsembleConfig } from '../../contract/records.ts'
import { logit, sigmoid } from '../analysis/matrix.ts'
import { shuffled } from '../analysis/random.ts'
import { fitRows, rowMargin, type FeatureRows } from '../analysis/rows-logistic.ts'
import { packContainer, unpackContainer } from '../model-folder/container.ts'
import { rowsWhere, type LinearInput, type Progress } from './linear/train.ts'

export interface EnsembleModel {
  readonly how: EnsembleConfig['how']
  readonly members: number
  /** k */
  readonly genres: number
  /** Of a stack; null for a mean. d = members x genres */
  readonly stack: Stack | null
}
interface Stack {
  /** (d) each, of the training movies' logits */
  readonly means: Float64Array
  readonly deviations: Float64Array
  /** (k, d + 1) for standardised logits, the intercept last */
  readonly weights: Float64Array
}

/** Inverse strength of the stack's penalty: logits of the members overlap, and rare genres have few movies. */
const C = 0.02
/**
 * Smallest deviation by which logits are divided. A member that was hardly trained has nearly the same logit for all movies, and its final model
 * another one than the models of its folds: divided by its own deviation, that difference would outweigh every other member.
 */
const MIN_DEVIATION = 0.5
/** Movies that a stack learns from: more do not change its weights. */
const MAX_LEARNT = 20_000

/**
 * Combines logits (n, k) of members.
 * @returns (n, k) probabilities, of training rows out of fold, and the model for other texts
 */
export async function combine(
  input: Omit<LinearInput, 'plots'>,
  members: readonly Float32Array[],
  { how, folds, seed }: Pick<EnsembleConfig, 'how' | 'folds' | 'seed'>,
  progress: Progress,
  turn: () => Promise<void>,
): Promise<{ readonly probabilities: Float32Array; readonly model: EnsembleModel }> {
  const { n, k, labels, excluded, rowWeight, fold } = input
  const made = { how, members: members.length, genres: k }
  if (how === 'mean') {
    const model = { ...made, stack: null }
    return { probabilities: combined(model, members).map(sigmoid), model }
  }
  const training = shuffled(rowsWhere(fold, (each) => each !== NOT_TRAINING), seed).slice(0, MAX_LEARNT).sort() // prettier-ignore
  const { means, deviations } = momentsOf(members, k, training)
  const x = featureRows(members, k, n, means, deviations)
  const d = x.columns
  const weights = new Float64Array(k * (d + 1))
  const probabilities = new Float32Array(n * k)
  const taken = new Uint8Array(n)
  for (const row of training) taken[row] = 1
  const y = new Uint8Array(n)
  const cost = new Float64Array(n)
  for (let g = 0; g < k; g++) {
    for (let part = 0; part <= folds; part++) {
      progress((g * (folds + 1) + part) / (k * (folds + 1)), `genre ${g + 1} of ${k}`)
      await turn()
      let [rows, positives] = [0, 0]
      for (let row = 0; row < n; row++) {
        const cell = row * k + g
        const counts = taken[row] === 1 && fold[row] !== part && excluded?.[cell] !== 1
        y[row] = labels[cell]!
        cost[row] = counts ? C * (rowWeight?.[row] ?? 1) : 0
        if (cost[row] === 0) continue
        rows++
        positives += y[row]!
      }
      const constant = positives === 0 || positives === rows
      // Laplace's rule of succession for a genre that all movies have, or none
      const w = constant ? new Float64Array(d + 1).fill(logit((positives + 1) / (rows + 2)), d) : fitRows(x, y, cost)
      if (part === folds) weights.set(w, g * (d + 1))
      for (let row = 0; row < n; row++)
        if (part === folds ? fold[row] === NOT_TRAINING : fold[row] === part) probabilities[row * k + g] = sigmoid(rowMargin(x, w, row))
    }
  }
  return { probabilities, model: { ...made, stack: { means, deviations, weights } } }
}

/** Logits (n, k) of an ensemble from those of its members. */
export function combined({ genres: k, stack }: EnsembleModel, members: readonly Float32Array[]): Float32Array {
  const n = members[0]!.length / k
  const out = new Float32Array(n * k)
  if (stack === null) {
    for (const logits of members) logits.forEach((z, cell) => (out[cell]! += z / members.length))
    return out
  }
  const { means, deviations, weights } = stack
  const x = featureRows(members, k, n, means, deviations)
  const d = x.columns
  for (let g = 0; g < k; g++) {
    const w = weights.subarray(g * (d + 1), (g + 1) * (d + 1))
    for (let row = 0; row < n; row++) out[row * k + g] = rowMargin(x, w, row)
  }
  return out
}

/**
 * A genre's logit as a weighted sum of the logits of members' models, plus a constant.
 * @param genres numbers of the members' own genres
 * @returns for each member its factors (its genres)
 */
export function memberFactors(
  { how, genres: k, stack }: EnsembleModel,
  members: readonly Pick<EnsembleMember, 'columns' | 'scales'>[],
  genres: readonly number[],
  genre: number,
): { readonly factors: readonly Float64Array[]; readonly constant: number } {
  const d = members.length * k
  let constant = how === 'mean' || stack === null ? 0 : stack.weights[genre * (d + 1) + d]!
  const factors = members.map(({ columns, scales }, member) => {
    const own = new Float64Array(genres[member]!)
    for (let g = 0; g < k; g++) {
      const at = member * k + g
      const factor = stack === null ? (g === genre ? 1 / members.length : 0) : stack.weights[genre * (d + 1) + at]! / stack.deviations[at]!
      own[columns[g]!]! += factor * scales[g]!.slope
      constant += factor * (scales[g]!.offset - (stack?.means[at] ?? 0))
    }
    return own
  })
  return { factors, constant }
}

function momentsOf(members: readonly Float32Array[], k: number, rows: Int32Array): Pick<Stack, 'means' | 'deviations'> {
  const means = new Float64Array(members.length * k)
  const deviations = new Float64Array(members.length * k)
  members.forEach((logits, member) => {
    for (let g = 0; g < k; g++) {
      const at = member * k + g
      const mean = rows.reduce((sum, row) => sum + logits[row * k + g]!, 0) / rows.length
      const square = rows.reduce((sum, row) => sum + (logits[row * k + g]! - mean) ** 2, 0) / rows.length
      means[at] = mean
      deviations[at] = Math.max(Math.sqrt(square), MIN_DEVIATION)
    }
  })
  return { means, deviations }
}

/** Standardised logits (n, members x k). */
function featureRows(members: readonly Float32Array[], k: number, n: number, means: Float64Array, deviations: Float64Array): FeatureRows {
  const d = members.length * k
  const values = new Float64Array(n * d)
  members.forEach((logits, member) => {
    for (let cell = 0; cell < n * k; cell++) {
      const at = member * k + (cell % k)
      values[Math.floor(cell / k) * d + at] = (logits[cell]! - means[at]!) / deviations[at]!
    }
  })
  return {
    columns: d,
    indptr: Int32Array.from({ length: n + 1 }, (_, row) => row * d),
    indices: Uint16Array.from({ length: n * d }, (_, i) => i % d),
    values,
  }
}

/** A member's probabilities (n, its genres) as logits (n, k) on the scale of its training, in the order of the ensemble's genres. */
export function memberLogits({ columns, scales }: Pick<EnsembleMember, 'columns' | 'scales'>, p: Float32Array, n: number): Float32Array {
  const k = columns.length
  const width = p.length / Math.max(1, n)
  return Float32Array.from({ length: n * k }, (_, cell) => {
    const [column, { slope, offset }] = [columns[cell % k]!, scales[cell % k]!]
    return slope * logit(p[Math.floor(cell / k) * width + column]!, 1e-6) + offset
  })
}

const HEADER = z.strictObject({ version: z.literal(1), how: z.enum(ENSEMBLE_KINDS), members: z.int().min(2), genres: z.int().min(0) })

export function packEnsemble({ how, members, genres, stack }: EnsembleModel): Uint8Array {
  const header: z.infer<typeof HEADER> = { version: 1, how, members, genres }
  return packContainer(header, stack === null ? [] : Object.entries(stack).map(([name, data]: [string, Float64Array]) => [name, { data }] as const)) // prettier-ignore
}

/** @throws UserError `model-damaged` */
export function unpackEnsemble(bytes: Uint8Array): EnsembleModel {
  try {
    const { header, tensors } = unpackContainer(bytes)
    const { how, members, genres } = HEADER.parse(header)
    const d = members * genres
    const tensor = (name: string, length: number): Float64Array => {
      const data = tensors.get(name)?.data
      if (data instanceof Float64Array && data.length === length && data.every(Number.isFinite)) return data
      throw new Error(`expected ${length} numbers of ${name}`)
    }
    const stack = how === 'mean' ? null : { means: tensor('means', d), deviations: tensor('deviations', d), weights: tensor('weights', genres * (d + 1)) } // prettier-ignore
    return { how, members, genres, stack }
  } catch (error) {
    throw new UserError('model-damaged', `The stored ensemble cannot be read (${messageOf(error)}). Combine its runs again.`)
  }
}
