import { expectShape, type Floats } from './matrix.ts'

/** cleanlab's tolerance: an example is confident at its class threshold less this. */
const CONFIDENT_SLACK = 1e-6
/** cleanlab's lower bound of a class threshold. */
const MIN_THRESHOLD = 2e-6
/** The threshold of a class that no movie has: no probability reaches it. */
const UNREACHABLE = 2

/**
 * Number of wrong labels of each movie by confident learning (Northcutt, Jiang and Chuang 2021) as cleanlab 2.9 does it for several labels
 * ("off_diagonal"): each genre is a binary problem with the probabilities [1 - p, p]. Counted in two passes over the matrix without copies
 * of its columns. A cell counts if the other class is likelier and reaches its threshold, the mean probability of that class where it is given.
 * @returns (n)
 */
export function movieErrors(y: Uint8Array, p: Floats, n: number, k: number): Uint16Array {
  expectShape('labels', y, n, k)
  expectShape('probabilities', p, n, k)
  const [sum0, sum1, count1] = [new Float64Array(k), new Float64Array(k), new Int32Array(k)]
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      count1[g]! += y[at]!
      if (y[at] === 1) sum1[g]! += p[at]!
      else sum0[g]! += 1 - p[at]!
    }
  }
  const threshold = (sum: number, count: number) => (count === 0 ? UNREACHABLE : Math.max(MIN_THRESHOLD, sum / count)) - CONFIDENT_SLACK
  const least0 = sum0.map((sum, g) => threshold(sum, n - count1[g]!))
  const least1 = sum1.map((sum, g) => threshold(sum, count1[g]!))
  const errors = new Uint16Array(n)
  for (let i = 0, at = 0; i < n; i++) {
    for (let g = 0; g < k; g++, at++) {
      const absent = 1 - p[at]!
      const present = p[at]! > absent
      if (y[at] === 1 ? !present && absent >= least0[g]! : present && p[at]! >= least1[g]!) errors[i]!++
    }
  }
  return errors
}
