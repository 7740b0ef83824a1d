/** Merges adapters into the weights beside which they were trained. */
import type { Weights } from '../weights.ts'
import { loraA, loraB, loraScale, type LoraConfig } from './adapters.ts'

/** W + (alpha / rank) B A for every adapted layer; all other tensors unchanged. Computed when a tensor is read. */
export function mergedWeights(base: Weights, adapters: Weights, config: LoraConfig): Weights {
  const scales = new Map(config.layers.map((layer) => [`${layer.linear}.weight`, { layer, scale: loraScale(layer, config) }]))
  return {
    names: base.names,
    has: (name) => base.has(name),
    shape: (name) => base.shape(name),
    place: (name) => (scales.has(name) ? null : base.place(name)),
    read: (name) => {
      const weight = base.read(name)
      const adapted = scales.get(name)
      if (!adapted) return weight
      const { linear } = adapted.layer
      return addProduct(weight, adapters.read(loraB(linear)), adapters.read(loraA(linear)), adapted.layer.rank, adapted.scale)
    },
  }
}

/** weight (out, in) + scale * b (out, rank) a (rank, in), summed in float64 and rounded once. */
function addProduct(weight: Float32Array, b: Float32Array, a: Float32Array, rank: number, scale: number): Float32Array<ArrayBuffer> {
  const width = a.length / rank
  const out = new Float32Array(weight.length)
  const row = new Float64Array(width)
  for (let o = 0; o < weight.length / width; o++) {
    for (let i = 0; i < width; i++) row[i] = weight[o * width + i]!
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[o * rank + r]!
      for (let i = 0; i < width; i++) row[i]! += factor * a[r * width + i]!
    }
    out.set(row, o * width)
  }
  return out
}
