import { expect, test } from 'vitest'
import { wordsOf } from '../../src/main/analysis/error-words.ts'
import { faithfulnessOf, orderOf, withOnly, type Ask } from '../../src/main/analysis/faithfulness.ts'
import { readGoldenJson } from '../support/paths.ts'

interface Case {
  readonly bias: number
  readonly weights: readonly number[]
  readonly pairs: readonly (readonly [number, number, number])[]
  readonly orders: readonly {
    readonly order: readonly number[]
    readonly raw: readonly [number, number]
    readonly normalised: readonly [number, number]
  }[]
}
const golden = readGoldenJson('metrics/faithfulness.json') as readonly Case[]

const asking =
  ({ bias, weights, pairs }: Pick<Case, 'bias' | 'weights' | 'pairs'>): Ask =>
  (sets) =>
    Promise.resolve(
      sets.map((kept) => {
        const words = weights.reduce((sum, w, i) => sum + w * kept[i]!, bias)
        return 1 / (1 + Math.exp(-pairs.reduce((sum, [i, j, w]) => sum + w * kept[i]! * kept[j]!, words)))
      }),
    )

test.each(golden.map((c) => [c.weights.length, c] as const))('of %i words every order is tried', async (n, c) => {
  const ask = asking(c)
  const [full = 0] = Array.from(await ask([new Uint8Array(n).fill(1)]))
  const found = await faithfulnessOf(
    c.orders.map(({ order }) => Int32Array.from(order)),
    full,
    ask,
  )
  expect(found.exact).toBe(true)
  for (const [i, { raw, normalised }] of c.orders.entries()) {
    const order = found.orders[i]!
    expect([order.comprehensiveness, order.sufficiency].map((x, at) => Math.abs(x - raw[at]!)).every((d) => d < 1e-9)).toBe(true)
    expect(order.normalisedComprehensiveness).toBeCloseTo(normalised[0], 9)
    expect(order.normalisedSufficiency).toBeCloseTo(normalised[1], 9)
  }
})

test('the order of the weights of a sum is the best of a long text, its reverse the worst', async () => {
  const weights = Array.from({ length: 40 }, (_, i) => Math.sin(7 * i))
  const ask = asking({ bias: 0, weights, pairs: [] })
  const [full = 0] = Array.from(await ask([new Uint8Array(40).fill(1)]))
  const best = Int32Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]!)
  const found = await faithfulnessOf([best, best.toReversed()], full, ask)
  expect(found.exact).toBe(false)
  expect(found.orders.map((o) => o.normalisedComprehensiveness)).toEqual([1, 0])
  expect(found.orders.map((o) => o.normalisedSufficiency)).toEqual([0, 1])
})

test('a text whose words do not matter has no normalised figure', async () => {
  const same: Ask = (sets) => Promise.resolve(sets.map(() => 0.7))
  const { orders } = await faithfulnessOf([Int32Array.of(0, 1, 2)], 0.7, same)
  expect(orders).toEqual([{ comprehensiveness: 0, sufficiency: 0, normalisedComprehensiveness: null, normalisedSufficiency: null }])
})

test('words are deleted where they stand, and contributions of spans are those of their words', () => {
  const text = 'A shark, (the) - shark!'
  const words = wordsOf(text)
  expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(['A', 'shark', 'the', 'shark'])
  expect(withOnly(text, words, Uint8Array.of(1, 0, 1, 0))).toBe('A , (the) - !')
  const spans = [
    { start: 2, end: 7, score: 1 },
    { start: 17, end: 22, score: 2 },
    { start: 10, end: 13, score: -1 },
  ]
  expect([...orderOf(words, spans)]).toEqual([3, 1, 0, 2])
})
