/** Random draws of a training: each is a function of the seed and of what it is for, so that a resume draws the same again. */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What the draws are for: no two uses share a sequence. */
export const PURPOSES = { epoch: 1, warmUpEpoch: 2, validation: 3, dropout: 4, weights: 5, masking: 6, fold: 7 } as const

/** A 31-bit seed of a seed and any whole numbers: the finaliser of MurmurHash3 after each. */
export function mixSeed(seed: number, ...parts: readonly number[]): number {
  let h = seed >>> 0
  for (const part of parts) {
    h = Math.imul(h ^ (part >>> 0), 0x9e3779b1) + 0x7f4a7c15
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    h ^= h >>> 16
  }
  return h & 0x7fffffff
}

/** Fisher-Yates on a copy. */
export function shuffled(values: Int32Array, seed: number): Int32Array {
  const out = values.slice()
  const generator = xoroshiro128plus(seed)
  for (let i = out.length - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i)
    const held = out[i]!
    out[i] = out[j]!
    out[j] = held
  }
  return out
}
