/** Where the names of a scatter chart's points are written. */

/** `x`, `y`: left and top edge. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
type Point = Pick<Box, 'x' | 'y'>

/** Height of a line of names, and the distance of a point's middle from its name. */
const [LINE, GAP] = [13, 7]

/**
 * The box of each point's name: beside, above or below the point, inside the area, over no point and no other name; null without such a
 * place. Earlier points choose first.
 */
export function placeNames(points: readonly Point[], widths: readonly number[], area: Box): (Box | null)[] {
  const taken: Box[] = points.map(({ x, y }) => ({ x: x - GAP / 2, y: y - GAP / 2, width: GAP, height: GAP }))
  return points.map(({ x, y }, i) => {
    const width = widths[i] ?? 0
    const corners = [[x + GAP, y - LINE / 2], [x - GAP - width, y - LINE / 2], [x - width / 2, y - GAP - LINE], [x - width / 2, y + GAP]] as const // prettier-ignore
    const boxes = corners.map(([left, top]) => ({ x: left, y: top, width, height: LINE }))
    const box = boxes.find((b) => isInside(b, area) && !taken.some((t) => overlap(t, b))) ?? null
    if (box) taken.push(box)
    return box
  })
}

const isInside = (b: Box, area: Box): boolean =>
  b.x >= area.x && b.y >= area.y && b.x + b.width <= area.x + area.width && b.y + b.height <= area.y + area.height
const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
