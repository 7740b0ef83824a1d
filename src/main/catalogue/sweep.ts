import { isDecided, type Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'
import type { Suspects } from './suspects.ts'

/** Cells are doubtful from this doubt on. */
const MIN_DOUBT = 0.1

export interface DoubtfulCell {
  readonly row: number
  /** 0 to 1 */
  readonly doubt: number
}

/**
 * The doubtful cells of one genre, the most doubtful first: those of movies that are not reviewed, and that no person decided. The doubt is
 * P(the label is wrong) if suspects were searched for; else how far the probability lies on the other side of the threshold: 0.5 at the
 * threshold, 1 where it contradicts the label as much as it can.
 */
export function doubtfulCells(c: Catalogue, predictions: Predictions | null, suspects: Suspects | null, column: number): DoubtfulCell[] {
  const found: DoubtfulCell[] = []
  for (let row = 0, cell = column; row < c.n; row++, cell += c.k) {
    if (c.marks.reviewed[row] || isDecided(c, cell)) continue
    const doubt = suspects ? suspects.wrong(row, column) : modelDoubt(predictions, row, column, cell, c.labels[cell] === 1)
    if (doubt >= MIN_DOUBT) found.push({ row, doubt })
  }
  return found.sort((a, b) => b.doubt - a.doubt || a.row - b.row)
}

function modelDoubt(predictions: Predictions | null, row: number, column: number, cell: number, given: boolean): number {
  if (!predictions?.has[row] || !predictions.known[column]) return 0
  const [p, threshold] = [predictions.p[cell]!, predictions.thresholds[column]!]
  const speaksFor = p < threshold ? (0.5 * p) / threshold : 0.5 + (0.5 * (p - threshold)) / Math.max(1 - threshold, 1e-6)
  return given ? 1 - speaksFor : speaksFor
}
