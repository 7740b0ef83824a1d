/** Places on the map and on the screen, and which point is where. */
import { MAP_SIZE } from '../../../contract/map.ts'
import type { View } from './point-layer.ts'

export interface Pixel {
  readonly x: number
  readonly y: number
}
interface Size {
  readonly width: number
  readonly height: number
}

/** Corners of an outline at most: a filter of up to about 500 characters. */
const MAX_CORNERS = 40
/** Cells of the grid on each side. */
const CELLS = 128

export const toPixel = (view: View, { width, height }: Size, x: number, y: number): Pixel => ({
  x: (x - view.x) * view.scale + width / 2,
  y: (y - view.y) * view.scale + height / 2,
})
export const toPlace = (view: View, { width, height }: Size, { x, y }: Pixel): Pixel => ({
  x: (x - width / 2) / view.scale + view.x,
  y: (y - height / 2) / view.scale + view.y,
})
/** The whole map with a margin. */
export const wholeView = ({ width, height }: Size): View => ({ x: 0.5, y: 0.5, scale: 0.92 * Math.min(width, height) })
/** The view enlarged by a factor around a pixel, which keeps its place. */
export function zoomed(view: View, size: Size, by: number, around: Pixel): View {
  const scale = Math.min(200 * wholeView(size).scale, Math.max(wholeView(size).scale / 2, view.scale * by))
  const fixed = toPlace(view, size, around)
  return { scale, x: fixed.x - (around.x - size.width / 2) / scale, y: fixed.y - (around.y - size.height / 2) / scale }
}

/** Finds points by cells of a grid over the unit square. */
export class Grid {
  /** (cells + 1) where the points of each cell begin in `points`. */
  readonly #starts = new Uint32Array(CELLS * CELLS + 1)
  readonly #points: Uint32Array
  readonly #places: Float32Array
  constructor(places: Float32Array) {
    const n = places.length / 2
    this.#places = places
    const cells = Uint32Array.from({ length: n }, (_, i) => cellOf(places[2 * i] ?? 0) + CELLS * cellOf(places[2 * i + 1] ?? 0))
    for (const cell of cells) this.#starts[cell + 1] = (this.#starts[cell + 1] ?? 0) + 1
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.#starts[cell + 1] = (this.#starts[cell + 1] ?? 0) + (this.#starts[cell] ?? 0)
    const next = this.#starts.slice()
    this.#points = new Uint32Array(n)
    cells.forEach((cell, i) => {
      const at = next[cell] ?? 0
      this.#points[at] = i
      next[cell] = at + 1
    })
  }
  /** The points that are nearest to a place and accepted, within a distance, the nearest first. */
  nearest({ x, y }: Pixel, within: number, count: number, accepts: (point: number) => boolean): number[] {
    const found: { readonly point: number; readonly far: number }[] = []
    for (let row = cellOf(y - within); row <= cellOf(y + within); row++)
      for (let column = cellOf(x - within); column <= cellOf(x + within); column++) {
        const cell = row * CELLS + column
        for (const point of this.#points.subarray(this.#starts[cell], this.#starts[cell + 1])) {
          const far = Math.hypot((this.#places[2 * point] ?? 0) - x, (this.#places[2 * point + 1] ?? 0) - y)
          if (far > within || far >= (found[count - 1]?.far ?? Infinity) || !accepts(point)) continue
          found.splice(found.findLastIndex((other) => other.far <= far) + 1, 0, { point, far })
          found.length = Math.min(found.length, count)
        }
      }
    return found.map(({ point }) => point)
  }
}
const cellOf = (value: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)))

/** The filter of the movies inside two corners or an outline of places. */
export const outlineTerm = (outline: readonly Pixel[]): string =>
  `map:${simplified(outline)
    .flatMap(({ x, y }) => [x, y])
    .map((value) => Math.round(Math.min(1, Math.max(0, value)) * MAP_SIZE))
    .join(',')}`

/** An outline of few corners, by Douglas and Peucker (1973) with a growing tolerance. */
function simplified(outline: readonly Pixel[]): readonly Pixel[] {
  let corners = outline
  for (let tolerance = 0.001; corners.length > MAX_CORNERS; tolerance *= 2) corners = reduced(outline, tolerance)
  return corners
}
function reduced(line: readonly Pixel[], tolerance: number): readonly Pixel[] {
  const [from, to] = [line[0], line.at(-1)]
  if (!from || !to || line.length < 3) return line
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const farOf = ({ x, y }: Pixel): number =>
    length === 0 ? Math.hypot(x - from.x, y - from.y) : Math.abs((to.x - from.x) * (from.y - y) - (from.x - x) * (to.y - from.y)) / length
  const far = line.map(farOf)
  const most = far.indexOf(Math.max(...far))
  if ((far[most] ?? 0) <= tolerance) return [from, to]
  return [...reduced(line.slice(0, most + 1), tolerance), ...reduced(line.slice(most), tolerance).slice(1)]
}

/** The labels that have room, the most important first. `at`: their middle. */
export function placeLabels<L extends { readonly text: string; readonly at: Pixel }>(labels: readonly L[], { width, height }: Size): L[] {
  const placed: L[] = []
  /** Half the width of a text of 12 pixels, about. */
  const half = ({ text }: L): number => 3.4 * text.length + 6
  for (const label of labels) {
    const { at } = label
    if (at.x < half(label) || at.x > width - half(label) || at.y < 12 || at.y > height - 12) continue
    if (placed.every((other) => Math.abs(other.at.y - at.y) > 20 || Math.abs(other.at.x - at.x) > half(label) + half(other)))
      placed.push(label)
  }
  return placed
}
