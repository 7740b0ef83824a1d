import { MIN_SLOPE, type Scale } from '../../contract/records.ts'
import { expectShape, logit, sigmoid, type Floats } from './matrix.ts'

export const IDENTITY: Scale = { slope: 1, offset: 0 }

const MAX_STEPS = 50
const CONVERGED = 1e-8
/**
 * Platt scaling of each genre on the logits of out-of-fold probabilities: maximum likelihood by Newton's method with Platt's
 * smoothed targets (Platt 1999; Lin, Lin and Weng 2007). Class weights and penalties distort probabilities genre by genre;
 * scaled ones can be compared across genres. A genre with only one kind of label keeps its probabilities.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) out-of-fold probabilities
 * @returns (k)
 */
export function plattScales(y: Uint8Array, p: Floats, n: number, k: number): Scale[] {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  return Array.from({ length: k }, (_, g) => {
    const z = Float64Array.from({ length: n }, (_, i) => logit(p[i * k + g]!))
    const labels = Uint8Array.from({ length: n }, (_, i) => y[i * k + g]!)
    return fit(z, labels)
  })
}

/**
 * Temperature scaling of each genre (Guo et al. 2017): the slope with the largest likelihood, without an offset, by Newton's method. A genre
 * with only one kind of label keeps its probabilities.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) out-of-fold probabilities
 * @returns (k)
 */
export function temperatureScales(y: Uint8Array, p: Floats, n: number, k: number): Scale[] {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  return Array.from({ length: k }, (_, g) => {
    const z = Float64Array.from({ length: n }, (_z, i) => logit(p[i * k + g]!))
    const positives = z.reduce((sum, _z, i) => sum + y[i * k + g]!, 0)
    if (positives === 0 || positives === n) return IDENTITY
    // the log loss is convex in the slope; its logarithm keeps it positive
    let log = 0
    for (let step = 0; step < MAX_STEPS; step++) {
      const slope = Math.exp(log)
      let [first, second] = [0, 1e-12]
      for (let i = 0; i < n; i++) {
        const q = sigmoid(slope * z[i]!)
        first += (q - y[i * k + g]!) * z[i]!
        second += q * (1 - q) * z[i]! * z[i]!
      }
      const move = -(slope * first) / (slope * slope * second + Math.abs(slope * first))
      log = Math.min(5, Math.max(-5, log + move))
      if (Math.abs(move) < 1e-9) break
    }
    return { slope: Math.exp(log), offset: 0 }
  })
}

function fit(z: Float64Array, labels: Uint8Array): Scale {
  const positives = labels.reduce((a, b) => a + b, 0)
  const negatives = labels.length - positives
  if (positives === 0 || negatives === 0) return IDENTITY
  const target = [1 / (negatives + 2), (positives + 1) / (positives + 2)] as const
  let at = { slope: 0, offset: Math.log((positives + 1) / (negatives + 1)) }
  let loss = lossAt(z, labels, target, at)
  for (let step = 0; step < MAX_STEPS; step++) {
    const direction = newtonStep(z, labels, target, at)
    let size = 1
    let next = at
    let lower = loss
    // halve the step until the loss falls: plain Newton steps can overshoot on separable genres
    for (; size > 1e-10; size /= 2) {
      next = { slope: at.slope - size * direction.slope, offset: at.offset - size * direction.offset }
      lower = lossAt(z, labels, target, next)
      if (lower <= loss) break
    }
    const gain = loss - lower
    if (gain < 0) break
    at = next
    loss = lower
    if (gain < CONVERGED * (1 + loss)) break
  }
  return at
}

/** Inverse Hessian times gradient of the log loss. */
function newtonStep(z: Float64Array, labels: Uint8Array, target: readonly [number, number], at: Scale): Scale {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12]
  for (let i = 0; i < z.length; i++) {
    const x = z[i]!
    const q = sigmoid(at.slope * x + at.offset)
    const error = q - target[labels[i]! as 0 | 1]
    const weight = q * (1 - q)
    g0 += error * x
    g1 += error
    h00 += weight * x * x
    h01 += weight * x
    h11 += weight
  }
  const determinant = h00 * h11 - h01 * h01
  return { slope: (h11 * g0 - h01 * g1) / determinant, offset: (h00 * g1 - h01 * g0) / determinant }
}

/** Log loss, summed. */
function lossAt(z: Float64Array, labels: Uint8Array, target: readonly [number, number], { slope, offset }: Scale): number {
  let sum = 0
  for (let i = 0; i < z.length; i++) {
    const score = slope * z[i]! + offset
    const t = target[labels[i]! as 0 | 1]
    // log(1 + e^score) - t * score, without overflow
    sum += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - t * score
  }
  return sum
}

/** A probability on a scale. */
export const scaled = (p: number, scale: Scale): number =>
  scale.slope === 1 && scale.offset === 0 ? p : sigmoid(scale.slope * logit(p) + scale.offset)
/** The probability that {@link scaled} makes this one of. */
export const unscaled = (p: number, scale: Scale): number => scaled(p, inverse(scale))
export const inverse = ({ slope, offset }: Scale): Scale => ({ slope: 1 / slope, offset: -offset / slope })
/** The scale that first applies one and then the other. */
export const composed = (first: Scale, then: Scale): Scale => ({
  slope: then.slope * first.slope,
  offset: then.slope * first.offset + then.offset,
})
/** A scale that keeps the order of probabilities: of a genre of which a model knows nothing, they stay as they are. */
export const increasing = (scale: Scale): Scale => (scale.slope >= MIN_SLOPE ? scale : IDENTITY)

/** Probabilities (n, k) scaled genre by genre. */
export function calibrated(p: Floats, scales: readonly Scale[], n: number, k: number): Float32Array {
  expectShape('probabilities', p, n, k)
  const out = new Float32Array(n * k)
  for (let at = 0; at < out.length; at++) out[at] = scaled(p[at]!, scales[at % k]!)
  return out
}
