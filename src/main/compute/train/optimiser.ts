/** AdamW as nodes of a graph: Loshchilov, Hutter, arXiv:1711.05101, in the form of torch.optim.AdamW. */
import { Algebra } from '../autodiff/algebra.ts'
import { product } from '../graph/dims.ts'
import type { GraphBuilder } from '../graph/builder.ts'
import type { Value } from '../graph/types.ts'

export interface AdamW {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  /** True if norms and biases (parameters of one axis) decay, too. */
  readonly decayAll: boolean
  /** Largest norm of all gradients together; null: not clipped. */
  readonly clip: number | null
}
export const ADAMW: AdamW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, decayAll: true, clip: null }

/** Feeds of each update: scalars that depend on the step, computed in double precision by {@link rates}. */
const RATE_NAMES = ['rate', 'floor', 'decay'] as const
export type Rates = Readonly<Record<(typeof RATE_NAMES)[number], number>>

/**
 * The moments are kept as sums, M = Σ β1^k g and V = Σ β2^k g², which saves two passes over them: PyTorch's are (1 - β1) M and
 * (1 - β2) V. With p' = decay p - rate M / (√V + floor), those factors and the bias corrections of step `step` (from 1) are in `rate` and `floor`.
 */
export function rates({ beta1, beta2, epsilon, weightDecay }: AdamW, step: number, learningRate: number): Rates {
  const first = (1 - beta1) / (1 - beta1 ** step)
  const second = Math.sqrt((1 - beta2) / (1 - beta2 ** step))
  return { rate: (learningRate * first) / second, floor: epsilon / second, decay: 1 - learningRate * weightDecay }
}

/** A parameter, or a block of its rows, with its gradient and moments; all have one shape. */
export interface Moments {
  readonly parameter: Value
  readonly first: Value
  readonly second: Value
}

/** The update of one step, shared by all parameters. */
export class AdamWStep {
  readonly #a: Algebra
  readonly #options: AdamW
  readonly #rates: Readonly<Record<(typeof RATE_NAMES)[number], Value>>
  /** Norm of all gradients together, before clipping: a scalar. */
  readonly norm: Value
  /** Factor for the gradients; null: no clipping. */
  readonly #scale: Value | null

  /** @param squares squares of the gradients' norms: {@link sumOfSquares} */
  constructor(b: GraphBuilder, options: AdamW, squares: readonly Value[]) {
    const a = (this.#a = new Algebra(b))
    this.#options = options
    const fed = Object.fromEntries(RATE_NAMES.map((name) => [name, b.input(name, 'float32', [])])) as Record<keyof Rates, Value>
    this.norm = a.sqrt(squares.reduce((sum, each) => a.add(sum, each)))
    // as torch.nn.utils.clip_grad_norm_
    this.#scale = options.clip === null ? null : a.min(1, a.div(options.clip, a.add(this.norm, 1e-6)))
    // every parameter waits for the norm, and so for every gradient: it is written in place, and nothing may read the old value
    // afterwards
    this.#rates = { ...fed, rate: a.mul(fed.rate, a.min(1, a.div(Infinity, a.add(this.norm, 1)))) }
  }

  /** The next values. @param gradient null: zeros @param vector true if the whole parameter belongs to a norm or is a bias */
  update({ parameter, first, second }: Moments, gradient: Value | null, vector: boolean): Moments {
    const a = this.#a
    const { beta1, beta2, weightDecay, decayAll } = this.#options
    const g = gradient && this.#scale ? a.mul(gradient, this.#scale) : gradient
    const [oldFirst, oldSecond] = [a.mul(first, beta1), a.mul(second, beta2)]
    const [m, v] = g ? [a.add(oldFirst, g), a.add(oldSecond, a.square(g))] : [oldFirst, oldSecond]
    const move = a.mul(a.div(m, a.add(a.sqrt(v), this.#rates.floor)), this.#rates.rate)
    const decays = weightDecay > 0 && (decayAll || !vector)
    return { parameter: a.sub(decays ? a.mul(parameter, this.#rates.decay) : parameter, move), first: m, second: v }
  }
}

/** The square of a gradient's norm, summed by rows first, because a sum over everything at once runs on one thread. */
export function sumOfSquares(a: Algebra, g: Value): Value {
  if (g.shape.length < 2) return a.b.op('ReduceSumSquare', [g], { keepdims: 0 })
  const matrix = a.reshape(g, [product(g.shape.slice(0, -1)), g.shape.at(-1)!])
  return a.sum(a.b.op('ReduceSumSquare', [matrix, a.b.ints(1)], { keepdims: 0 }), undefined, false)
}
