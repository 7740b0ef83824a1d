import { expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { assignFolds, rowsOf } from '../../../src/main/compute/evaluate.ts'
import { LINEAR_DEFAULTS } from '../../../src/main/compute/linear/defaults.ts'

const N = 60
const job = {
  labels: Uint8Array.from({ length: N * 2 }, (_, cell) => (cell % 3 === 0 ? 1 : 0)),
  corrected: new Int32Array(0),
  split: Uint8Array.from({ length: N }, (_, row) => (row % 6 === 5 ? 2 : 0)),
  genres: Int32Array.of(1, 2),
  config: { ...LINEAR_DEFAULTS, folds: 5 },
}
const rows = rowsOf(job.split, 'train')
const groups = rows.map((row, i) => (row < 10 ? 0 : i))

test('training rows get folds of equal size, the others none, near-duplicates the same one', () => {
  const fold = assignFolds(job, rows, groups)
  for (let row = 0; row < N; row++) expect(fold[row] === NOT_TRAINING).toBe(job.split[row] !== 0)
  const sizes = [0, 1, 2, 3, 4].map((part) => fold.filter((each) => each === part).length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2)
  expect(new Set([...rows].filter((row) => row < 10).map((row) => fold[row])).size).toBe(1)
})

test('folds depend on the source labels: a correction moves no movie', () => {
  const cells = [0, 7, 20, 21, 50]
  const labels = job.labels.slice()
  for (const cell of cells) labels[cell] = 1 - labels[cell]!
  const corrected = assignFolds({ ...job, labels, corrected: Int32Array.from(cells) }, rows, groups)
  expect(corrected).toEqual(assignFolds(job, rows, groups))
  // without the information which cells were corrected, the folds would differ
  expect(assignFolds({ ...job, labels: labels.map((label) => 1 - label) }, rows, groups)).not.toEqual(corrected)
})
