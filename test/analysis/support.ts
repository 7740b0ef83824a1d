import { seededDraws } from '../../src/main/analysis/random.ts'

/** Nested rows as one row-major matrix. */
export const matrix = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat())
export const bits = (rows: readonly (readonly number[])[]) => Uint8Array.from(rows.flat())

/** A small matrix in a line: rows parted by spaces, a digit for each cell. */
export const cells = (text: string) => Uint8Array.from(text.replaceAll(/\s/g, ''), Number)

/** A uniform draw from [0, 1) with 2^30 steps. */
export function seededUnit(seed: number): () => number {
  const draw = seededDraws(seed)
  return () => draw(2 ** 30) / 2 ** 30
}

/** A catalogue with genres of very different size, and probabilities that know something about them. */
export function fakeCatalogue(n: number, k: number, seed: number): { y: Uint8Array; p: Float32Array } {
  const unit = seededUnit(seed)
  const y = new Uint8Array(n * k)
  const p = new Float32Array(n * k)
  for (let at = 0; at < n * k; at++) {
    y[at] = unit() < 0.4 / (1 + (at % k)) ? 1 : 0
    p[at] = y[at] === 1 ? 1 - unit() * unit() : unit() * unit()
  }
  return { y, p }
}
