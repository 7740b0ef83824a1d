import type { Floats } from './matrix.ts'

const BINS = 10

/**
 * Expected calibration error with ten bins of equal width: the mean over cells of |share of positives - mean
 * probability| of the cell's bin (Guo et al. 2017, eq. 3, for binary outcomes). Bin b holds b/10 <= p < (b+1)/10; 1
 * belongs to the last.
 * @returns `per_label` (k); `pooled`: all cells in the same ten bins. 0 without movies.
 */
export function expectedCalibrationErrors(y: Uint8Array, p: Floats, n: number, k: number): { per_label: number[]; pooled: number } {
  const gaps = new Float64Array(k * BINS) // (k, BINS): sum of label - probability over the bin's cells
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      const bin = Math.min(BINS - 1, Math.floor(p[at]! * BINS))
      gaps[g * BINS + bin]! += y[at]! - p[at]!
    }
  }
  // |positives / m - sum(p) / m| * m / n: the bin's size m cancels
  const share = (value: number, cells: number) => (cells === 0 ? 0 : Math.abs(value) / cells)
  const per_label = Array.from({ length: k }, () => 0)
  let pooled = 0
  for (let bin = 0; bin < BINS; bin++) {
    let all = 0
    for (let g = 0; g < k; g++) {
      per_label[g]! += share(gaps[g * BINS + bin]!, n)
      all += gaps[g * BINS + bin]!
    }
    pooled += share(all, n * k)
  }
  return { per_label, pooled }
}
