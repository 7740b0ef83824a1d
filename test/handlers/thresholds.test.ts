import { expect, test } from 'vitest'
import { STRATEGY_IDS } from '../../src/contract/thresholds.ts'
import { answers, Bench, codeOf } from '../support/project.ts'

const LINES = Array.from({ length: 60 }, (_, i) => {
  const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
  return `m${i}: ${genres.join(', ')} | ${i < 40 ? 'train' : 'test'}`
})
async function trained(): Promise<Bench> {
  const b = await Bench.open(LINES)
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
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
