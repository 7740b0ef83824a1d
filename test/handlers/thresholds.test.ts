import { describe, expect, test } from 'vitest'
import { STRATEGY_IDS } from '../../src/contract/thresholds.ts'
import { answers, Bench, codeOf, type Believe } from '../support/project.ts'

const LINES = Array.from({ length: 60 }, (_, i) => {
  const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
  return `m${i}: ${genres.join(', ')} | ${i < 40 ? 'train' : 'test'}`
})
async function trained(believe: Believe = (_, row, column) => ((row * 31 + column * 17) % 23) / 23): Promise<Bench> {
  const b = await Bench.open(LINES)
  b.compute.script = answers(believe)
  await b.train()
  return b
}

test('strategies are compared on out-of-fold movies, and a window gets what it needs to recompute the figures', async () => {
  const b = await trained()
  const table = await b.call('thresholds.strategies', { values: { fixed: 0.25 } })
  expect(table).toMatchObject({ run: 1, genres: ['Comedy', 'Drama', 'War'], movies: 40, total: 40, seed: 42 })
  expect(table.rows.map(({ strategy }) => strategy)).toEqual(STRATEGY_IDS)
  expect(table.rows[0]).toMatchObject({ strategy: 'fixed', value: 0.25, thresholds: [0.25, 0.25, 0.25] })
  const data = await b.call('thresholds.data', { part: 'test' })
  expect([data.movies.length, data.labels.length, data.probabilities.length, data.total]).toEqual([20, 60, 60, 20])
  const { allCells } = await b.call('review.movie', { movie: data.movies[0]! })
  expect([...data.probabilities.slice(0, 3)]).toEqual(allCells.map((c) => c.probability))
  expect([...data.labels.slice(0, 3)]).toEqual(allCells.map((c) => (c.label ? 1 : 0)))
  expect(await codeOf(() => b.call('thresholds.data', { part: 'valid' }))).toBe('empty-part')
  const { pooled, genres } = await b.call('calibration.get', { part: 'test' })
  expect(pooled.none.bins.reduce((sum, { movies }) => sum + movies, 0)).toBe(60)
  expect(genres.map(({ name }) => name)).toEqual(['Comedy', 'Drama', 'War'])
})

test('other thresholds change predictions, buckets and figures, survive a restart, and can be taken back', async () => {
  const b = await trained()
  const [before] = await b.call('runs.list', {})
  const predicted = async (): Promise<number> => {
    const { movies } = await b.call('review.query', { sort: 'file' })
    const rows = await b.call('review.rows', { movies: [...movies] })
    return rows.reduce((sum, row) => sum + row.predicted.length, 0)
  }
  const few = await predicted()
  const changed = await b.call('thresholds.set', { thresholds: [0.1, 0.1, 0.1], origin: 'set by hand' })
  expect(changed.thresholds).toEqual([0.1, 0.1, 0.1])
  expect(changed.summary?.thresholds).toEqual({ origin: 'set by hand', trained: before!.thresholds })
  expect(changed.summary?.microF1).toBeCloseTo((await b.call('metrics.get', { part: 'test' })).micro.f1, 9)
  const many = await predicted()
  expect(many).not.toBe(few)
  await b.restart()
  expect(await predicted()).toBe(many)
  await b.call('thresholds.set', { thresholds: [0.2, 0.3, 0.4], origin: 'annealed' })
  const back = await b.call('thresholds.reset', {})
  expect([back.thresholds, back.summary]).toEqual([before!.thresholds, before!.summary])
  expect(await predicted()).toBe(few)
  await expect(b.call('thresholds.set', { thresholds: [0.5], origin: 'x' })).rejects.toMatchObject({
    code: 'bad-arguments',
    message: 'Run 1 has 3 genres: give a threshold for each of them, not 1.',
  })
})

describe('a calibrated run', () => {
  /** A model that finds the labels, with probabilities that are much too low. */
  const low: Believe = (job, row, column) => {
    const sure = ((row * 31 + column * 17) % 23) / 23
    return 0.02 + 0.3 * (job.labels[row * job.genres.length + column] ? 0.3 + 0.7 * sure : 0.6 * sure)
  }
  const predictedIn = async (b: Bench): Promise<(readonly string[])[]> => {
    const { movies } = await b.call('review.query', { sort: 'file' })
    const rows = await b.call('review.rows', { movies: [...movies] })
    return rows.map((row) => row.predicted)
  }
  test('has other probabilities and thresholds everywhere, makes the same predictions, and can be taken back', async () => {
    const b = await trained(low)
    const [before] = await b.call('runs.list', {})
    const [data, metrics, predicted] = [await b.call('thresholds.data', { part: 'test' }), await b.call('metrics.get', { part: 'test' }), await predictedIn(b)] // prettier-ignore
    const report = await b.call('calibration.get', { part: 'test' })
    expect(report.used).toBe('none')
    const change = await b.call('calibration.set', { kind: 'platt' })
    expect(change).toMatchObject({ part: 'test', movies: 20, model: report.pooled.none, now: report.pooled.platt })
    expect(change.now.ece).toBeLessThan(change.model.ece / 2)
    const { scales } = report.genres[0]!
    const now = await b.call('thresholds.data', { part: 'test' })
    const logit = (p: number): number => Math.log(p / (1 - p))
    expect(logit(now.probabilities[0]!)).toBeCloseTo(scales.platt.slope * logit(data.probabilities[0]!) + scales.platt.offset, 4)
    expect(now.thresholds[0]).toBeCloseTo(report.genres[0]!.calibratedThreshold, 6)
    const { allCells } = await b.call('review.movie', { movie: now.movies[0]! })
    expect(allCells.map((cell) => cell.probability)).toEqual([...now.probabilities.slice(0, 3)])
    // below all thresholds the most probable genre counts, which may be another one on another scale
    const others = (await predictedIn(b)).filter((genres, at) => genres.join() !== predicted[at]!.join())
    expect(others).toHaveLength(change.changed)
    expect(others.every((genres) => genres.length === 1)).toBe(true)
    expect((await b.call('metrics.get', { part: 'test' })).ece_10_equal_width.pooled).toBeCloseTo(change.now.ece, 6)
    expect(metrics.ece_10_equal_width.pooled).toBeCloseTo(change.model.ece, 6)
    // the report stays that of the model, so that scales are never fitted on scaled probabilities
    expect(await b.call('calibration.get', { part: 'test' })).toEqual({ ...report, used: 'platt' })
    await b.restart()
    expect((await b.call('thresholds.data', { part: 'test' })).probabilities).toEqual(now.probabilities)
    const { run } = await b.call('calibration.set', { kind: 'none' })
    expect([run.thresholds, run.summary]).toEqual([before!.thresholds, before!.summary])
    expect(await predictedIn(b)).toEqual(predicted)
  })
  test('keeps thresholds that are chosen later when its scale changes, and those of the training for a reset', async () => {
    const b = await trained(low)
    const [before] = await b.call('runs.list', {})
    await b.call('calibration.set', { kind: 'temperature' })
    const { run } = await b.call('calibration.set', { kind: 'platt' })
    expect(run.summary?.calibration?.kind).toBe('platt')
    await b.call('thresholds.set', { thresholds: [0.4, 0.5, 0.6], origin: 'set by hand' })
    const predicted = await predictedIn(b)
    const back = await b.call('calibration.set', { kind: 'none' })
    expect(back.run.thresholds).not.toEqual(before!.thresholds)
    expect(back.run.summary?.thresholds).toEqual({ origin: 'set by hand', trained: before!.thresholds })
    const others = (await predictedIn(b)).filter((genres, at) => genres.join() !== predicted[at]!.join())
    expect(others).toHaveLength(back.changed)
    await b.call('calibration.set', { kind: 'platt' })
    expect((await b.call('thresholds.reset', {})).thresholds).toEqual(run.thresholds)
  })
  test('predicts a text, and says what would change a movie, on the scale of the run', async () => {
    const b = await trained(low)
    const { run } = await b.call('calibration.set', { kind: 'platt' })
    const scaleOf = (j: number) => run.summary!.calibration!.scales[j]!
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
    b.compute.answer = (q) => {
      if (q.t === 'predict') return { t: 'predicted', id: q.id, probabilities: new Float32Array(3).fill(0.25) }
      if (q.t === 'logits') return { t: 'logits', id: q.id, logits: Float64Array.from(q.texts, () => -1) }
      if (q.t !== 'explain') return null
      const explanation = { spans: [], terms: [], rest: 0, intercept: -1, logit: -1, note: '', of: 'fold' } as const
      return { t: 'explained', id: q.id, explanation }
    }
    const [{ genres } = { genres: [] }] = await b.call('predict.text', { plot: 'A shark.' })
    expect(genres.map(({ threshold }) => threshold)).toEqual(run.thresholds)
    genres.forEach(({ probability }, j) =>
      expect(probability).toBeCloseTo(sigmoid(scaleOf(j).slope * Math.log(1 / 3) + scaleOf(j).offset), 6),
    )
    const j = run.genres.findIndex(({ name }) => name === 'Drama')
    const flip = await b.call('errors.flip', { movie: await b.movie('m0'), genre: run.genres[j]!.id })
    expect([flip.before, flip.threshold]).toEqual([expect.closeTo(sigmoid(-scaleOf(j).slope + scaleOf(j).offset), 9), run.thresholds[j]])
    expect(flip.predicted).toBe(flip.before >= flip.threshold)
  })
})
