/** The map in the engine; its computation is scripted. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomModel } from '../../src/main/compute/models/open-model.ts'
import { SMALL, storedOf, writeModel } from '../compute/models/support.ts'
import { byteLevel } from '../compute/tokenize/kinds.ts'
import { Bench, codeOf, findsWrong } from '../support/project.ts'

const N = 60
const LINES = Array.from({ length: N }, (_, i) => `m${i}: ${i < 40 ? 'Drama' : 'Comedy, Drama'} | ${i % 4 === 0 ? 'test' : 'train'}`)
const compute = (b: Bench, args: Parameters<typeof b.call<'map.compute'>>[1] = {}) => b.job(() => b.call('map.compute', args))
const keys = async (b: Bench, where: string): Promise<string[]> => {
  const { movies } = await b.call('review.query', { where, sort: 'file' })
  return (await b.call('review.rows', { movies: [...movies] })).map(({ key }) => key)
}

test('before a map its methods say what to do; afterwards it is kept in the project', async () => {
  const b = await Bench.open(LINES)
  expect(await b.call('map.get', {})).toBeNull()
  expect(await codeOf(() => b.call('map.areas', {}))).toBe('no-map')
  expect(await codeOf(() => b.call('review.query', { where: 'area:1' }))).toBe('bad-filter')
  expect((await compute(b, { seed: 7, sample: 50 })).message).toBe('The map has 2 areas.')
  expect(b.compute.maps[0]).toMatchObject({ logits: null, config: { seed: 7, sample: 50, run: null, linear: { charNgrams: null } } })
  await b.restart()
  const map = await b.call('map.get', {})
  expect(map).toMatchObject({ outdated: null, unplaced: 0, sampled: N, config: { vectors: 'words', seed: 7 } })
  expect([map!.movies.length, map!.places.length]).toEqual([N, 2 * N])
})

test('an outline, two corners and an area select the movies that are there', async () => {
  const b = await Bench.open(LINES)
  await compute(b)
  expect(await keys(b, 'map:0,0,500,10000')).toEqual(['m0', 'm1', 'm2'])
  // a triangle whose upper edge leaves out the second
  expect(await keys(b, 'map:0,4000,300,4000,0,9000')).toEqual(['m0'])
  expect(await keys(b, 'area:2 genre:Drama -genre:Comedy')).toEqual(Array.from({ length: 10 }, (_, i) => `m${30 + i}`))
  expect(await codeOf(() => b.call('review.query', { where: 'area:3' }))).toBe('bad-filter')
  expect(await codeOf(() => b.call('review.query', { where: 'map:1,2,3' }))).toBe('bad-filter')
})

test('colours are filters: the first that matches', async () => {
  const b = await Bench.open(LINES)
  await compute(b)
  const { codes, legend } = await b.call('map.colours', { by: 'genre' })
  // the rarest genre first
  expect(legend.map(({ where, count }) => [where, count])).toEqual([
    ['genre:Comedy', 20],
    ['genre:Drama', 40],
  ])
  expect([codes[0], codes[59]]).toEqual([1, 0])
  expect((await b.call('map.colours', { by: 'split' })).legend.map(({ value, count }) => [value, count])).toEqual([
    ['train', 45],
    ['valid', 0],
    ['test', 15],
  ])
  expect((await b.call('map.colours', { by: 'genres' })).legend[0]).toMatchObject({ where: 'genres=1', count: 40 })
  // needs a model
  expect(await codeOf(() => b.call('map.colours', { by: 'outcome' }))).toBe('bad-filter')
  expect(await codeOf(() => b.call('map.colours', { by: 'nothing' }))).toBe('bad-arguments')
})

test('areas have their movies, their frequent genres, and the share of their suspects', async () => {
  const b = await Bench.open(LINES)
  await compute(b)
  const [left, right] = await b.call('map.areas', { level: 0 })
  expect(left).toMatchObject({ area: 1, movies: 30, words: ['left'], suspects: null, genres: [{ name: 'Drama', share: 1 }] })
  expect(right!.genres[1]).toEqual({ name: 'Comedy', share: 20 / 30 })
  b.compute.suspectScript = findsWrong((row, column) => (row < 15 && column === 0 ? 0.9 : 0.01))
  await b.job(() => b.call('suspects.find', {}))
  expect((await b.call('map.areas', {})).map(({ suspects }) => suspects)).toEqual([0.5, 0])
})

test('a map of predictions belongs to its run, and one from before a cleaning is outdated', async () => {
  const b = await Bench.open(LINES)
  expect(await codeOf(() => b.call('map.compute', { vectors: 'predictions' }))).toBe('no-run')
  await b.train()
  await compute(b, { vectors: 'predictions' })
  expect(b.compute.maps[0]!.logits).toHaveLength(2 * N)
  expect(await b.call('map.get', {})).toMatchObject({ outdated: null, config: { run: 1 } })
  await b.train()
  expect(await b.call('map.get', {})).toMatchObject({ outdated: 'run' })
  await b.job(() => b.call('clean.set', { ruleSet: [{ rule: 'too-short', on: true, params: { shortest: 42 } }] }))
  const after = await b.call('map.get', {})
  expect(after).toMatchObject({ outdated: 'cleaning', unplaced: 0 })
  expect(after!.movies.length).toBe((await b.call('project.info', {})).kept)
})

test('a cancelled computation leaves the map before it, and too few movies have none', async () => {
  const b = await Bench.open(LINES)
  await compute(b, { seed: 3 })
  b.compute.mapScript = () => undefined
  const { job } = await b.call('map.compute', {})
  expect((await b.call('jobs.cancel', { job })).state).toBe('cancelled')
  expect(await b.call('map.get', {})).toMatchObject({ config: { seed: 3 } })
  const small = await Bench.open(LINES.slice(0, 10))
  const end = await small.job(() => small.call('map.compute', {}))
  expect(end).toMatchObject({ state: 'failed', code: 'too-few-movies' })
})

test('a map by a model of the library is computed with its folder, and says so', async () => {
  const b = await Bench.open(LINES)
  const config = { ...SMALL.mpnet, vocab_size: 300 }
  const path = writeModel(join(b.folder, 'sentences'), config, storedOf(randomModel(config).weights))
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(byteLevel))
  const { id } = await b.call('models.add', { path })
  await compute(b, { vectors: 'model', model: id, pooling: 'mean' })
  expect(b.compute.maps[0]).toMatchObject({ logits: null, embedder: { folder: path, pooling: 'mean' }, config: { run: null } })
  expect((await b.call('map.get', {}))!.config).toMatchObject({ vectors: 'model', model: { id, pooling: 'mean' } })
  expect(await codeOf(() => b.call('map.compute', { vectors: 'model' }))).toBe('bad-arguments')
  expect(await codeOf(() => b.call('map.compute', { vectors: 'words', model: id }))).toBe('bad-arguments')
  expect(await codeOf(() => b.call('map.compute', { pooling: 'mean' }))).toBe('bad-arguments')
})
