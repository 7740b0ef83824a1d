import { describe, expect, test } from 'vitest'
import { backward } from '../../../src/main/compute/autodiff/backward.ts'
import { Algebra } from '../../../src/main/compute/autodiff/algebra.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { Shape } from '../../../src/main/compute/graph/types.ts'
import type { HostTensor } from '../../../src/main/compute/runtime/tensors.ts'
import { dropoutOf, noiseFeeds, type NoiseAt } from '../../../src/main/compute/train/dropout.ts'
import { run, shapesOf } from '../autodiff/check.ts'

const SIZES = { batch: 4, tokens: 48 }
const AT: NoiseAt = { seed: 1, step: 0, micro: 0 }

/** Dropout applied to ones: 0 or 1 for each element, row-major. */
async function kept(shape: Shape, sites: readonly string[], rate: number, at: NoiseAt = AT): Promise<Uint8Array[]> {
  const b = new GraphBuilder('dropout')
  const x = new Algebra(b).full(1, 'float32', shape)
  const drop = dropoutOf(b)
  for (const site of sites) b.output(drop(x, site, rate), site)
  const graph = b.finish()
  const results = await run(graph, { ...shapesOf(graph, SIZES), ...noiseFeeds(graph, at, SIZES) })
  return sites.map((site) => {
    const data = results[site]!.data as Float32Array
    for (const value of data) if (value !== 0 && Math.abs(value * (1 - rate) - 1) > 1e-6) throw new Error(`${value} is left of 1`)
    return Uint8Array.from(data, (value) => (value === 0 ? 0 : 1))
  })
}

/** Standard deviations by which the share of ones among `bits` misses `expected`. */
const missed = (bits: ArrayLike<number>, expected: number): number => {
  const share = Array.from(bits).reduce((n, x) => n + x, 0) / bits.length
  return Math.abs(share - expected) / Math.sqrt((expected * (1 - expected)) / bits.length)
}
const equal = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((x, i) => (x === b[i] ? 1 : 0))
/** How often two independent bits are equal. */
const agreement = (rate: number): number => rate ** 2 + (1 - rate) ** 2

const SCORES: Shape = ['batch', 12, 'tokens', 'tokens']
const ROWS: Shape = ['batch*tokens', 64]

describe('dropout', () => {
  test.each([0.1, 0.2, 0.5, 0.9])('%d of the places', async (rate) => {
    for (const shape of [SCORES, ROWS]) expect(missed((await kept(shape, ['a'], rate))[0]!, 1 - rate)).toBeLessThan(4)
  })
  test('is the same on every run, and different for each step, micro-batch, seed and site', async () => {
    const rate = 0.2
    const [base, other] = (await kept(SCORES, ['a', 'b'], rate)) as [Uint8Array, Uint8Array]
    expect((await kept(SCORES, ['a'], rate))[0]).toEqual(base)
    const changed = [
      { ...AT, step: 1 },
      { ...AT, micro: 1 },
      { ...AT, seed: 2 },
      { ...AT, step: 1000 },
    ]
    const masks = await Promise.all(changed.map(async (at) => (await kept(SCORES, ['a'], rate, at))[0]!))
    for (const mask of [other, ...masks]) expect(missed(equal(base, mask), agreement(rate))).toBeLessThan(4)
  })
  test.each([
    ['rows', ROWS, 64],
    ['columns', ROWS, 1],
    ['tokens that look', SCORES, 48],
    ['tokens that are seen', SCORES, 1],
    ['heads', SCORES, 48 * 48],
    ['texts', SCORES, 12 * 48 * 48],
  ] as const)('does not hang together between %s', async (_name, shape, stride) => {
    const rate = 0.5
    // lags of one and two, over several steps so that one unlucky pair of words is not decisive
    for (const lag of [stride, 2 * stride]) {
      const masks = await Promise.all([0, 1, 2, 3].map(async (step) => (await kept(shape, ['a'], rate, { ...AT, step }))[0]!))
      const pairs = masks.flatMap((mask) => [...equal(mask.subarray(lag), mask.subarray(0, mask.length - lag))])
      expect(missed(pairs, agreement(rate))).toBeLessThan(4.5)
    }
  })
  test('is spread evenly over rows and columns', async () => {
    const rate = 0.3
    const mask = (await kept(['batch*tokens', 768], ['a'], rate))[0]!
    const [rows, columns] = [SIZES.batch * SIZES.tokens, 768]
    const row = (r: number): Uint8Array => mask.subarray(r * columns, (r + 1) * columns)
    const column = (c: number): Uint8Array => Uint8Array.from({ length: rows }, (_, r) => mask[r * columns + c]!)
    const lines = [...Array.from({ length: rows }, (_, r) => row(r)), ...Array.from({ length: columns }, (_, c) => column(c))]
    const squares = lines.map((line) => missed(line, 1 - rate) ** 2)
    expect(Math.max(...squares)).toBeLessThan(25)
    // the mean squared deviation is 1 if lines are independent draws
    expect(squares.reduce((s, x) => s + x, 0) / squares.length).toBeGreaterThan(0.8)
    expect(squares.reduce((s, x) => s + x, 0) / squares.length).toBeLessThan(1.2)
  })
  test('has no correlation between the corners of rectangles', async () => {
    const mask = (await kept(ROWS, ['a'], 0.5))[0]!
    const parity = [] as number[]
    for (let r = 0; r + 1 < SIZES.batch * SIZES.tokens; r++)
      for (let c = 0; c + 1 < 64; c++) {
        const at = r * 64 + c
        parity.push((mask[at]! ^ mask[at + 1]! ^ mask[at + 64]! ^ mask[at + 65]!) & 1)
      }
    expect(missed(parity, 0.5)).toBeLessThan(4.5)
  })
})

test('the gradient has the same mask', async () => {
  const b = new GraphBuilder('gradient')
  const a = new Algebra(b)
  const x = b.input('x', 'float32', ['batch', 8])
  const y = dropoutOf(b)(x, 'a', 0.5)
  b.output(y, 'y')
  b.output(backward(b, a.sum(y, undefined, false), [x])[0]!, 'dx')
  const graph = b.finish()
  const ones: HostTensor = { dtype: 'float32', shape: [4, 8], data: new Float32Array(32).fill(1) }
  const { y: left, dx } = await run(graph, { x: ones, ...noiseFeeds(graph, AT, SIZES) })
  expect(dx!.data).toEqual(left!.data)
  expect(new Set(dx!.data as Float32Array)).toEqual(new Set([0, 2]))
})
test('a rate of 0 adds nothing', () => {
  const b = new GraphBuilder('none')
  const x = b.input('x', 'float32', ['batch', 8])
  expect(dropoutOf(b)(x, 'a', 0)).toBe(x)
  expect(b.nodes).toEqual([])
})
