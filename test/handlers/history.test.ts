import { expect, test } from 'vitest'
import { Bench } from '../support/project.ts'

const LINES = ['a: Drama', 'b: War', 'c: Comedy, War', 'd: Comedy']
async function bench(): Promise<Bench> {
  const b = await Bench.open(LINES)
  await b.decide('a', '+War')
  await b.decide('b', '-War', '+Comedy')
  await b.decide('c', 'note see b')
  return b
}
const log = async (b: Bench, filter: object = {}) =>
  (await b.call('labels.log', filter)).entries.map((e) => `${e.key} ${e.field} ${e.genre ?? ''} ${e.from}>${e.to}`)

test('the log is paged, newest first, and filtered by movie, title, genre, person, kind and day', async () => {
  const b = await bench()
  const all = await log(b)
  expect(all[0]).toBe('c note  >see b')
  expect(all.at(-1)).toBe('a label War 0>1')
  const first = await b.call('labels.log', { limit: 2 })
  expect(first.more).toBe(true)
  expect([...first.entries, ...(await b.call('labels.log', { before: first.entries[1]!.change })).entries]).toHaveLength(all.length)
  expect(await log(b, { text: 'a', field: 'label' })).toEqual(['a label War 0>1'])
  expect(await log(b, { text: 'title b', field: 'label' })).toEqual(['b label Comedy 0>1', 'b label War 1>0'])
  expect(await log(b, { genre: 'comedy', field: 'label' })).toEqual(['b label Comedy 0>1'])
  expect(await log(b, { who: 'nobody' })).toEqual([])
  const today = new Date().toISOString().slice(0, 10)
  expect(await log(b, { since: today, until: today })).toEqual(all)
  expect(await log(b, { until: '2020-01-01' })).toEqual([])
})

test('a batch is reverted by a new decision, which undo takes back', async () => {
  const b = await bench()
  const before = await b.labels('b')
  const dry = await b.call('labels.revert', { batch: 2, dryRun: true })
  expect(dry).toMatchObject({ batch: null, movies: 1, later: 0, restored: 0, removed: 0 })
  expect(await b.labels('b')).toBe(before)
  const done = await b.call('labels.revert', { batch: 2, dryRun: false })
  expect(done).toMatchObject({ batch: 4, changes: dry.changes, description: expect.stringContaining('Revert: Title b') as string })
  expect(await b.labels('b')).toBe('War')
  expect((await b.call('labels.log', { limit: 1 })).entries[0]).toMatchObject({ batch: 4, why: 'reverts batch 2' })
  expect(await b.call('labels.revert', { batch: 2, dryRun: true })).toMatchObject({ changes: 0, restored: dry.changes })
  await b.call('labels.undo', {})
  expect(await b.labels('b')).toBe(before)
})

test('one cell of a batch is reverted with its verdict, and nothing that a later decision changed', async () => {
  const b = await bench()
  const entry = (await b.call('labels.log', { text: 'b', genre: 'War', field: 'label' })).entries[0]!
  expect(await b.call('labels.revert', { batch: 2, change: entry.change, dryRun: false })).toMatchObject({ movies: 1, later: 0 })
  expect(await b.labels('b')).toBe('Comedy, War')
  expect((await b.call('review.movie', { movie: await b.movie('b') })).allCells.find((c) => c.name === 'War')?.verdict).toBeNull()
  await b.decide('a', 'impossible War')
  const later = await b.call('labels.revert', { batch: 1, dryRun: false })
  expect(later).toMatchObject({ changes: 1, later: 1 })
  expect(await b.labels('a')).toBe('Drama')
  await expect(b.call('labels.revert', { batch: 99, dryRun: true })).rejects.toMatchObject({ code: 'no-batch' })
})
