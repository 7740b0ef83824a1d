/** Rotary positions: Su et al., arXiv:2104.09864, halves rotated as Transformers' modeling_llama.py does. */
import { z } from 'zod'
import type { Value } from '../../graph/types.ts'
import { unsupported, type LayerKind, type Rope } from '../config.ts'
import type { Net, Rows } from '../family.ts'
import { lastOneHot, once, perToken } from './basic.ts'

const factor = z.number().min(1).max(1e6)
const theta = z.number().positive().max(1e12)
const PLAIN = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: theta.optional(),
  partial_rotary_factor: z.number().optional(),
})
const LINEAR = z.looseObject({ factor })
const LLAMA3 = z.looseObject({
  factor,
  low_freq_factor: z.number().positive(),
  high_freq_factor: z.number().positive(),
  original_max_position_embeddings: z.int().min(1),
})

/** Scalings by `rope_type`. `dynamic` changes nothing up to max_position_embeddings, where longer texts are cut off. */
const SCALINGS: Readonly<Record<string, (raw: unknown) => Rope['scaling']>> = {
  default: () => null,
  none: () => null,
  dynamic: () => null,
  linear: (raw) => ({ type: 'linear', factor: LINEAR.parse(raw).factor }),
  llama3: (raw) => {
    const s = LLAMA3.parse(raw)
    if (s.high_freq_factor <= s.low_freq_factor)
      throw unsupported('Its rope scaling has a high_freq_factor that is not above low_freq_factor.')
    return {
      type: 'llama3',
      factor: s.factor,
      lowFactor: s.low_freq_factor,
      highFactor: s.high_freq_factor,
      originalPositions: s.original_max_position_embeddings,
    }
  },
}

/** Where a file of before Transformers 5 has the base of the angles of a kind of layers. */
export interface RopeField {
  readonly kind: LayerKind
  readonly theta: string
  /** The base if the file has none. */
  readonly otherwise: number
  /** True if `rope_scaling` applies. */
  readonly scaled: boolean
}

/**
 * Of a field such as `rope_theta` with `rope_scaling` (files of before Transformers 5) or of `rope_parameters`, which may differ by kind of
 * layer.
 * @throws ZodError, UserError `model-unsupported` naming a scaling that is not in the table
 */
export function parseRope(raw: Readonly<Record<string, unknown>>, { kind, theta: field, otherwise, scaled }: RopeField): Rope {
  const parameters = raw['rope_parameters'] as Readonly<Record<string, unknown>> | null | undefined
  const scaling = parameters?.[kind] ?? parameters ?? (scaled ? raw['rope_scaling'] : null) ?? {}
  const plain = PLAIN.parse(scaling)
  const type = plain.rope_type ?? plain.type ?? 'default'
  if ((plain.partial_rotary_factor ?? 1) !== 1)
    throw unsupported('Its rope_parameters have a partial_rotary_factor. Models with partly rotated heads cannot be used.')
  if (!Object.hasOwn(SCALINGS, type))
    throw unsupported(`Its rope scaling ${JSON.stringify(type.slice(0, 100))} is not one of ${Object.keys(SCALINGS).join(', ')}.`)
  return { theta: plain.rope_theta ?? theta.parse(raw[field] ?? otherwise), scaling: SCALINGS[type]!(scaling) }
}

/** Angle by which a position turns each pair: headDim / 2 numbers, rounded to float32 where PyTorch rounds. */
function inverseFrequencies({ theta: base, scaling }: Rope, headDim: number): Float32Array {
  const { fround } = Math
  const plain = Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / fround(base ** fround((2 * i) / headDim)))
  if (scaling === null) return plain
  if (scaling.type === 'linear') return plain.map((f) => f / scaling.factor)
  return plain.map((f) => llama3(f, scaling))
}

/**
 * Long waves are stretched, short ones unchanged, those between blended: Transformers, modeling_rope_utils.py,
 * `_compute_llama3_parameters`.
 */
function llama3(frequency: number, s: Extract<Rope['scaling'], { type: 'llama3' }>): number {
  const waves = (s.originalPositions * frequency) / (2 * Math.PI)
  if (waves > s.highFactor) return frequency
  if (waves < s.lowFactor) return frequency / s.factor
  const smooth = (waves - s.lowFactor) / (s.highFactor - s.lowFactor)
  return ((1 - smooth) * frequency) / s.factor + smooth * frequency
}

/** cos and signed sin of every position and element: (tokens, 1, headDim), (batch, 1, 1, headDim) of one position each, or (batch, tokens, 1, headDim). */
export interface Turns {
  readonly cos: Value
  readonly sin: Value
}

/**
 * The angles of the computed rows; null if nothing is rotated. The tables become initializers, computed once for all layers that rotate
 * alike, because sines of large angles are inaccurate on graphics cards.
 */
export function turns(net: Net, layer: number, rows: Rows): Turns | null {
  const { rope } = net.config.attention[layer]!
  // the angles of position 0 are 0
  if (rope === null || rows === 'first') return null
  const { b, cache } = net
  const all = tables(net, layer, rope)
  if (cache) {
    const pick = (name: string, table: Value): Value =>
      once(net, `fed ${name} ${JSON.stringify(rope)}`, () => b.op('Gather', [table, cache.positions], { axis: 0 }))
    return { cos: pick('cos', all.cos), sin: pick('sin', all.sin) }
  }
  return rows === 'all' ? all : lastTurns(net, rope, all)
}

function tables(net: Net, layer: number, rope: Rope): Turns {
  const { b, config } = net
  const half = config.headDim / 2
  const frequencies = inverseFrequencies(rope, config.headDim)
  const table = (name: string, of: (angle: number, second: boolean) => number): Value =>
    once(net, `${name} ${JSON.stringify(rope)}`, () => {
      const data = new Float32Array(config.positions * config.headDim)
      for (let t = 0; t < config.positions; t++)
        for (let i = 0; i < config.headDim; i++) data[t * config.headDim + i] = of(Math.fround(t * frequencies[i % half]!), i >= half)
      const all = b.initializer(`${name}_${layer}`, 'float32', [config.positions, 1, config.headDim], data)
      return net.cache ? all : perToken(net, all)
    })
  return {
    cos: table('rotary_cos', Math.cos),
    // rotate_half negates the second half; the table holds the sign
    sin: table('rotary_sin', (angle, second) => (second ? Math.sin(angle) : -Math.sin(angle))),
  }
}
/** The angles of each text's last position. */
function lastTurns(net: Net, rope: Rope, all: Turns): Turns {
  const { b, config } = net
  const pick = (name: string, table: Value): Value =>
    once(net, `last ${name} ${JSON.stringify(rope)}`, () => {
      const rows = b.op('MatMul', [lastOneHot(net), b.op('Reshape', [table, b.ints(-1, config.headDim)])]) // (batch, headDim)
      return b.op('Unsqueeze', [rows, b.ints(1, 2)])
    })
  return { cos: pick('cos', all.cos), sin: pick('sin', all.sin) }
}

/** Rotates (batch, places, heads, headDim). */
export function rotate({ b }: Net, turned: Turns | null, x: Value): Value {
  if (turned === null) return x
  const { cos, sin } = turned
  const half = (x.shape.at(-1) as number) / 2
  const [first, second] = b.ops('Split', [x, b.ints(half, half)], { axis: -1 }, { outputs: 2 })
  const swapped = b.op('Concat', [second!, first!], { axis: -1 })
  return b.op('Add', [b.op('Mul', [x, cos]), b.op('Mul', [swapped, sin])])
}
