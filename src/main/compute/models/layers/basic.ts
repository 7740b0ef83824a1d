/** Linear layers, norms and positions, shared by all families. Rows are tokens: (batch*tokens, dim). */
import type { Value } from '../../graph/types.ts'
import type { Net } from '../family.ts'

/** Added to masked scores: its exp is 0 in float32, and the sum of two stays finite in every type. */
const MASKED = -1e9

const made = new WeakMap<Net, Map<string, Value>>()
/** Adds a value once for each model in a graph: masks, angles and other values that every layer uses. */
export function once(net: Net, key: string, make: () => Value): Value {
  const values = made.get(net) ?? new Map<string, Value>()
  made.set(net, values)
  const value = values.get(key) ?? make()
  values.set(key, value)
  return value
}

/** x W^T + b of a published [out, in] weight, with its adapter if there is one. x: (rows, in) -> (rows, out) */
export function linear(net: Net, name: string, x: Value): Value {
  const { b, p, adapters } = net
  const bias = p.has(`${name}.bias`) ? [p.get(`${name}.bias`)] : []
  const y = b.op('Gemm', [x, p.get(`${name}.weight`), ...bias], { transB: 1 }, { name })
  if (!adapters || !p.has(`${name}.lora_A.weight`)) return y
  const dropped = drop(net, x, `${name}.lora`, adapters.dropout)
  const low = b.op('Gemm', [dropped, p.get(`${name}.lora_A.weight`)], { transB: 1 }, { name: `${name}.lora_A` }) // (rows, rank)
  const attributes = { transB: 1, alpha: adapters.scale(name) }
  return b.op('Gemm', [low, p.get(`${name}.lora_B.weight`), y], attributes, { name: `${name}.lora_B` })
}

export const drop = (net: Net, x: Value, site: string, rate: number): Value => net.dropout?.(x, site, rate) ?? x

/** Ba et al., arXiv:1607.06450, over the last axis. */
export const layerNorm = ({ b, p, config }: Net, name: string, x: Value): Value =>
  b.op('LayerNormalization', [x, p.get(`${name}.weight`), p.get(`${name}.bias`)], { axis: -1, epsilon: config.normEpsilon }, { name })

/** x / sqrt(mean(x^2) + epsilon) * w: Zhang and Sennrich, arXiv:1910.07467, over the last axis. */
export function rmsNorm({ b, p, config }: Net, name: string, x: Value): Value {
  return b.scope(name, () => {
    const mean = b.op('Div', [b.op('ReduceSum', [b.op('Mul', [x, x]), b.ints(-1)], { keepdims: 1 }), b.constant(config.dim)])
    const root = b.op('Sqrt', [b.op('Add', [mean, b.constant(config.normEpsilon)])])
    return b.op('Mul', [b.op('Div', [x, root]), p.get(`${name}.weight`)])
  })
}

/** (batch, tokens, n) as a matrix of tokens (batch*tokens, n). */
export const flat = ({ b }: Net, x: Value): Value => b.op('Reshape', [x, b.ints(-1, x.shape.at(-1) as number)])
/** A matrix of tokens as (batch, tokens, …dims). */
export const unflat = ({ b }: Net, x: Value, ...dims: readonly number[]): Value =>
  b.op('Reshape', [x, b.shape(['batch', 'tokens', ...(dims.length > 0 ? dims : [x.shape.at(-1)!])])])

/** The first rows of a table, one for each token: (tokens, …). */
export const perToken = ({ b }: Net, table: Value): Value => b.op('Slice', [table, b.ints(0), b.shape(['tokens']), b.ints(0)])

/** 0, 1, 2, … as floats: (tokens). Floats, because not every device compares integers. */
export const places = (net: Net): Value =>
  once(net, 'places', () => perToken(net, net.b.constant(Array.from({ length: net.config.positions }, (_, i) => i))))

/** The mask as floats: (batch, tokens). A mask fed as floats needs no int64 arithmetic, which graphics cards lack. */
const floatMask = (net: Net): Value => {
  const { mask } = net.batch
  return mask.dtype === 'float32' ? mask : once(net, 'mask', () => net.b.op('Cast', [mask], { to: 1 }))
}

/** Added to scores: 0 for tokens, a very low number for padding. (batch, 1, 1, tokens) */
export const paddingBias = (net: Net): Value =>
  once(net, 'padding', () => {
    const { b } = net
    const bias = b.op('Mul', [b.op('Sub', [b.constant(1), floatMask(net)]), b.constant(MASKED)])
    return b.op('Unsqueeze', [bias, b.ints(1, 2)])
  })
/** {@link paddingBias} that also hides later positions: (batch, 1, tokens, tokens). */
export const causalBias = (net: Net): Value =>
  once(net, 'causal', () => {
    const { b } = net
    const later = b.op('Greater', [places(net), b.op('Unsqueeze', [places(net), b.ints(1)])]) // (tokens, tokens)
    return b.op('Add', [paddingBias(net), b.op('Mul', [b.op('Cast', [later], { to: 1 }), b.constant(MASKED)])])
  })

/** The first position of each text: tokens (batch*tokens, dim) to (batch, dim). */
export const firstPosition = (net: Net, x: Value): Value =>
  net.b.op('Gather', [unflat(net, x), net.b.constant(0, 'int64')], { axis: 1 }, { name: 'first_position' })

/** One-hot vector of each text's last token: (batch, tokens). */
export const lastOneHot = (net: Net): Value =>
  once(net, 'last', () => {
    const { b } = net
    const last = b.op('Sub', [b.op('ReduceSum', [floatMask(net), b.ints(1)], { keepdims: 1 }), b.constant(1)]) // (batch, 1)
    return b.op('Cast', [b.op('Equal', [places(net), last])], { to: 1 })
  })

/** The last position of each text that is not padding: tokens (batch*tokens, dim) to (batch, dim). */
export function lastPosition(net: Net, x: Value): Value {
  const { b } = net
  // a product with ones and zeros is exact, and so is its gradient
  const rows = b.op('MatMul', [b.op('Unsqueeze', [lastOneHot(net), b.ints(1)]), unflat(net, x)]) // (batch, 1, dim)
  return b.op('Squeeze', [rows, b.ints(1)], {}, { name: 'last_position' })
}
