import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochUpdates, evaluationBatches, microBatches, type Micro } from '../../../src/main/compute/train/batches.ts'

const draw = (epoch: number, seed = 7) => ({ seed, purpose: 1, epoch })
const sorted = (rows: Iterable<number>): number[] => [...rows].sort((a, b) => a - b)
const all = (micros: readonly Micro[]): number[] => micros.flatMap(({ rows }) => [...rows])

const catalogue = fc.record({
  lengths: fc.array(fc.integer({ min: 2, max: 300 }), { minLength: 1, maxLength: 400 }),
  batch: fc.integer({ min: 1, max: 40 }),
  microTokens: fc.integer({ min: 16, max: 4000 }),
  every: fc.integer({ min: 1, max: 3 }),
})

test('every row is in exactly one update, whatever the sizes', () => {
  fc.assert(
    fc.property(catalogue, ({ lengths, batch, microTokens, every }) => {
      const rows = Int32Array.from(lengths.keys()).filter((row) => row % every === 0)
      const updates = epochUpdates(rows, Int32Array.from(lengths), { batch, microTokens }, draw(1))
      expect(sorted(updates.flatMap(({ micros }) => all(micros)))).toEqual([...rows])
      expect(updates.length).toBe(Math.ceil(rows.length / batch))
      for (const update of updates) expect(update.rows).toBeLessThanOrEqual(batch)
    }),
  )
})

test('a micro-batch holds as many tokens as allowed, and is as wide as its longest row', () => {
  fc.assert(
    fc.property(catalogue, ({ lengths, batch, microTokens }) => {
      const of = Int32Array.from(lengths)
      for (const { micros } of epochUpdates(Int32Array.from(lengths.keys()), of, { batch, microTokens }, draw(1)))
        for (const { rows, width } of micros) {
          expect(width).toBe(Math.max(...Array.from(rows, (row) => of[row]!)))
          if (rows.length > 1) expect(rows.length * width).toBeLessThanOrEqual(microTokens)
        }
    }),
  )
})

/** Share of the computed tokens that is padding. */
function paddingShare(micros: Iterable<Micro>, lengths: Int32Array): number {
  let [tokens, computed] = [0, 0]
  for (const { rows, width } of micros) {
    computed += rows.length * width
    for (const row of rows) tokens += lengths[row]!
  }
  return computed === 0 ? 0 : 1 - tokens / computed
}

describe('the shuffle', () => {
  const lengths = Int32Array.from({ length: 2000 }, (_, i) => 20 + ((i * 7919) % 180))
  const rows = Int32Array.from(lengths.keys())
  const epoch = (n: number, seed?: number) => epochUpdates(rows, lengths, { batch: 16, microTokens: 4096 }, draw(n, seed))
  const together = (n: number): Set<string> => new Set(epoch(n).map(({ micros }) => sorted(all(micros)).join()))

  test('is the same for the same seed and epoch', () => expect(epoch(3)).toEqual(epoch(3)))
  test('differs for another epoch or seed, and combines other rows', () => {
    expect(epoch(2)).not.toEqual(epoch(3))
    expect(epoch(3, 8)).not.toEqual(epoch(3))
    const [two, three] = [together(2), together(3)]
    expect([...two].filter((key) => three.has(key)).length).toBeLessThan(2)
  })
  test('leaves little padding', () => {
    expect(
      paddingShare(
        epoch(1).flatMap(({ micros }) => micros),
        lengths,
      ),
    ).toBeLessThan(0.04)
  })
  test('is not sorted by length', () => {
    const widths = epoch(1).map(({ micros }) => micros[0]!.width)
    const rising = widths.filter((width, i) => i > 0 && width > widths[i - 1]!).length
    expect(rising / widths.length).toBeGreaterThan(0.3)
    expect(rising / widths.length).toBeLessThan(0.7)
  })
})

test('batches for prediction begin with the longest', () => {
  const lengths = Int32Array.from([5, 100, 7, 60, 61])
  const micros = evaluationBatches(Int32Array.from([0, 1, 2, 3, 4]), lengths, 130)
  expect(micros.map(({ rows, width }) => [[...rows], width])).toEqual([[[1], 100], [[4, 3], 61], [[2, 0], 7]]) // prettier-ignore
})

test('a row longer than a micro-batch is a micro-batch by itself', () => {
  const micros = microBatches(Int32Array.from([0, 1, 2]), Int32Array.from([10, 50, 10]), 20)
  expect(micros.map(({ rows }) => [...rows])).toEqual([[0], [1], [2]])
})
