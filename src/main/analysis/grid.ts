import { expectShape, type Floats, splitColumn, walkDown } from './matrix.ts'

/** The result of one threshold for all genres; a division by zero gives 0. */
export interface GridPoint {
  readonly threshold: number
  readonly f1: number
  readonly precision: number
  readonly recall: number
  readonly subset_accuracy: number
}

/** Nineteen steps of 0.05, the grid of the published recipes. */
export const DEFAULT_GRID: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20)

/**
 * Micro-averaged scores along a grid of global thresholds (predicted where p >= threshold), in one pass over the cells: every cell is
 * counted at the last grid point that it still reaches, and sums from the top give each point's totals.
 * @param y (n, k) labels, 0 or 1
 * @param p (n, k) probabilities
 * @param grid ascending thresholds
 * @throws RangeError if a matrix is not n x k or the grid does not ascend
 */
export function microF1Grid(y: Uint8Array, p: Floats, n: number, k: number, grid: readonly number[] = DEFAULT_GRID): GridPoint[] {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  if (grid.some((t, i) => i > 0 && t <= grid[i - 1]!)) throw new RangeError('the thresholds of a grid must ascend')
  const steps = grid.length + 1 // step s: the cell reaches the first s thresholds
  const positives = new Float64Array(steps)
  const negatives = new Float64Array(steps)
  const exact = new Int32Array(steps + 1) // difference array: rows that are correct from one point to another
  for (let row = 0; row < n * k; row += k) {
    let highestNegative = 0
    let lowestPositive = grid.length
    for (let at = row; at < row + k; at++) {
      const reached = reachedPoints(grid, p[at]!)
      if (y[at] === 1) {
        positives[reached]!++
        if (reached < lowestPositive) lowestPositive = reached
      } else {
        negatives[reached]!++
        if (reached > highestNegative) highestNegative = reached
      }
    }
    if (highestNegative >= lowestPositive) continue
    exact[highestNegative]!++
    exact[lowestPositive]!--
  }
  return totals(grid, positives, negatives, exact, n)
}

/** Number of thresholds at or below the value (binary search). */
function reachedPoints(grid: readonly number[], value: number): number {
  let low = 0
  let high = grid.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (grid[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

function totals(grid: readonly number[], positives: Float64Array, negatives: Float64Array, exact: Int32Array, n: number): GridPoint[] {
  const all = positives.reduce((a, b) => a + b, 0)
  let tp = all
  let predicted = all + negatives.reduce((a, b) => a + b, 0)
  let rows = 0
  const ratio = (numerator: number, denominator: number) => (denominator === 0 ? 0 : numerator / denominator)
  return grid.map((threshold, point) => {
    tp -= positives[point]!
    predicted -= positives[point]! + negatives[point]!
    rows += exact[point]!
    return {
      threshold,
      f1: ratio(2 * tp, predicted + all),
      precision: ratio(tp, predicted),
      recall: ratio(tp, all),
      subset_accuracy: ratio(rows, n),
    }
  })
}

/**
 * The largest F1 that each genre can reach on these movies, and the lowest probability at which it does (p >= threshold): the first
 * maximum along scikit-learn's precision-recall curve. For reports only; `chooseThresholds` picks the thresholds that are used.
 * @returns (k); a genre without a positive has threshold 0.5 and F1 0
 */
export function bestF1Thresholds(y: Uint8Array, p: Floats, n: number, k: number): { threshold: number; f1: number }[] {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  return Array.from({ length: k }, (_, g) => {
    const column = splitColumn(y, p, n, k, g)
    const support = column.positives.length
    const best = { threshold: 0.5, f1: 0 }
    walkDown(column, (value, tp, fp) => {
      const f1 = (2 * tp) / (tp + fp + support)
      if (f1 > 0 && f1 >= best.f1) Object.assign(best, { threshold: value, f1 })
    })
    return best
  })
}
