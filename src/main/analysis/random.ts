import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Draws an integer in [0, below). */
export type DrawBelow = (below: number) => number

/** A sequence of draws that depends on nothing but the seed (an integer). */
export function seededDraws(seed: number): DrawBelow {
  const generator = xoroshiro128plus(seed)
  return (below) => uniformInt(generator, 0, below - 1)
}

/** Fisher-Yates, in place. */
export function shuffle(values: Int32Array, draw: DrawBelow): Int32Array {
  for (let i = values.length - 1; i > 0; i--) {
    const j = draw(i + 1)
    const held = values[i]!
    values[i] = values[j]!
    values[j] = held
  }
  return values
}

/** The purposes of a training's random draws: no two of them share a sequence, and a resumed training repeats its draws. */
export const PURPOSES = { epoch: 1, warmUpEpoch: 2, validation: 3, dropout: 4, weights: 5, masking: 6, fold: 7 } as const

/** A 31-bit seed derived from a seed and any integers: MurmurHash3's finaliser is applied after each. */
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
export const shuffled = (values: Int32Array, seed: number): Int32Array => shuffle(values.slice(), seededDraws(seed))
