/** The orders of queues in a trained project; test/analysis/queues tests the scores. */
import { expect, onTestFinished, test } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { QUEUE_NAMES, QUEUES, type QueueName } from '../../src/contract/queues.ts'
import { FILTER } from '../../src/contract/review.ts'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { Bench, codeOf, findsWrong } from '../support/project.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/paths.ts'

const LINES = ['a: Drama', 'b: Drama, Comedy', 'c: War', 'd: Drama', 'e: Comedy | test', 'f: Drama | test']
/** Comedy, Drama, War of each movie. */
const PROBABILITIES = [0.4, 0.6, 0.1, 0.9, 0.9, 0.9, 0.1, 0.1, 0.9, 0.05, 0.95, 0.02, 0.9, 0.1, 0.1, 0.5, 0.5, 0.5]

async function trained(predicted: readonly number[] = PROBABILITIES): Promise<Bench> {
  const b = await Bench.open(LINES.map((line) => (line.includes('|') ? line : `${line} | train`)))
  b.compute.script = (job, say) => {
    const probabilities = Float32Array.from(predicted)
    say({ t: 'conclusion', conclusion: conclude(job, probabilities) })
    say({ t: 'predictions', movies: job.movies, probabilities, evidence: probabilities })
    say({ t: 'done', memoryMb: 300 })
  }
  expect((await b.train()).state).toBe('done')
  return b
}
async function keys(b: Bench, filter: ArgsIn<'review.query'>): Promise<string> {
  const { movies } = await b.call('review.query', filter)
  return (await b.call('review.rows', { movies: [...movies] })).map(({ key }) => key).join('')
}

test('least confident, by the product of the largest probabilities', async () => {
  const b = await trained()
  // 0.125, 0.324, 0.729 (b, c, e; in file order), 0.884
  expect(await keys(b, { sort: 'least-confident' })).toBe('fabced')
  expect(await keys(b, { sort: 'least-confident', descending: true })).toBe('decbaf')
})

test("cleanlab's orders: one label that is hardly believed, or two that are believed little; the scores themselves beside suspects", async () => {
  // a: self-confidences 0.99, 0.05, 0.99; d: 0.2, 0.2, 0.99
  const b = await trained([0.01, 0.05, 0.01, 0.7, 0.99, 0.01, 0.01, 0.3, 0.99, 0.8, 0.2, 0.01, 0.7, 0.3, 0.01, 0.01, 0.99, 0.01])
  const first = async (sort: QueueName): Promise<string> => (await keys(b, { sort })).slice(0, 2)
  expect(await first('self-confidence')).toBe('ad')
  expect(await first('softmin')).toBe('ad')
  expect(await first('ema')).toBe('da')
  expect(await first('confident-learning')).toBe('da')
  await b.decide('a', '-Drama')
  expect((await first('self-confidence'))[0]).toBe('d')
  await b.call('labels.undo', {})
  b.compute.suspectScript = findsWrong(() => 0.3)
  await b.job(() => b.call('suspects.find', {}))
  const { movies } = await b.call('suspects.list', {})
  const [a, d] = ['a', 'd'].map((key) => movies.find((movie) => movie.key === key)!.scores!)
  expect(a!.selfConfidence).toBeCloseTo(0.05, 6)
  // 0.8 · 0.05 + 0.2 · 0.99, and 0.8 · 0.2 + 0.2 · (0.8 · 0.2 + 0.2 · 0.99)
  expect([a!.ema, d!.ema].map((x) => x.toFixed(4))).toEqual(['0.2380', '0.2316'])
  expect(a!.softmin).toBeCloseTo(0.05 + (2 * 0.94) / (2 + Math.exp(9.4)), 3)
})

test('a decision changes the order by labels at once, and undo restores it', async () => {
  const b = await trained()
  const before = await keys(b, { sort: 'rare' })
  // War has one movie, Comedy two, Drama four
  expect(before.slice(0, 2).split('').sort().join('')).toBe('bc')
  for (const key of ['a', 'd', 'e', 'f']) await b.decide(key, '+War')
  const after = await keys(b, { sort: 'rare' })
  expect(after.indexOf('c')).toBeGreaterThan(before.indexOf('c'))
  for (let i = 0; i < 4; i++) await b.call('labels.undo', {})
  expect(await keys(b, { sort: 'rare' })).toBe(before)
})

test('a flag, and a skip, change every order', async () => {
  const b = await trained()
  await b.decide('d', 'flagged')
  await b.decide('f', 'skipped')
  expect((await keys(b, { sort: 'flagged' }))[0]).toBe('d')
  for (const sort of ['least-confident', 'random', 'mixed'] as const) expect((await keys(b, { sort })).at(-1), sort).toBe('f')
})

test('the random order follows the seed and holds every movie; the mixed order is drawn from the movies that the filter leaves', async () => {
  const b = await trained()
  const orders = await Promise.all([1, 1, 2, 3].map((seed) => keys(b, { sort: 'random', seed })))
  expect([orders[0], new Set(orders).size > 1, orders[0]!.split('').sort().join('')]).toEqual([orders[1], true, 'abcdef'])
  const certain = (await keys(b, { sort: 'least-confident' })).split('')
  await b.decide(certain[0]!, 'reviewed')
  const mix = { 'least-confident': 100 }
  expect(await keys(b, { sort: 'mixed', mix, where: 'reviewed:no' })).toBe(certain.slice(1).join(''))
})

test('in a mixed queue a skipped movie is behind those that no queue ranks', async () => {
  const b = await Bench.open(
    ['a', 'b', 'c', 'd', 'e'].map((key) => `${key}: Drama | train | ${key < 'd' ? `A plot of ${key}.` : 'The very same plot.'}`),
  )
  b.compute.script = (job, say) => {
    const p = Float32Array.from({ length: job.movies.length }, (_, i) => 0.9 - i / 10)
    say({ t: 'conclusion', conclusion: conclude(job, p) })
    say({ t: 'predictions', movies: job.movies, probabilities: p, evidence: p })
    say({ t: 'done', memoryMb: 300 })
  }
  expect((await b.train()).state).toBe('done')
  // the duplicate returns, without a prediction
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  await b.decide('d', 'skipped')
  expect(await keys(b, { sort: 'mixed', mix: { 'least-confident': 100 } })).toBe('cbaed')
})

test('a queue that cannot be used says why, and the list is in file order', async () => {
  const b = await Bench.open(LINES)
  const untrained = await b.call('review.queues', {})
  expect(Object.entries(untrained).flatMap(([name, why]) => (why === null ? [name] : []))).toEqual(['rare', 'random'])
  expect(untrained.mixed).toBe('Suspects: Train a model first.')
  expect(await keys(b, { sort: 'cvirs' })).toBe('abcdef')
  const why = await (await trained()).call('review.queues', {})
  expect([why.cvirs, why.mixed]).toEqual([null, null])
  expect(why.disagreement).toMatch(/two families/)
  expect(why.duplicates).toMatch(/Search for suspects/)
  expect(await codeOf(() => b.call('suspects.list', { queue: 'cvirs' }))).toBe('no-suspects')
})

test('families disagree by their newest runs; a newer run of one changes the order', async () => {
  const b = await trained()
  await b.engine.close()
  const w = new Workspace(b.path)
  onTestFinished(() => w.close())
  const first = w.store.runs.get(1)!
  /** Adds a run of the other family, which differs from the first one on the movie of this row. */
  const add = (row: number): void => {
    const config = { ...first.config, family: 'transformer', model: { source: 'scratch' } } as unknown as typeof first.config
    const run = w.store.runs.start({ ...first, config, parent: null })
    const p = Float32Array.from(PROBABILITIES, (x, cell) => (Math.floor(cell / 3) === row ? 1 - x : x))
    w.store.runs.addPredictions(run, w.catalogue.ids, p, p)
    w.store.runs.finish(run, { elapsedMs: 1, thresholds: first.thresholds, scales: first.scales, summary: first.summary })
  }
  const most = async () => w.catalogue.row((await w.index.query(FILTER.parse({ sort: 'disagreement' }))).movies[0]!)
  expect(w.index.queues({}).disagreement).toMatch(/two families/)
  add(3)
  expect([w.index.queues({}).disagreement, await most()]).toEqual([null, 3])
  add(1)
  expect(await most()).toBe(1)
})

test('the documents name every queue with its formula and paper', () => {
  const text = readFileSync(join(root, 'docs/queues.md'), 'utf8')
  for (const name of QUEUE_NAMES)
    for (const part of Object.values<string>({ name, ...QUEUES[name] })) expect(text).toContain(part.replaceAll('|', '\\|'))
})
