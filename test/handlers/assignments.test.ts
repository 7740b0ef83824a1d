import { expect, test } from 'vitest'
import { Bench, codeOf } from '../support/project.ts'

const MOVIES = Array.from({ length: 20 }, (_, i) => `m${i}: ${i % 2 === 0 ? 'Drama' : 'Comedy'}`)
const by = (b: Bench, annotator: string) => b.call('settings.set', { values: { annotator } })
const ids = async (b: Bench, where: string): Promise<number[]> => [...(await b.call('review.query', { where, sort: 'file' })).movies]
const detail = async (b: Bench, key: string) => b.call('review.movie', { movie: await b.movie(key) })

test('movies are shared out in equal numbers, a share of them to several people, and nobody gets one twice', async () => {
  const b = await Bench.open(MOVIES)
  const done = await b.call('people.assign', { where: 'genre:Drama', people: ['ann', 'bo', 'cy'], overlap: 0.4, each: 2 })
  expect(done).toMatchObject({ movies: 10, shared: 4, left: 0 })
  expect(done.people.map(({ movies }) => movies).sort()).toEqual([4, 5, 5])
  expect(done.people.reduce((sum, { shared }) => sum + shared, 0)).toBe(8)
  expect(await ids(b, 'assigned:*')).toEqual(await ids(b, 'genre:Drama'))
  expect(await codeOf(() => b.call('people.assign', { where: 'genre:Drama', people: ['ann'], overlap: 0 }))).toBe('nothing-to-assign')
  expect(await codeOf(() => b.call('people.assign', { people: ['ann'] }))).toBe('too-few-people')
  expect(await b.call('people.assign', { people: ['ann'], overlap: 0 })).toMatchObject({ movies: 10, left: 10 })
  await by(b, 'ann')
  const [first] = await ids(b, 'todo:ANN')
  await b.apply([{ field: 'reviewed', movie: first!, to: true }])
  await b.restart()
  expect((await b.call('people.assigned', {})).find(({ who }) => who === 'ann')).toMatchObject({ decided: 1 })
  expect(await ids(b, 'todo:ann')).not.toContain(first)
  await b.call('people.unassign', {})
  expect(await ids(b, 'assigned:*')).toEqual([])
})

test('who decides blind sees neither what another one decided nor its traces, until both have decided', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy', 'c: War'])
  await b.call('people.assign', { where: 'id:a', people: ['ann', 'bo'], overlap: 1 })
  await by(b, 'ann')
  await b.decide('a', '+War', 'note from ann')
  await b.decide('a', 'reviewed')
  await by(b, 'bo')
  expect(await detail(b, 'a')).toMatchObject({ blind: true, labels: ['Drama'], note: '', reviewed: false, history: [], disputes: [] })
  expect((await b.call('labels.history', { limit: 10 })).filter(({ key }) => key === 'a')).toEqual([])
  // the same decisions as ann's are bo's own, and are in the log
  await b.decide('a', '+War')
  expect((await detail(b, 'a')).labels).toEqual(['Drama', 'War'])
  await b.call('labels.undo', {})
  expect((await detail(b, 'a')).labels).toEqual(['Drama'])
  await b.decide('a', '-Drama')
  expect((await b.call('people.assigned', {})).map(({ who, decided }) => [who, decided])).toEqual([['ann', 1], ['bo', 0]]) // prettier-ignore
  await b.decide('a', 'reviewed')
  const seen = await detail(b, 'a')
  expect(seen).toMatchObject({ blind: false, note: 'from ann' })
  // ann: Drama and War; bo: neither
  expect(seen.disputes.map(({ name, opinions }) => [name, opinions.map(({ who, has }) => `${who} ${has}`)])).toEqual([
    ['Drama', ['ann true', 'bo false']],
    ['War', ['ann true', 'bo false']],
  ])
  // what a person who is not asked sees was never hidden, and nothing has changed under the columns
  await by(b, 'cy')
  const before = await detail(b, 'a')
  await b.restart()
  expect(await detail(b, 'a')).toEqual(before)
})

test('a movie that another person marked as reviewed is still to be decided by the second one, whose mark is a decision of its own', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy', 'c: War'])
  await b.call('people.assign', { where: 'id:a', people: ['ann', 'bo'], overlap: 1, blind: false })
  await by(b, 'ann')
  await b.decide('a', '+War')
  await b.decide('a', 'reviewed')
  expect(await detail(b, 'a')).toMatchObject({ reviewed: true, todo: false })
  // who has decided, or is not asked, changes nothing by setting the mark again
  expect((await b.decide('a', 'reviewed')).changes).toBe(0)
  await by(b, 'cy')
  expect((await b.decide('a', 'reviewed')).changes).toBe(0)
  await by(b, 'bo')
  expect(await detail(b, 'a')).toMatchObject({ reviewed: true, todo: true })
  const done = async () => (await b.call('people.assigned', {})).map(({ who, decided }) => `${who} ${decided}`).join()
  expect(await done()).toBe('ann 1,bo 0')
  expect((await b.decide('a', 'reviewed')).changes).toBe(1)
  expect(await done()).toBe('ann 1,bo 1')
  expect([await detail(b, 'a'), await ids(b, 'todo:bo')]).toMatchObject([{ reviewed: true, todo: false }, []])
  const { pairs } = await b.call('people.agreement', {})
  expect(pairs[0]?.genres.map(({ n, differ }) => [n, differ])).toEqual([[1, 0], [1, 0], [1, 0]]) // prettier-ignore
  await b.restart()
  expect(await done()).toBe('ann 1,bo 1')
  // undo takes back bo's decision, and not ann's mark
  await b.call('labels.undo', {})
  expect(await done()).toBe('ann 1,bo 0')
  expect(await detail(b, 'a')).toMatchObject({ reviewed: true, todo: true })
})
