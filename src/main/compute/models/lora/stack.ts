/** Combines two adapters into one. */
import type { TensorSpec } from '../family.ts'
import { heldWeights, type HeldTensor, type Weights } from '../weights.ts'
import { adaptable, linearName, loraA, loraB, loraScale, type LoraLayer } from './adapters.ts'
import type { Adapter } from './peft.ts'

/**
 * An adapter equivalent to `first` followed by `second`: s B A + s' B' A' = [s B, s' B'] [A; A'], exactly, with the sum of both ranks and
 * a scale of 1. If both have a tensor of the head, the second's is used.
 */
export function stackedAdapters(first: Adapter, second: Adapter, specs: readonly TensorSpec[]): Adapter {
  const tensors = new Map<string, HeldTensor>()
  for (const { weights } of [first, second])
    for (const name of weights.names) if (!isLowRank(name)) tensors.set(name, { shape: weights.shape(name), data: weights.read(name) })
  const layers = adaptable(specs).flatMap((spec): LoraLayer[] => {
    const linear = linearName(spec)
    const parts = [first, second].flatMap((adapter) => partOf(adapter, linear) ?? [])
    if (parts.length === 0) return []
    const rank = parts.reduce((sum, part) => sum + part.rank, 0)
    const [to, from] = [spec.shape[0]!, spec.shape[1]!]
    tensors.set(loraA(linear), { shape: [rank, from], data: rowsOf(parts, from) })
    tensors.set(loraB(linear), { shape: [to, rank], data: columnsOf(parts, to, rank) })
    return [{ linear, rank, alpha: rank }]
  })
  // whole names, because the targets of both together may match more layers
  const targets = layers.map(({ linear }) => linear)
  return { lora: { layers, targets, dropout: second.lora.dropout, rankStabilised: false }, weights: heldWeights(tensors) }
}

const isLowRank = (name: string): boolean => /\.lora_[AB]\.weight$/.test(name)

interface Part {
  readonly weights: Weights
  readonly linear: string
  readonly rank: number
  readonly scale: number
}
function partOf({ lora, weights }: Adapter, linear: string): Part | null {
  const layer = lora.layers.find((l) => l.linear === linear)
  return layer ? { weights, linear, rank: layer.rank, scale: loraScale(layer, lora) } : null
}

/** (rank, from): one A below the other. */
function rowsOf(parts: readonly Part[], from: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(from * parts.reduce((sum, { rank }) => sum + rank, 0))
  let at = 0
  for (const { weights, linear } of parts) {
    const a = weights.read(loraA(linear))
    out.set(a, at)
    at += a.length
  }
  return out
}

/** (to, rank): the Bs side by side, each with its scale. */
function columnsOf(parts: readonly Part[], to: number, rank: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(to * rank)
  let column = 0
  for (const { weights, linear, rank: own, scale } of parts) {
    const b = weights.read(loraB(linear))
    for (let o = 0; o < to; o++) for (let r = 0; r < own; r++) out[o * rank + column + r] = scale * b[o * own + r]!
    column += own
  }
  return out
}
