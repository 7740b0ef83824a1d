/** Linear layers, norms and positions, shared by all families. Rows are tokens: (batch*tokens, dim). */
import type { Value } from '../../graph/types.ts'
import type { Net, Rows } from '../family.ts'

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

/** A norm over the last axis, with the weights of `name`. */
export type Norm = (net: Net, name: string, x: Value) => Value

/** Ba et al., arXiv:1607.06450; without the bias if the model has none. */
export const layerNorm: Norm = ({ b, p, config }, name, x) => {
  const bias = p.has(`${name}.bias`) ? [p.get(`${name}.bias`)] : []
  return b.op('LayerNormalization', [x, p.get(`${name}.weight`), ...bias], { axis: -1, epsilon: config.normEpsilon }, { name })
}

/** x / sqrt(mean(x^2) + epsilon) * w: Zhang and Sennrich, arXiv:1910.07467. */
export const rmsNorm: Norm = (net, name, x) => scaledByRoot(net, name, x, net.p.get(`${name}.weight`))
/** {@link rmsNorm} whose weight is stored less 1 (Gemma). */
export const rmsNormFrom1: Norm = (net, name, x) => {
  const { b, p } = net
  return scaledByRoot(net, name, x, b.op('Add', [p.get(`${name}.weight`), b.constant(1)]))
}
function scaledByRoot({ b, config }: Net, name: string, x: Value, weight: Value): Value {
  return b.scope(name, () => {
    const sum = b.op('ReduceSum', [b.op('Mul', [x, x]), b.ints(-1)], { keepdims: 1 })
    const mean = b.op('Div', [sum, b.constant(x.shape.at(-1) as number)])
    const root = b.op('Sqrt', [b.op('Add', [mean, b.constant(config.normEpsilon)])])
    return b.op('Mul', [b.op('Div', [x, root]), weight])
  })
}

/** (batch, tokens, n) as a matrix of tokens (batch*tokens, n). */
export const flat = ({ b }: Net, x: Value): Value => b.op('Reshape', [x, b.ints(-1, x.shape.at(-1) as number)])
/** A matrix of tokens as (batch, tokens, …dims). */
export const unflat = ({ b }: Net, x: Value, ...dims: readonly number[]): Value =>
  b.op('Reshape', [x, b.shape(['batch', 'tokens', ...(dims.length > 0 ? dims : [x.shape.at(-1)!])])])

/** The first rows of a table, one for each token: (tokens, …). */
export const perToken = ({ b }: Net, table: Value): Value => b.op('Slice', [table, b.ints(0), b.shape(['tokens']), b.ints(0)])

/** Rows of tokens as (batch, places, heads, headDim). */
export const inHeads = (net: Net, rows: Rows, x: Value, heads: number): Value =>
  rows === 'all' ? unflat(net, x, heads, net.config.headDim) : net.b.op('Reshape', [x, net.b.ints(-1, 1, heads, net.config.headDim)])

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

/** The tokens that a token attends to. */
export interface Reach {
  /** True if later tokens are hidden. */
  readonly causal: boolean
  /** See {@link LayerAttention}. */
  readonly window: number | null
}
/** {@link paddingBias} that also hides what is out of reach: (batch, 1, places, tokens), broadcast. */
export const reachBias = (net: Net, { causal, window }: Reach, rows: Rows): Value =>
  once(net, `reach ${causal} ${window} ${rows}`, () => {
    const { b, cache } = net
    const bias = (mask: Value): Value => b.op('Mul', [b.op('Cast', [mask], { to: 1 }), b.constant(MASKED)])
    const sum = (masks: readonly Value[], start: Value): Value => masks.reduce((all, mask) => b.op('Add', [all, bias(mask)]), start)
    if (cache) {
      const behind = b.op('Unsqueeze', [cache.behind, b.ints(1)])
      return sum(window === null ? [] : [b.op('Greater', [behind, b.constant(window - 1)])], bias(b.op('Greater', [b.constant(0), behind])))
    }
    const [keys, queries] = [places(net), queryPlaces(net, rows)]
    const hidden = [
      ...(causal && rows === 'all' ? [b.op('Greater', [keys, queries])] : []),
      ...(window === null
        ? []
        : causal
          ? [b.op('Greater', [queries, b.op('Add', [keys, b.constant(window - 1)])])]
          : [b.op('Greater', [b.op('Abs', [b.op('Sub', [keys, queries])]), b.constant(window)])]),
    ]
    return sum(hidden, paddingBias(net))
  })
/** Positions of the computed rows: (tokens, 1), one number, or (batch, 1, 1, 1). */
export const queryPlaces = (net: Net, rows: Rows): Value =>
  once(net, `queries ${rows}`, () => {
    const { b } = net
    if (rows === 'first') return b.constant(0)
    return rows === 'all' ? b.op('Unsqueeze', [places(net), b.ints(1)]) : b.op('Unsqueeze', [lastPlace(net), b.ints(2, 3)])
  })

/** The first position of each text: tokens (batch*tokens, dim) to (batch, dim). */
const firstPosition = (net: Net, x: Value): Value =>
  net.b.op('Gather', [unflat(net, x), net.b.constant(0, 'int64')], { axis: 1 }, { name: 'first_position' })

/** Number of each text's tokens: (batch, 1). */
const tokenCount = (net: Net): Value => once(net, 'count', () => net.b.op('ReduceSum', [floatMask(net), net.b.ints(1)], { keepdims: 1 }))
/** Position of each text's last token: (batch, 1). */
const lastPlace = (net: Net): Value => once(net, 'last place', () => net.b.op('Sub', [tokenCount(net), net.b.constant(1)]))

/** One-hot vector of each text's last token: (batch, tokens). */
export const lastOneHot = (net: Net): Value =>
  once(net, 'last', () => net.b.op('Cast', [net.b.op('Equal', [places(net), lastPlace(net)])], { to: 1 }))

/** The last position of each text that is not padding: tokens (batch*tokens, dim) to (batch, dim). */
function lastPosition(net: Net, x: Value): Value {
  const { b } = net
  // a product with ones and zeros is exact, and so is its gradient
  const rows = b.op('MatMul', [b.op('Unsqueeze', [lastOneHot(net), b.ints(1)]), unflat(net, x)]) // (batch, 1, dim)
  return b.op('Squeeze', [rows, b.ints(1)], {}, { name: 'last_position' })
}

/** The wanted rows of tokens (batch*tokens, dim): all, or (batch, dim). */
export const rowsAt = (net: Net, rows: Rows, x: Value): Value =>
  ({ all: () => x, first: () => firstPosition(net, x), last: () => lastPosition(net, x) })[rows]()

/** Mean of each text's tokens without padding: (batch*tokens, dim) to (batch, dim); 0 for a text without tokens. */
export function meanOfTokens(net: Net, x: Value): Value {
  const { b } = net
  const sum = b.op('MatMul', [b.op('Unsqueeze', [floatMask(net), b.ints(1)]), unflat(net, x)]) // (batch, 1, dim)
  return b.op('Div', [b.op('Squeeze', [sum, b.ints(1)]), b.op('Max', [tokenCount(net), b.constant(1)])], {}, { name: 'mean_of_tokens' })
}
