import { expect, test } from 'vitest'
import { Grid, outlineTerm, placeLabels, toPixel, toPlace, wholeView, zoomed } from '../../src/renderer/views/map/geometry.ts'

const SIZE = { width: 800, height: 500 }

test('zooming keeps the place under the pointer, within limits', () => {
  const view = { x: 0.3, y: 0.6, scale: 900 }
  const around = { x: 120, y: 77 }
  const before = toPlace(view, SIZE, around)
  const after = zoomed(view, SIZE, 3, around)
  expect(after.scale).toBe(2700)
  const { x, y } = toPixel(after, SIZE, before.x, before.y)
  expect([x, y]).toEqual([expect.closeTo(120), expect.closeTo(77)])
  expect(zoomed(view, SIZE, 1e9, around).scale).toBe(200 * wholeView(SIZE).scale)
  expect(zoomed(view, SIZE, 0, around).scale).toBe(wholeView(SIZE).scale / 2)
})

test('the grid finds the same points as a look at all of them', () => {
  const places = Float32Array.from({ length: 2 * 3000 }, (_, at) => ((at * 7919) % 10_007) / 10_007)
  const grid = new Grid(places)
  for (const [x, y, within] of [
    [0.5, 0.5, 0.05],
    [0, 1, 0.2],
    [0.99, 0.01, 0.003],
    [2, 2, 0.1],
  ] as const) {
    // prettier-ignore
    const far = (point: number): number => Math.hypot(places[2 * point]! - x, places[2 * point + 1]! - y)
    const all = Array.from({ length: 3000 }, (_, i) => i).filter((i) => far(i) <= within && i % 3 !== 0).sort((a, b) => far(a) - far(b)) // prettier-ignore
    expect(grid.nearest({ x, y }, within, 5, (point) => point % 3 !== 0).map(far)).toEqual(all.slice(0, 5).map(far))
  }
})

test('a selection is a filter of few corners; an outline of many keeps its shape', () => {
  expect(outlineTerm([{ x: 0.1, y: 0.2 }, { x: 1.5, y: -3 }])).toBe('map:1000,2000,10000,0') // prettier-ignore
  const circle = Array.from({ length: 500 }, (_, i) => ({ x: 0.5 + 0.3 * Math.cos(i / 80), y: 0.5 + 0.3 * Math.sin(i / 80) }))
  const numbers = outlineTerm(circle).slice(4).split(',').map(Number)
  expect(numbers.length).toBeLessThanOrEqual(80)
  expect(numbers.length).toBeGreaterThan(16)
  for (let i = 0; i < numbers.length; i += 2) expect(Math.hypot(numbers[i]! - 5000, numbers[i + 1]! - 5000)).toBeCloseTo(3000, -2)
})

test('labels that would overlap an earlier one, or the edge, are left out', () => {
  const label = (text: string, x: number, y: number) => ({ text, at: { x, y } })
  const placed = placeLabels([label('first', 200, 200), label('second', 210, 205), label('third', 200, 240), label('edge', 2, 300)], SIZE)
  expect(placed.map(({ text }) => text)).toEqual(['first', 'third'])
})
