import { expect, test } from 'vitest'
import { scaleChart, scaleTable } from '../../scripts/lib/scale-chart.mjs'

const SIZES = [10_000, 100_000, 1_000_000]

test('a figure is a row, a size is a column, and a missing measurement is empty', () =>
  expect(scaleTable(SIZES, [{ name: 'open', unit: 'ms', values: [12.34, null, 1800] }])).toBe(
    [
      '|          | 10,000 movies | 100,000 movies | 1,000,000 movies |',
      '| -------- | ------------: | -------------: | ---------------: |',
      '| open, ms |            12 |                |            1,800 |',
    ].join('\n'),
  ))

test('in the chart a factor of ten is one step, and the limit is drawn at its value', () => {
  const svg = scaleChart(SIZES, [{ name: 'a & b', unit: 's', values: [1, 10, 100], limit: 10 }])
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((m) => [Number(m[1]), Number(m[2])])
  const [first, second, third] = circles as [number[], number[], number[]]
  expect(second[0]! - first[0]!).toBeCloseTo(third[0]! - second[0]!, 0)
  expect(first[1]! - second[1]!).toBeCloseTo(second[1]! - third[1]!, 0)
  expect(first[1]).toBeGreaterThan(third[1]!)
  expect(svg).toContain(`<path d="M52 ${second[1]}H256" stroke="#b3261e"`)
  expect(svg).toContain('a &amp; b')
})
