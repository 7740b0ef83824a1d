/** A search on made-up movies whose words tell their genres. */
import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { divider } from '../../src/main/compute/evaluate.ts'
import { linearDefaults } from '../../src/main/compute/linear/defaults.ts'
import { findSuspects, suspectDefaults, type SuspectInput } from '../../src/main/compute/suspects.ts'

const [N, K] = [240, 3]
const WORDS = ['ranch sheriff saddle prairie', 'starship alien orbit laser', 'wedding kiss letter summer'].map((words) => words.split(' '))
const draw = seededDraws(5)
const genreOf = Array.from({ length: N }, () => draw(K))
const truth = Uint8Array.from({ length: N * K }, (_, cell) => (genreOf[Math.floor(cell / K)] === cell % K ? 1 : 0))
const texts = genreOf.map((genre) => Array.from({ length: 6 }, () => WORDS[genre]![draw(4)]!).join(' '))
const config = suspectDefaults({ ...linearDefaults(N), charNgrams: null, folds: 3 }, N)
const turn = (): Promise<void> => Promise.resolve()
const search = (labels: Uint8Array, more: Partial<SuspectInput> = {}) =>
  findSuspects(
    {
      texts,
      n: N,
      k: K,
      labels,
      source: labels,
      family: null,
      decided: new Uint8Array(N * K),
      divide: divider(() => texts.map((_, i) => `Plot ${i}`), N, K, config.linear.folds),
      ...more,
    },
    config,
    () => undefined,
    turn,
  )
const logits = (labels: Uint8Array): Float32Array => Float32Array.from(labels, (label) => (label === 1 ? 3 : -3))

test('the evidence has a row for each source, in the order of the table; that of another family only if there is one', async () => {
  const without = await search(truth)
  expect(without.model.sources).toEqual(['text', 'bayes', 'neighbours', 'duplicates', 'context', 'contextOfAll'])
  expect(Object.keys(without.evidence)).toEqual(without.model.sources)
  const { model, evidence } = await search(truth, { family: logits(truth) })
  expect(model.sources).toEqual(['text', 'bayes', 'neighbours', 'duplicates', 'family', 'context', 'contextOfAll'])
  // it tells planted errors from labels, and the context of all opinions knows it
  expect(model.weights[4]).toBeLessThan(0)
  const certainty = (of: ArrayLike<number>): number => Array.from(of, (z, cell) => (truth[cell] === 1 ? z : -z)).reduce((a, b) => a + b, 0)
  expect(certainty(evidence['contextOfAll']!)).toBeGreaterThan(certainty(without.evidence['contextOfAll']!))
})

test('wrong labels are found, and a label that was put right is judged as it was before', async () => {
  const given = truth.slice()
  for (const row of [3, 50, 100, 150, 200]) for (let g = 0; g < K; g++) given[row * K + g] = g === (genreOf[row]! + 1) % K ? 1 : 0
  const { wrong } = await search(given)
  const worst = [...wrong.keys()].sort((a, b) => wrong[b]! - wrong[a]!).slice(0, 10)
  expect(new Set(worst.map((cell) => Math.floor(cell / K)))).toEqual(new Set([3, 50, 100, 150, 200]))
  const corrected = given.slice()
  const decided = new Uint8Array(N * K)
  for (let cell = 3 * K; cell < 4 * K; cell++) {
    corrected[cell] = truth[cell]!
    decided[cell] = 1
  }
  const again = await search(corrected, { source: given, decided })
  for (let cell = 3 * K; cell < 4 * K; cell++) expect(again.wrong[cell]! > 0.3).toBe(given[cell] !== truth[cell])
})
