import { expect, test } from 'vitest'
import type { TrainJob } from '../../src/contract/jobs.ts'
import { trainOnce } from '../../src/main/jobs/recipe-run.ts'
import { linearDefaults } from '../../src/main/compute/linear/defaults.ts'
import { answers, FakeCompute } from '../support/project.ts'

test('the prediction of a movie with copies is that of its first row', async () => {
  const compute = new FakeCompute()
  compute.script = answers((_, row) => row / 10)
  const request: TrainJob = {
    t: 'train',
    config: linearDefaults(4),
    project: '',
    run: 0,
    genres: Int32Array.of(1),
    movies: Int32Array.of(7, 8, 9, 8),
    labels: Uint8Array.of(0, 1, 0, 1),
    corrected: new Int32Array(),
    excluded: new Int32Array(),
    rowWeight: new Float32Array(4).fill(1),
    plots: new Map([[3, 'A copy.']]),
    split: new Uint8Array(4),
  }
  const control = { signal: new AbortController().signal, progress: () => undefined }
  const { probabilities } = await trainOnce(() => compute.spawn('compute'), request, control, 'model')
  expect([...probabilities.subarray(0, 3)].map((p) => Math.round(10 * p))).toEqual([0, 1, 2])
})
