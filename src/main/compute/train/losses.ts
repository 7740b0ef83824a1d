/**
 * Losses as nodes of a graph: sums over weighted cells, divided by a denominator that is fed, so that micro-batches add up to one batch.
 */
import { Algebra } from '../autodiff/algebra.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'

/** `focal`: alpha weights cells whose label is 1, 1 - alpha the others; gamma reduces the loss of cells that are already correct. */
export type CellLoss =
  { readonly kind: 'bce' | 'asymmetric' | 'large-loss' } | { readonly kind: 'focal'; readonly alpha: number; readonly gamma: number }

export interface LossInputs {
  /** (batch, genres) */
  readonly logits: Value
  /** (batch, genres): 0 or 1, as floats */
  readonly labels: Value
  /** (batch, genres): 1 for a cell that counts, else 0 */
  readonly mask: Value
  /** (batch) */
  readonly rowWeight: Value
  /** (genres): weight of cells whose label is 1 (PyTorch's `pos_weight`) */
  readonly positive: Value
  /** (genres): weight of all cells of a genre */
  readonly genre: Value
  /** (): of `large-loss`, how many labels 0 are corrected */
  readonly corrected?: Value
  /** (): the divisor of the sum, usually the number of cells that count in the whole update */
  readonly denominator: Value
}

/** Loss of a cell whose label is 1, and of one whose label is 0: (batch, genres) each. */
type Sides = (a: Algebra, x: Value) => readonly [on: Value, off: Value]

/** -log σ(x) and -log (1 - σ(x)), without ever taking the logarithm of a small number. */
const bce: Sides = (a, x) => [a.softplus(a.neg(x)), a.softplus(x)]
/**
 * Lin et al., Focal Loss for Dense Object Detection, arXiv:1708.02002, equation 5. The probability of being wrong, to the power of
 * gamma, is exp(-gamma * softplus), so that neither it nor its gradient overflows.
 */
const focal =
  (alpha: number, gamma: number): Sides =>
  (a, x) => {
    const [on, off] = bce(a, x)
    if (gamma === 0) return [a.mul(on, alpha), a.mul(off, 1 - alpha)]
    const muted = (loss: Value, wrong: Value): Value => a.mul(a.exp(a.mul(wrong, -gamma)), loss)
    return [a.mul(muted(on, off), alpha), a.mul(muted(off, on), 1 - alpha)]
  }

/** Exponent of the probability of a label 0, and the probability up to which it costs nothing: such labels may be missing. */
const [MUTED, MARGIN] = [4, 0.05]
/** Ridnik et al., Asymmetric Loss For Multi-Label Classification, arXiv:2009.14119, equation 7 with γ+ = 0, γ- = 4 and m = 0.05. */
const asymmetric: Sides = (a, x) => {
  const [on] = bce(a, x)
  const shifted = a.max(a.sub(a.exp(a.neg(on)), MARGIN), 0)
  let muted = shifted
  for (let i = 1; i < MUTED; i++) muted = a.mul(muted, shifted)
  return [on, a.neg(a.mul(muted, a.log(a.sub(1, shifted))))]
}

/** Share of the labels by which more are corrected in each epoch, as the paper has it for most of its data sets. */
export const LARGE_LOSS = 0.002
/** Halvings of an interval: more than a float32 can tell apart. */
const HALVINGS = 40
/**
 * Kim et al., Large Loss Matters in Weakly Supervised Multi-Label Classification, arXiv:2206.03740, section 3.2, LL-Ct: the labels 0 with
 * the `count` largest losses in the batch are taken for missing, and cost what a label 1 costs. The smallest of these losses is found by halving an
 * interval, because not every device sorts.
 * @param wrong (batch, genres) losses of the labels 0 that count, 0 elsewhere
 */
function correctedSides(a: Algebra, [on, off]: readonly [Value, Value], wrong: Value, count: Value): readonly [on: Value, off: Value] {
  const above = (bound: Value): Value => a.less(bound, wrong)
  let [low, high] = [a.mul(count, 0), a.b.op('ReduceMax', [wrong], { keepdims: 0 })]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = a.mul(a.add(low, high), 0.5)
    const tooFew = a.less(a.sum(a.cast(above(middle), wrong.dtype), undefined, false), count)
    ;[low, high] = [a.where(tooFew, low, middle), a.where(tooFew, middle, high)]
  }
  // without a label to correct, the bound is above every loss
  const bound = a.where(a.less(count, 0.5), a.add(high, 1), low)
  return [on, a.where(above(bound), on, off)]
}

/** Σ mask * rowWeight * genre * loss / denominator: a scalar. */
export function classificationLoss(b: GraphBuilder, loss: CellLoss, inputs: LossInputs): Value {
  const a = new Algebra(b)
  const { logits, labels, mask, rowWeight, positive, genre, denominator } = inputs
  return b.scope('loss', () => {
    const sides = loss.kind === 'focal' ? focal(loss.alpha, loss.gamma) : loss.kind === 'asymmetric' ? asymmetric : bce
    const plain = sides(a, logits)
    const wrong = (): Value => a.mul(mask, a.mul(a.sub(1, labels), plain[1]))
    const [on, off] = inputs.corrected ? correctedSides(a, plain, wrong(), inputs.corrected) : plain
    const cells = a.add(a.mul(a.mul(labels, positive), on), a.mul(a.sub(1, labels), off))
    const weights = a.mul(a.mul(mask, genre), b.op('Unsqueeze', [rowWeight, b.ints(1)]))
    return a.div(a.sum(a.mul(cells, weights), undefined, false), denominator)
  })
}

export interface WordLossInputs {
  /** (n, vocabulary) */
  readonly logits: Value
  /** int64 (n): the correct word; -1 where no word is masked */
  readonly words: Value
  /** (): usually the number of masked words in the whole update */
  readonly denominator: Value
}

/** Below this, float32 cannot hold the gradient of the logarithm of a probability. */
const MIN_PROBABILITY = 1e-37

/** Cross-entropy of words: -Σ log softmax(logits)[word] / denominator. Devlin et al., arXiv:1810.04805, section 3.1. */
export function wordLoss(b: GraphBuilder, { logits, words, denominator }: WordLossInputs): Value {
  const a = new Algebra(b)
  return b.scope('loss', () => {
    // -1 matches no column, so such a row adds nothing
    const right = a.equality(a.cast(words, 'float32'), a.places(logits.shape[1]!), logits.dtype)
    const asked = a.sum(right, [1])
    // the logarithm of the one probability that counts, because not every device has LogSoftmax
    const chosen = a.sum(a.mul(b.op('Softmax', [logits], { axis: -1 }), right), [1])
    const logs = a.log(a.max(a.add(chosen, a.sub(1, asked)), MIN_PROBABILITY))
    return a.neg(a.div(a.sum(logs, undefined, false), denominator))
  })
}
