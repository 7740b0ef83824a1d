/** Gradients of normalising operators: each number of a row depends on the whole row. */
import type { Value } from '../graph/types.ts'
import type { Algebra } from './algebra.ts'
import { axisOf, int, once, text, type Rule } from './rule.ts'

/** y = softmax(x): dx = y (dy - Σ y dy). */
const softmax: Rule = ({ a, node, y, dy }) => {
  const axes = [int(node, 'axis', -1)]
  return [() => a.mul(y, a.sub(dy, a.sum(a.mul(y, dy), axes)))]
}
/** dx = dy - softmax(x) Σ dy. */
const logSoftmax: Rule = ({ a, node, y, dy }) => [() => a.sub(dy, a.mul(a.exp(y), a.sum(dy, [int(node, 'axis', -1)])))]

/**
 * y = scale h + bias with h = (x - mean) / std: dx = (z - mean(z) - h mean(z h)) / std with z = scale dy. Ba, Kiros, Hinton: Layer
 * Normalization (2016). h and 1 / std come from a second LayerNormalization without scale: one pass.
 */
const layerNorm: Rule = ({ a, node, x, dy }) => {
  const [v, scale, bias] = x as [Value, Value, Value | undefined]
  const axis = axisOf(int(node, 'axis', -1), v.shape.length)
  const axes = v.shape.map((_, i) => i).slice(axis)
  const normal = once(() =>
    a.b.ops('LayerNormalization', [v, a.full(1, scale.dtype, scale.shape)], { axis, epsilon: int(node, 'epsilon', 1e-5) }, { outputs: 3 }),
  )
  const product = once(() => a.mul(dy, normal()[0]!))
  return [
    () => {
      const z = a.mul(dy, scale)
      const shared = a.mul(normal()[0]!, a.mean(a.mul(product(), scale), axes))
      return a.mul(a.sub(a.sub(z, shared), a.mean(z, axes)), normal()[2]!)
    },
    product,
    bias ? () => dy : null,
  ]
}

/** Exact: Φ(x) + x φ(x). With tanh: the derivative of x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³). Hendrycks, Gimpel (2016). */
const gelu: Rule = ({ a, node, x: [x], dy }) => [() => a.mul(dy, text(node, 'approximate') === 'tanh' ? tanhSlope(a, x!) : erfSlope(a, x!))]
/** With t = x / √2: (1 + erf t + 2 t exp(-t²) / √π) / 2. */
const erfSlope = (a: Algebra, x: Value): Value => {
  const t = a.mul(x, Math.SQRT1_2)
  const bell = a.exp(a.sub(Math.log(2 / Math.sqrt(Math.PI)), a.square(t)))
  return a.mul(a.add(a.add(a.one('Erf', t), a.mul(t, bell)), 1), 0.5)
}
const tanhSlope = (a: Algebra, x: Value): Value => {
  const [c, d] = [Math.sqrt(2 / Math.PI), 0.044715]
  const square = a.square(x)
  const t = a.one('Tanh', a.mul(x, a.add(a.mul(square, c * d), c)))
  const du = a.mul(x, a.add(a.mul(square, 3 * c * d), c))
  return a.mul(a.mul(a.add(t, 1), a.add(a.mul(du, a.sub(1, t)), 1)), 0.5)
}

export const normRules: Readonly<Record<string, Rule>> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LayerNormalization: layerNorm,
  Gelu: gelu,
}
