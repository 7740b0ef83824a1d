import { expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { LINEAR_DEFAULTS } from '../../../src/main/compute/linear/defaults.ts'
import { bayesEvidence } from '../../../src/main/compute/linear/evidence.ts'
import { trainLinear } from '../../../src/main/compute/linear/train.ts'
import { plotsIn } from './support.ts'

const WORDS = ['shark', 'love', 'war', 'ship', 'train', 'song', 'ghost', 'king', 'road', 'snow']
const [N, K, FOLDS] = [60, 3, 3]
/** Plots whose words depend on their genres; no movie has the last genre. */
const plots = Array.from({ length: N }, (_, i) =>
  Array.from({ length: 12 }, (_, j) => WORDS[(i * (j % 3 === 0 ? 1 : 7) + j * j) % 10]!).join(' '),
)
const labels = Uint8Array.from({ length: N * K }, (_, c) => (c % K === 2 ? 0 : (Math.floor(c / K) + (c % K)) % 2))
const input = {
  n: N,
  k: K,
  plots: plotsIn(plots),
  labels,
  excluded: Uint8Array.from(labels, (_, c) => (c % 17 === 0 ? 1 : 0)),
  rowWeight: Float32Array.from(plots, (_, i) => (i % 5 === 0 ? 1.25 : 1)),
  fold: Uint8Array.from(plots, (_, i) => (i < 48 ? i % FOLDS : NOT_TRAINING)),
}

test('the same numbers as the naive Bayes of a linear training', async () => {
  const linear = await trainLinear(input, { ...LINEAR_DEFAULTS, folds: FOLDS }, () => undefined, 1)
  let turns = 0
  const evidence = await bayesEvidence(input, FOLDS, () => Promise.resolve(void turns++))
  expect(Math.max(...evidence.map((p, i) => Math.abs(p - linear.evidence[i]!)))).toBeLessThan(1e-6)
  expect(new Set(evidence).size).toBeGreaterThan(20)
  expect(turns).toBe((FOLDS + 1) * K + 1)
})
