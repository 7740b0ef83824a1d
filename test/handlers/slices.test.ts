import { expect, test } from 'vitest'
import { answers, Bench, codeOf } from '../support/project.ts'

const isGhost = (i: number): boolean => i % 8 === 0
const LINES = Array.from({ length: 400 }, (_, i) => {
  const genres = i % 2 === 0 ? ['Drama'] : ['Comedy', 'War']
  return `m${i}: ${genres.join(', ')} | ${i < 360 ? 'train' : 'test'} | ${isGhost(i) ? 'a ghost' : 'a clown'} in town number ${i}`
})
/** Right except for ghosts (all of them dramas), and for a few others. */
const model = (ghosts: boolean) =>
  answers((_, row, column) => {
    const wrong = (ghosts && isGhost(row) && row % 5 !== 0) || row % 23 === 0
    // columns: Comedy, Drama, War
    return (column === 1) === (row % 2 === 0) ? (wrong ? 0.1 : 0.9) : wrong ? 0.9 : 0.1
  })
async function trained(): Promise<Bench> {
  const b = await Bench.open(LINES)
  b.compute.script = model(true)
  await b.train()
  return b
}

test('slices with more errors are found, and their filters open exactly their movies', async () => {
  const b = await trained()
  const report = await b.call('slices.find', {})
  expect(report).toMatchObject({ run: 1, against: null, part: 'oof', movies: 360, least: 10, saved: [], problems: [] })
  const [first] = report.found
  expect(first).toMatchObject({ where: '"ghost"', movies: 45, name: null, change: null })
  expect(first!.error).toBeGreaterThan(0.7)
  expect(first!.q).toBeLessThan(1e-6)
  for (const { where, movies, error, restError } of report.found) {
    const { movies: opened } = await b.call('review.query', { where: `(${where}) split:train` })
    expect(opened.length).toBe(movies)
    expect(error).toBeGreaterThan(restError)
  }
  expect((await b.call('slices.find', {})).found).toEqual(report.found)
  expect((await b.call('slices.find', { top: 1 })).found).toHaveLength(1)
  expect(await codeOf(() => b.call('slices.find', { part: 'valid' }))).toBe('empty-part')
})

test('saved slices are measured too, and what is wrong with one is said', async () => {
  const b = await trained()
  const slices = [
    { name: 'Clowns', where: 'clown OR genre:War' },
    { name: 'Nobody', where: 'werewolf' },
    { name: 'Gone', where: 'genre:Noir' },
  ]
  await b.call('review.setSlices', { slices })
  const { saved, problems } = await b.call('slices.find', {})
  expect(saved).toMatchObject([{ name: 'Clowns', where: 'clown OR genre:War', movies: 315 }])
  expect(saved[0]!.error).toBeLessThan(saved[0]!.restError)
  expect(problems.map(({ name }) => name)).toEqual(['Nobody', 'Gone'])
  expect(problems[1]!.problem).toContain('there is no genre Noir')
})

test('a better run improves the slice, and a run against itself changes nothing', async () => {
  const b = await trained()
  b.compute.script = model(false)
  await b.train()
  const { found, run } = await b.call('slices.find', { run: 2, against: 1 })
  expect([run, found[0]!.where]).toEqual([2, '"ghost"'])
  const { before, after, q } = found[0]!.change!
  expect(before).toBe(found[0]!.error)
  expect(after).toBeLessThan(0.1)
  expect(q).toBeLessThan(1e-6)
  const same = await b.call('slices.find', { run: 1, against: 1 })
  expect(same.found[0]!.change).toMatchObject({ after: same.found[0]!.error, p: 1, q: 1 })
})
