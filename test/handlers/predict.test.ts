import { expect, test } from 'vitest'
import type { InferenceRequest } from '../../src/contract/jobs.ts'
import type { Span } from '../../src/contract/records.ts'
import { Bench, codeOf } from '../support/project.ts'

const LINES = Array.from({ length: 30 }, (_, i) => `m${i}: ${['Drama', 'Comedy', 'War, Drama'][i % 3]!} | ${i < 20 ? 'train' : 'test'}`)
const familyOf = (q: InferenceRequest): string => (q.t === 'devices' ? '' : q.model.family)
const linear = { config: { folds: 2 } }
const small = { config: { family: 'transformer', folds: 2 } } as const

test('every family predicts a plot, the current run first', async () => {
  const b = await Bench.open(LINES)
  expect(await b.call('predict.text', { plot: 'A shark.' })).toEqual([])
  for (const args of [linear, linear, small]) await b.train(args)
  b.compute.answer = (q) => ({ t: 'predicted', id: q.id, probabilities: Float32Array.of(0.2, 0.9, 0.4) })
  const said = await b.call('predict.text', { plot: 'A shark.' })
  expect(said.map(({ run, family, problem }) => [run, family, problem])).toEqual([
    [3, 'transformer', null],
    [2, 'linear', null],
  ])
  const [first] = said
  expect(first!.genres.map((g) => [g.name, Math.round(10 * g.probability) / 10])).toEqual([
    ['Comedy', 0.2],
    ['Drama', 0.9],
    ['War', 0.4],
  ])
  for (const { predicted, probability, threshold } of first!.genres) expect(predicted).toBe(probability >= threshold)
  expect(b.compute.asked.map((q) => `${q.t} ${familyOf(q)}`).sort()).toEqual(['predict linear', 'predict transformer'])
  // one process serves all requests
  await b.call('predict.text', { plot: 'Another.', runs: [1] })
  expect([b.compute.asked.length, b.compute.answering]).toEqual([3, 1])
})

test('a run that cannot predict reports why, and the others still predict', async () => {
  const b = await Bench.open(LINES)
  await b.train(linear)
  await b.train(small)
  b.compute.answer = (q) =>
    familyOf(q) === 'linear'
      ? { t: 'predicted', id: q.id, probabilities: new Float32Array(3) }
      : { t: 'failed', id: q.id, error: { code: 'model-damaged', message: 'Its weights are damaged.' } }
  const said = await b.call('predict.text', { plot: 'A shark.' })
  expect(said.map((s) => [s.family, s.problem, s.genres.length])).toEqual([
    ['transformer', 'Its weights are damaged.', 0],
    ['linear', null, 3],
  ])
  // at least one genre, as everywhere
  expect(said[1]!.genres.filter((g) => g.predicted)).toHaveLength(1)
})

test('a process that dies costs one prediction', async () => {
  const b = await Bench.open(LINES)
  await b.train(linear)
  b.compute.answer = () => null
  expect((await b.call('predict.text', { plot: 'A shark.' }))[0]!.problem).toContain('was killed before it returned a result')
  b.compute.answer = (q) => ({ t: 'predicted', id: q.id, probabilities: new Float32Array(3) })
  expect((await b.call('predict.text', { plot: 'A shark.' }))[0]!.problem).toBeNull()
  expect(b.compute.answering).toBe(2)
  expect(await codeOf(() => b.call('predict.text', { plot: 'A', runs: [9] }))).toBe('no-run')
})

/** Spans of the end of the title and of the word after the plot's first one. */
function spansOf(q: InferenceRequest): Span[] {
  const plot = q.t === 'explain' ? q.text.indexOf(' . ') : -1
  return [
    { start: plot - 2, end: plot, score: -1 },
    { start: plot + 7, end: plot + 11, score: 1 },
  ]
}

test('a transformer explains through the same process', async () => {
  const b = await Bench.open(LINES)
  await b.train(small)
  b.compute.answer = (q) => ({
    t: 'explained',
    id: q.id,
    explanation: { spans: spansOf(q), terms: [], rest: 0, intercept: 0, logit: 1, note: 'Integrated gradients.', of: 'final' },
  })
  const [movie, genre] = [await b.movie('m1'), await b.genre('Drama')]
  const [row] = await b.call('review.rows', { movies: [movie] })
  const explanation = await b.call('review.explain', { movie, genre })
  // the last word of the title and the second one of the plot, each in its own text
  expect(explanation).toMatchObject({ genre, logit: 1, spans: [{ start: 4, end: 8, score: 1 }] })
  expect(explanation.titleSpans).toEqual([{ start: row!.title.length - 2, end: row!.title.length, score: -1 }])
  expect(explanation).toMatchObject({ model: 'learned', note: 'Integrated gradients.' })
  expect(b.compute.asked[0]).toMatchObject({ t: 'explain', genre: 1, text: `${row!.title} . The plot of m1 is told here at some length.` })
})

test('devices are tested in a process whose crash has no effect', async () => {
  const b = await Bench.open(LINES)
  const cpu = { name: 'cpu', label: 'CPU, 2 threads', available: true, note: '' } as const
  b.compute.answer = (q) => ({ t: 'devices', id: q.id, devices: [cpu] })
  expect(await b.call('models.devices', {})).toEqual([cpu])
  b.compute.answer = () => null
  expect(await b.call('models.devices', {})).toMatchObject([
    { name: 'cpu', available: true, note: expect.stringContaining('crash') as string },
  ])
})
