/**
 * Learns from an analyst's decisions which kinds of errors this catalogue has. Planted errors show what a wrong label looks like; decisions
 * show which kinds occur, such as a genre that is often missing, or one that is given too often. The log-odds that a label is wrong get an
 * offset for present and one for absent labels, overall and for each genre.
 *
 * Only answers to suspects count: there both answers are recorded, whereas a label that nobody doubted is recorded only if it was wrong.
 * The offsets are conditional on the log-odds of the search, so that it does not matter that suspects were chosen by them.
 */
import { logit, sigmoid } from '../matrix.ts'

/** An answer to a suspect. */
export interface Answer {
  /** Column of the genre. */
  readonly genre: number
  /** The label before the decision. */
  readonly present: 0 | 1
  /** P(wrong) by the search alone. */
  readonly searched: number
  /** 1: the person changed the label. */
  readonly wrong: 0 | 1
}

/**
 * Standard deviations of the normal priors of an offset for all genres, and of one for a single genre, in log-odds: ten answers move
 * little, a hundred what they must. Chosen in simulated reviews of planted errors: docs/label-quality.md.
 */
const [SPREAD_OF_ALL, SPREAD_OF_GENRE] = [0.5, 0.7]
const MAX_SWEEPS = 100
const CONVERGED = 1e-6

/**
 * The maximum a posteriori, by Newton steps on one offset after the other.
 * @param k genres
 * @returns (k, 2) what is added to the log-odds that an absent (0) or a present (1) label of each genre is wrong
 */
export function learnOffsets(answers: readonly Answer[], k: number): Float64Array {
  // offset 2g + present is the genre's, 2k + present that of all genres
  const offsets = new Float64Array(2 * k + 2)
  const rows = answers.map(({ genre, present, searched, wrong }) => ({
    own: 2 * genre + present,
    all: 2 * k + present,
    margin: logit(searched),
    wrong,
  }))
  const groups = Array.from(offsets, (_, at) => rows.filter(({ own, all }) => own === at || all === at))
  for (let sweep = 0, change = Infinity; sweep < MAX_SWEEPS && change > CONVERGED; sweep++) {
    change = 0
    groups.forEach((group, at) => {
      const variance = (at < 2 * k ? SPREAD_OF_GENRE : SPREAD_OF_ALL) ** 2
      let [gradient, bend] = [-offsets[at]! / variance, 1 / variance]
      for (const { own, all, margin, wrong } of group) {
        const p = sigmoid(margin + offsets[own]! + offsets[all]!)
        gradient += wrong - p
        bend += p * (1 - p)
      }
      // a step of at most 1 cannot overshoot where the curvature is small
      const step = Math.max(-1, Math.min(1, gradient / bend))
      offsets[at]! += step
      change = Math.max(change, Math.abs(step))
    })
  }
  return Float64Array.from({ length: 2 * k }, (_, at) => offsets[at]! + offsets[2 * k + (at % 2)]!)
}
