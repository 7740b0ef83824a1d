/** Figures of a validation part while a training runs. */
import { headline } from '../../analysis/metrics.ts'

/** Thresholds that are tried: 0.05, 0.075, … 0.95. */
const THRESHOLDS: readonly number[] = Array.from({ length: 37 }, (_, i) => 0.05 + 0.025 * i)

export interface ValidationScore {
  readonly microF1: number
  readonly macroF1: number
  /** One for all genres: that of the best micro-F1. */
  readonly threshold: number
}

/**
 * Micro- and macro-F1 at the one threshold for all genres that has the best micro-F1 here. Not at 0.5: weighted losses move every
 * probability, and an epoch would be kept for its calibration. Not at a threshold for each genre: on some hundred movies those
 * flatter rare genres.
 * @param labels (n, k)
 * @param logits (n, k)
 */
export function validationScore(labels: Uint8Array, logits: Float32Array, n: number, k: number): ValidationScore {
  let best: ValidationScore = { microF1: -1, macroF1: 0, threshold: 0.5 }
  for (const threshold of THRESHOLDS) {
    const cut = Math.log(threshold / (1 - threshold))
    const { microF1, macroF1 } = headline(
      labels,
      Uint8Array.from(logits, (z) => (z >= cut ? 1 : 0)),
      n,
      k,
    )
    if (microF1 > best.microF1) best = { microF1, macroF1, threshold }
  }
  return best
}
