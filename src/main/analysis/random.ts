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
