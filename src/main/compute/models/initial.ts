/** Initial values of tensors that no file has. Each is a function of the seed and its own name, independent of other tensors. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { elements } from '../graph/dims.ts'
import type { ModelConfig } from './config.ts'
import type { TensorSpec } from './family.ts'
import type { HeldTensor, Weights } from './weights.ts'

/** Draws from [0, 1). */
export function uniforms(seed: number, name: string): () => number {
  const generator = xoroshiro128plus(seedOf(seed, name))
  return () => (generator.next() >>> 0) / 2 ** 32
}

/** FNV-1a hash of the name, started with the seed. */
function seedOf(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** Normal numbers: Box and Muller, "A note on the generation of random normal deviates", 1958. */
function normals(length: number, deviation: number, draw: () => number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(length)
  for (let i = 0; i < length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - draw()))
    const angle = 2 * Math.PI * draw()
    out[i] = radius * Math.cos(angle)
    if (i + 1 < length) out[i + 1] = radius * Math.sin(angle)
  }
  return out
}

/** As Transformers' `_init_weights`: weights normal(0, initializer_range), norms 1, biases 0, the embedding of padding 0. */
function initialTensor(spec: TensorSpec, config: ModelConfig, seed: number): HeldTensor {
  const size = elements(spec.shape)
  if (spec.initial !== 'normal') return { shape: spec.shape, data: new Float32Array(size).fill(spec.initial === 'ones' ? 1 : 0) }
  const data = normals(size, config.initializerRange, uniforms(seed, spec.name))
  const [rows, dim] = spec.shape
  const isWords = spec.part === 'embeddings' && rows === config.vocabulary
  if (isWords && config.padId < config.vocabulary) data.fill(0, config.padId * dim!, (config.padId + 1) * dim!)
  return { shape: spec.shape, data }
}

/** Tensors computed on first use, and kept. */
export function initialWeights(specs: readonly TensorSpec[], config: ModelConfig, seed: number): Weights {
  const byName = new Map(specs.map((s) => [s.name, s]))
  const made = new Map<string, HeldTensor>()
  const specOf = (name: string): TensorSpec => {
    const spec = byName.get(name)
    if (!spec) throw new Error(`there is no tensor "${name}"`)
    return spec
  }
  return {
    names: [...byName.keys()],
    has: (name) => byName.has(name),
    shape: (name) => specOf(name).shape,
    read: (name) => {
      const tensor = made.get(name) ?? initialTensor(specOf(name), config, seed)
      made.set(name, tensor)
      return tensor.data
    },
    place: () => null,
  }
}
