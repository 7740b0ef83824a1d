import { describe, expect, test } from 'vitest'
import { cvirs } from '../../../src/main/analysis/queues/cvirs.ts'
import { interleave } from '../../../src/main/analysis/queues/interleave.ts'
import {
  cardinalityInconsistency,
  conflicts,
  disagreement,
  leastConfident,
  rarity,
  separationMargin,
} from '../../../src/main/analysis/queues/scores.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { readGoldenJson } from '../../support/paths.ts'
import { bits, cells } from '../support.ts'

type Golden = Readonly<Record<'labels' | 'probabilities' | 'second_family', number[][]>> & {
  readonly pairs: readonly (readonly [number, number, number])[]
} & Readonly<Record<string, number[]>>

describe('against numpy', () => {
  const golden = readGoldenJson('metrics/queues.json') as Golden
  const labels = bits(golden.labels)
  const k = golden.labels[0]!.length
  const n = golden.labels.length
  const p = Float32Array.from(golden.probabilities.flat())
  const predicted = Uint8Array.from(p, (x) => (x >= 0.5 ? 1 : 0))
  const pairs = golden.pairs.map(([row, other, cosine]) => ({ row, other, cosine }))
  const scored = { p, predicted, labels, has: new Uint8Array(n).fill(1), n, k }

  test.each<[string, () => Float64Array]>([
    ['least_confident', () => leastConfident(scored)],
    ['cardinality_inconsistency', () => cardinalityInconsistency(scored)],
    ['separation_margin', () => separationMargin(scored)],
    ['cvirs', () => cvirs(scored)],
    ['disagreement', () => disagreement([p, Float32Array.from(golden.second_family.flat())], n, k)],
    ['rarity', () => rarity(labels, predicted, n, k)],
    ['conflicts', () => conflicts(pairs, labels, n, k).score],
  ])('%s', (name, score) => {
    const expected = golden[name]!
    expect(new Set(expected).size).toBeGreaterThan(3)
    const made = score()
    expect(Math.max(...made.map((x, row) => Math.abs(x - expected[row]!)))).toBeLessThan(1e-5)
  })
})

test('CVIRS compares sets of more than 32 genres', () => {
  // 40 genres, of which only the last four differ: the distances are those of four genres, over 40
  const wide = (rows: string): Uint8Array => cells(rows.split(' ').map((row) => '0'.repeat(36) + row).join('')) // prettier-ignore
  const [labels, predicted] = [wide('1100 0011 0001'), wide('1100 1010 0000')]
  const p = Float32Array.from(predicted, (x, cell) => (x ? 0.9 : 0.1) + cell / 1e4)
  const scores = cvirs({ p, predicted, labels, has: new Uint8Array(3).fill(1), n: 3, k: 40 })
  const distances = [(0 + 4 / 40 + 3 / 40) / 3, (2 / 40 + 2 / 40 + 3 / 40) / 3, (1 + 1 + 1) / 3]
  const borda = cvirs({ p, predicted: wide('0000 0000 0000'), labels, has: new Uint8Array(3).fill(1), n: 3, k: 40 })
  expect([...scores].map((x, row) => x / borda[row]!)).toEqual(distances.map((d): unknown => expect.closeTo(d, 6)))
})

test('a movie without probabilities scores 0 and does not take part in the ranking', () => {
  const p = Float32Array.from([0.5, 0.9, 0.6])
  const predicted = Uint8Array.from([1, 1, 1])
  const made = cvirs({ p, predicted, labels: Uint8Array.from([1, 0, 1]), has: Uint8Array.from([1, 0, 1]), n: 3, k: 1 })
  expect([...made].map((x) => x > 0)).toEqual([true, false, false])
})

describe('mixing', () => {
  const rows = (...list: number[]) => Int32Array.from(list)

  test('shares are kept at every position, duplicates are skipped, and an empty queue leaves its turns to the others', () => {
    const parts = [
      { share: 50, rows: rows(0, 1, 2, 3, 4, 5) },
      { share: 25, rows: rows(0, 6, 7, 8) },
      { share: 25, rows: rows(9) },
      { share: 0, rows: rows(5, 4, 3, 10, 11) },
    ]
    expect([...interleave(parts, 12)]).toEqual([0, 6, 9, 1, 2, 7, 3, 4, 8, 5, 10, 11])
  })
  test('every row comes once, and no queue is ever more than one behind its share', () => {
    const draw = seededDraws(5)
    const n = 300
    const order = () => Int32Array.from({ length: n }, (_, i) => i).sort(() => draw(3) - 1)
    const parts = [order(), order(), order()].map((list, i) => ({ share: [50, 20, 30][i]!, rows: list }))
    const mixed = interleave(parts, n)
    expect(new Set(mixed).size).toBe(n)
    // the first 50: no queue is used up yet
    const firsts = parts.map((part) => new Set(part.rows.subarray(0, 50)))
    for (let at = 10; at <= 50; at++) {
      const shown = mixed.subarray(0, at)
      firsts.forEach((first, i) =>
        expect(shown.filter((row) => first.has(row)).length).toBeGreaterThanOrEqual(Math.floor((parts[i]!.share / 100) * at) - 1),
      )
    }
  })
})
