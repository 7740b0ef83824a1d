import { expect, onTestFinished, test } from 'vitest'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { drawAudit } from '../../src/main/catalogue/audit.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { Bench, codeOf, findsWrong } from '../support/project.ts'

/** Forty movies; m0 to m7 lack War, which their plots tell. */
const LINES = Array.from({ length: 40 }, (_, i) => `m${i}: ${i % 2 ? 'Drama' : 'Drama, Comedy'}${i >= 8 && i % 4 === 0 ? ', War' : ''}`)
const rightly = async (b: Bench, key: string): Promise<number[]> => {
  const [row] = await b.call('review.rows', { movies: [await b.movie(key)] })
  const names = [...row!.labels, ...(Number(key.slice(1)) < 8 ? ['War'] : [])]
  return Promise.all(names.map((name) => b.genre(name)))
}
/** Answers movies rightly from the present place on. */
async function answer(b: Bench, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const movie = (await b.call('audit.movie', {}))!
    await b.call('audit.answer', { movie: movie.movie, genres: await rightly(b, movie.key) })
  }
}

test('an audit asks blindly, goes on after a restart, and finds the rate', async () => {
  const b = await Bench.open(LINES)
  expect(await b.call('audit.state', {})).toBeNull()
  expect(await codeOf(() => b.call('audit.movie', {}))).toBe('no-audit')
  const begun = await b.call('audit.start', { size: 30, seed: 5 })
  expect(begun).toMatchObject({ answered: 0, size: 30, limit: 30, basis: 'none', finished: false, width: null, seed: 5 })
  const first = (await b.call('audit.movie', {}))!
  expect(Object.keys(first).sort()).toEqual(['answer', 'columns', 'index', 'key', 'movie', 'plot', 'title'])
  expect([first.index, first.answer, first.columns]).toEqual([0, null, []])
  await answer(b, 12)
  await b.restart()
  expect(await b.call('audit.state', {})).toMatchObject({ answered: 12, finished: false })
  expect(await b.call('audit.result', {})).toBeNull()
  // one's own answer can be seen and changed
  const again = (await b.call('audit.movie', { index: 0 }))!
  expect([again.movie, again.answer]).toEqual([first.movie, await rightly(b, first.key)])
  await b.call('audit.answer', { movie: first.movie, genres: [...again.answer!] })
  await answer(b, 18)
  expect(await b.call('audit.movie', {})).toBeNull()
  const result = (await b.call('audit.result', {}))!
  expect(result).toMatchObject({
    finished: true,
    estimator: 'stratified',
    interval: 'fixed',
    population: { movies: 40, cells: 120 },
    more: null,
  })
  expect(result.movies.low).toBeLessThan(0.2)
  expect(result.movies.high).toBeGreaterThan(0.2)
  expect(result.missing.rate).toBeCloseTo(result.cells.rate, 12)
  expect(result.cells.rate).toBeCloseTo(result.movies.rate / 3, 12)
  expect(result.spurious.rate).toBe(0)
  expect(result.genres.map(({ name, rate }) => [name, rate > 0])).toEqual([
    ['Comedy', false],
    ['Drama', false],
    ['War', true],
  ])
  expect(result.movies.anytime.high).toBeGreaterThan(result.movies.high)
})

test('labels stay as they are until the answers are applied, in one change that undo takes back', async () => {
  const b = await Bench.open(LINES)
  await b.call('audit.start', { size: 40 })
  await answer(b, 40)
  expect(await b.labels('m2')).toBe('Comedy, Drama')
  // decided otherwise after the audit was drawn: a decision that was made with more evidence stays
  await b.decide('m3', '+War')
  const count = await b.call('audit.apply', { dryRun: true })
  expect([count.labels, count.movies, count.batch]).toEqual([7, 7, 0])
  expect(await b.labels('m2')).toBe('Comedy, Drama')
  const done = await b.call('audit.apply', { dryRun: false })
  expect([done.labels, done.movies, done.reviewed]).toEqual([7, 7, 40])
  expect(await b.labels('m2')).toBe('Comedy, Drama, War')
  expect((await b.call('audit.apply', { dryRun: true })).changes).toBe(0)
  // the audit is about the labels as they were
  expect((await b.call('audit.result', {}))!.movies.rate).toBeCloseTo(0.2, 12)
  await b.call('labels.undo', {})
  expect(await b.labels('m2')).toBe('Comedy, Drama')
  expect(await b.labels('m3')).toBe('Drama, War')
})

test('what was asked for cannot be bent: other movies, other genres, answers out of turn, a new draw by accident', async () => {
  const b = await Bench.open(LINES)
  await b.call('audit.start', { size: 30 })
  const sampled = await Promise.all(Array.from({ length: 30 }, async (_, index) => (await b.call('audit.movie', { index }))!.movie))
  const outside = (await b.call('review.query', {})).movies.find((movie) => !sampled.includes(movie))!
  expect(await codeOf(() => b.call('audit.answer', { movie: outside, genres: [] }))).toBe('not-sampled')
  expect(await codeOf(() => b.call('audit.answer', { movie: sampled[0]!, genres: [99] }))).toBe('no-genre')
  // a later movie that was answered first waits for the earlier ones
  await b.call('audit.answer', { movie: sampled[5]!, genres: [] })
  expect((await b.call('audit.state', {}))!.answered).toBe(0)
  await answer(b, 5)
  expect((await b.call('audit.state', {}))!.answered).toBe(6)
  expect(await codeOf(() => b.call('audit.start', {}))).toBe('audit-exists')
  expect(await b.call('audit.start', { size: 35, replace: true })).toMatchObject({ answered: 0, size: 35 })
})

test('a width ends the audit when it is reached; an extended audit has the interval that allows it', async () => {
  const b = await Bench.open(LINES)
  await b.call('audit.start', { size: 30, width: 0.14 })
  await answer(b, 30)
  let state = (await b.call('audit.state', {}))!
  expect((await b.call('audit.result', {}))!).toMatchObject({ interval: 'anytime' })
  while (!state.finished) {
    const { more, movies } = (await b.call('audit.result', {}))!
    expect(more).toBeGreaterThan(0)
    expect(movies.high - movies.low).toBeGreaterThan(0.2)
    await answer(b, 1)
    state = (await b.call('audit.state', {}))!
  }
  expect(state.answered).toBeLessThan(40)
  expect((await b.call('audit.result', {}))!.more).toBe(0)

  await b.call('audit.start', { size: 30, replace: true })
  await answer(b, 30)
  expect((await b.call('audit.result', {}))!.interval).toBe('fixed')
  expect(await b.call('audit.extend', { width: 0.05 })).toMatchObject({ finished: false, limit: 40 })
  await answer(b, 3)
  expect((await b.call('audit.result', {}))!).toMatchObject({ interval: 'anytime', answered: 33, finished: false })
})

test("without suspects the strata follow the run's label quality, and there are no predictions", async () => {
  const b = await Bench.open(LINES)
  await b.train()
  expect(await b.call('audit.start', { size: 40 })).toMatchObject({ basis: 'run' })
  await answer(b, 40)
  expect(await b.call('audit.result', {})).toMatchObject({ estimator: 'stratified', search: null })
})

test('what reviewing found is set beside the audit, without the movies of the sample', async () => {
  const b = await Bench.open(LINES)
  await b.call('audit.start', { size: 30 })
  await answer(b, 30)
  const sampled = new Set(await Promise.all(Array.from({ length: 30 }, async (_, index) => (await b.call('audit.movie', { index }))!.key)))
  const [inside, ...outside] = ['m0', ...LINES.map((_, i) => `m${i}`).filter((key) => !sampled.has(key))]
  await b.decide(inside, 'reviewed')
  await b.decide(outside[0]!, 'reviewed')
  await b.decide(outside[1]!, '-Drama', 'reviewed')
  const { reviewed } = (await b.call('audit.result', {}))!
  expect(reviewed).toEqual({ movies: sampled.has('m0') ? 2 : 3, corrected: 1 })
})

test('health takes over a finished audit less the labels changed since, looks at the latest reviews, and keeps its history', async () => {
  const b = await Bench.open(LINES)
  b.compute.suspectScript = findsWrong(() => 0.05)
  await b.job(() => b.call('suspects.find', {}))
  await b.decide('m39', '-Drama', 'reviewed')
  expect((await b.call('suspects.health', {}))!).toMatchObject({
    left: { basis: 'search' },
    recentYield: { looked: 1, corrected: 1 },
    history: [{ from: 'search', corrections: 0, audit: null }],
  })
  expect(await b.call('audit.start', { size: 40 })).toMatchObject({ basis: 'suspects' })
  await answer(b, 39)
  expect((await b.call('suspects.health', {}))!.left.basis).toBe('search')
  await answer(b, 1)
  const { left, recentYield, history } = (await b.call('suspects.health', {}))!
  expect(left).toEqual({
    basis: 'audit',
    expected: expect.closeTo(8, 9) as number,
    low: expect.closeTo(8, 9) as number,
    high: expect.closeTo(8, 9) as number,
  })
  // every movie is in the sample
  expect(recentYield).toEqual({ looked: 0, corrected: 0 })
  expect(history.map(({ from, corrections, audit }) => [from, corrections, audit?.movies.rate.toFixed(3)])).toEqual([
    ['search', 0, undefined],
    ['audit', 1, '0.200'],
  ])
  await b.decide('m0', '+War')
  expect((await b.call('suspects.health', {}))!.left.expected).toBeCloseTo(7, 9)
  // another set of movies is not what was audited
  await b.job(() => b.call('clean.set', { ruleSet: [{ rule: 'too-short', on: true, params: { shortest: 42 } }] }))
  await b.job(() => b.call('suspects.find', {}))
  expect((await b.call('suspects.health', {}))!.left.basis).toBe('search')
})

test('a decision that is made while the sample is drawn is in it', async () => {
  const b = await Bench.open(LINES)
  await b.train()
  const [movie, genre] = [await b.movie('m1'), await b.genre('War')]
  await b.engine.close()
  const w = new Workspace(b.path)
  onTestFinished(() => w.close())
  const steps = drawAudit(w, { size: 40, width: null, seed: 1 })
  expect(steps.next().done).toBe(false)
  const change = { movie, genre, field: 'label', was: '0', becomes: '1' } as const
  const { batch } = w.log.append({ who: 'x', why: '', description: '', run: null }, [change])
  const { draws, lastBatch } = runToEnd(steps)
  expect([lastBatch, draws.find((draw) => draw.movie === movie)!.labels.includes(genre)]).toEqual([batch, true])
})
