import { expect, test } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { Bench, codeOf, findsWrong } from '../support/project.ts'

const MOVIES = ['a: Drama', 'b: Western, Drama', 'c: War, Drama', 'd: Western']
type Entry = ArgsIn<'codebook.set'>['entries'][number]
const by = (b: Bench, annotator: string) => b.call('settings.set', { values: { annotator } })
const set = (b: Bench, entry: Entry, wording = false) => b.call('codebook.set', { entries: [entry], wording })
const keys = async (b: Bench, where: string): Promise<string> => {
  const { movies } = await b.call('review.query', { where, sort: 'file' })
  return (await b.call('review.rows', { movies: [...movies] })).map(({ key }) => key).join()
}

test('every version of an entry is kept with its writer, and survives a restart', async () => {
  const b = await Bench.open(MOVIES)
  await by(b, 'ann')
  expect(await set(b, { genre: 'western', definition: ' Cowboys. ', implies: ['Peplum', 'drama'] })).toEqual({ changed: ['Western'], unknown: ['Peplum'] }) // prettier-ignore
  await by(b, 'bo')
  await set(b, { genre: 'Western', definition: 'The American frontier.', examples: ['d'] })
  expect(await set(b, { genre: 'Western', definition: 'The American frontier.', examples: ['d'] })).toMatchObject({ changed: [] })
  await b.restart()
  expect((await b.call('codebook.versions', { genre: 'Western' })).map((v) => [v.version, v.who, v.definition, v.implies])).toEqual([
    [2, 'bo', 'The American frontier.', []],
    [1, 'ann', 'Cowboys.', ['Peplum', 'Drama']],
  ])
  expect((await b.call('codebook.get', {})).entries).toMatchObject([{ genre: 'Western', id: await b.genre('Western'), version: 2 }])
})

test('a rule that labels break is a filter, and evidence on the label that it asks for', async () => {
  const b = await Bench.open(MOVIES)
  b.compute.suspectScript = findsWrong(() => 0)
  await b.job(() => b.call('suspects.find', {}))
  await set(b, { genre: 'Western', implies: ['Drama'] })
  await set(b, { genre: 'War', parent: 'Drama', excludes: ['Western'] })
  expect([await keys(b, 'breaks:Western'), await keys(b, 'breaks:Drama'), await keys(b, 'breaks:War')]).toEqual(['d', 'd', ''])
  const d = await b.call('review.movie', { movie: await b.movie('d') })
  expect(d.suspects).toMatchObject([{ name: 'Drama', given: false, pWrong: 0.5, suggestion: { kind: 'add' } }])
  expect(d.suspects![0]!.reasons[0]).toMatchObject({ kind: 'codebook', text: 'the codebook says: Western implies Drama' })
  // once one label of the rule is decided, the other one is the wrong one
  await b.decide('d', 'keep Drama')
  const after = await b.call('review.movie', { movie: await b.movie('d') })
  expect(after.suspects).toMatchObject([{ name: 'Western', pWrong: 0.99, suggestion: { kind: 'remove' } }])
  await b.decide('d', 'keep Western')
  expect((await b.call('review.movie', { movie: await b.movie('d') })).suspects).toEqual([])
  expect(await keys(b, 'breaks:*')).toBe('d')
  await b.decide('c', '+Western')
  expect(await keys(b, 'breaks:War')).toBe('c')
  // rules are no part of the estimate of wrong labels
  expect((await b.call('suspects.health', {}))!.expected).toBe(0)
})

test('a change of meaning lists the movies decided before; one of wording does not', async () => {
  const b = await Bench.open(MOVIES)
  await b.decide('a', '+Western')
  await b.decide('b', 'reviewed')
  await b.decide('c', '-War')
  expect(await keys(b, 'outdated:*')).toBe('')
  await set(b, { genre: 'Western', definition: 'Cowboys.' })
  expect([await keys(b, 'outdated:Western'), await keys(b, 'outdated:War')]).toEqual(['a,b', ''])
  await b.decide('a', 'keep Western')
  await b.decide('a', '-Western')
  expect(await keys(b, 'outdated:*')).toBe('b')
  await set(b, { genre: 'Western', definition: 'Cowboys!' }, true)
  expect(await keys(b, 'outdated:Western')).toBe('b')
  await b.call('labels.undo', {})
  await b.call('labels.undo', {})
  expect(await b.call('codebook.counts', {})).toEqual({ Western: { outdated: 2, breaks: 0 } })
})

test.each<[string, Entry[], RegExp]>([
  ['a rule about one genre', [{ genre: 'War', excludes: ['War'] }], /"War excludes War" is about one genre/],
  ['a genre that no movie could have', [{ genre: 'War', implies: ['Drama'] }, { genre: 'Drama', excludes: ['war'] }], /No movie could have War: it implies Drama, and "Drama excludes War"/], // prettier-ignore
  [
    'a circle of parents',
    [
      { genre: 'War', parent: 'Drama' },
      { genre: 'Drama', parent: 'War' },
    ],
    /Drama is below War is below Drama/,
  ],
])('refused: %s', async (_, entries, said) => {
  const b = await Bench.open(MOVIES)
  await expect(b.call('codebook.set', { entries })).rejects.toThrow(said)
  expect(await codeOf(() => b.call('codebook.set', { entries }))).toBe('bad-codebook')
  expect((await b.call('codebook.get', {})).entries).toEqual([])
})
