/** How many labels are wrong, from P(wrong) of every cell. */
import type { WrongEstimate } from '../../../contract/suspects.ts'

/** Genres of fewer movies than this have no estimate worth relying on. */
export const RELIABLE_SUPPORT = 50

/** Expected number, and the 95 % interval of a Poisson binomial distribution by its normal approximation. */
export function wrongEstimate(probabilities: Iterable<number>): WrongEstimate {
  let [expected, variance] = [0, 0]
  for (const p of probabilities) {
    expected += p
    variance += p * (1 - p)
  }
  const half = 1.96 * Math.sqrt(variance)
  return { expected, low: Math.max(0, expected - half), high: expected + half }
}
