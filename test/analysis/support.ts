import { expect } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { iterativeStratification } from '../../src/main/analysis/stratify.ts'

/** Nested rows as one row-major matrix. */
export const matrix = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat())
export const bits = (rows: readonly (readonly number[])[]) => Uint8Array.from(rows.flat())

/** A small matrix as text: rows separated by spaces, one digit for each cell. */
export const cells = (text: string) => Uint8Array.from(text.replaceAll(/\s/g, ''), Number)

/** A uniform draw from [0, 1) with 2^30 steps. */
export function seededUnit(seed: number): () => number {
  const draw = seededDraws(seed)
  return () => draw(2 ** 30) / 2 ** 30
}

/** A catalogue with genres of very different frequency, and probabilities that correlate with the labels. */
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

/** Labels of n movies and k genres: y is (n, k). */
export interface Labels {
  readonly y: Uint8Array
  readonly n: number
  readonly k: number
}

/** Number of movies in each part. */
export const sizes = (parts: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, j) => parts.filter((part) => part === j).length)

/** Difference between a genre's count in a part and its fair count, in movies: (parts, k) flattened. */
export function deviations({ y, n, k }: Labels, parts: Uint8Array, proportions: readonly number[]): number[] {
  const out: number[] = []
  for (const [part, proportion] of proportions.entries()) {
    for (let g = 0; g < k; g++) {
      let [held, all] = [0, 0]
      for (let i = 0; i < n; i++) {
        all += y[i * k + g]!
        if (parts[i] === part) held += y[i * k + g]!
      }
      out.push(Math.abs(held - proportion * all))
    }
  }
  return out
}

/**
 * Expects parts of the asked sizes with a fair share of every genre.
 * @param ratio how far all shares together may be from the fair ones, relative to a random split
 */
export function expectFairSplit(labels: Labels, proportions: readonly number[], ratio: number): void {
  const { y, n, k } = labels
  const parts = iterativeStratification(y, n, k, proportions, null, 42)
  sizes(parts, proportions.length).forEach((size, j) => {
    expect(Math.abs(size - proportions[j]! * n)).toBeLessThanOrEqual(Math.max(1, 0.01 * proportions[j]! * n))
  })
  const draw = seededDraws(1)
  const random = Uint8Array.from({ length: n }, () => {
    let [part, ticket] = [0, draw(1000) / 1000]
    while (ticket >= proportions[part]! - 1e-9) ticket -= proportions[part++]!
    return part
  })
  const [own, others] = [deviations(labels, parts, proportions), deviations(labels, random, proportions)]
  const total = (values: number[]) => values.reduce((a, b) => a + b, 0)
  expect(Math.max(...own)).toBeLessThanOrEqual(2)
  expect(total(own)).toBeLessThan(ratio * total(others))
}
