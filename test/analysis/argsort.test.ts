import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { argsort, SortedRows } from '../../src/main/analysis/argsort.ts'

/** Plain implementation: sorts with a comparator. */
function plainly(keys: Float32Array): number[] {
  const rank = (x: number): number => (Number.isNaN(x) ? 2 : x)
  return Array.from(keys, (_, i) => i).sort((a, b) => rank(keys[a]!) - rank(keys[b]!) || a - b)
}

test.each<[string, number[]]>([
  ['', []],
  ['0', [0.5]],
  ['1 0', [0.9, 0.1]],
  ['0 1 2', [0.5, 0.5, 0.5]],
  ['1 2 0', [NaN, 0, 1]],
  ['1 0 2', [NaN, 0.2, NaN]],
])('the order "%s" sorts %j', (order, keys) => expect(argsort(Float32Array.from(keys)).join(' ')).toBe(order))

test.each([1, 2, 3, 4, 5])('random keys with ties and NaN sort as a comparator sorts them (seed %i)', (seed) => {
  const draw = seededDraws(seed)
  const n = 3000
  // steps of 2^-20 so that keys that differ do so by more than the packed key's step of 2^-30
  const keys = Float32Array.from({ length: n }, () => {
    const kind = draw(10)
    return kind === 0 ? NaN : kind < 4 ? draw(4) / 4 : draw(2 ** 20 + 1) / 2 ** 20
  })
  expect([...argsort(keys)]).toEqual(plainly(keys))
})

test.each([1, 2, 3, 200])('moving changed keys one by one gives the same order as sorting again (%i movies)', (n) => {
  const draw = seededDraws(n)
  const key = (): number => (draw(8) === 0 ? NaN : draw(50) / 50)
  const keys = Float32Array.from({ length: n }, key)
  const sorted = new SortedRows(keys)
  for (let step = 0; step < 300; step++) {
    const row = draw(n)
    keys[row] = key()
    sorted.move(row, keys[row])
    expect(sorted.rows).toEqual(argsort(keys))
  }
})
