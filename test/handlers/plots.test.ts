/** Missing plots: found by a database, previewed, accepted, taken back, and exported. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { startFakeService, type FakeService } from '../services/fake-service.ts'
import { Bench, codeOf, exportOf } from '../support/project.ts'

process.env['PLOTS_KEY'] = 'secret-0123456789'
afterAll(() => void delete process.env['PLOTS_KEY'])

const PLOT = 'A farmer finds gold in the hills and loses every friend he had.'
const SOURCE = [
  'id,imdb_id,year,title,plot,genres,note',
  `m1,tt0000001,1980,Gold,${PLOT},Drama,"keep  this"`,
  'm2,tt0000002,1999,The Matrix,Add a Plot,"Sci-Fi",\'as it is\'',
  'm3,0000003,2001,Other,,Comedy,',
  'm4,0000004,2002,Gone,N/A,Comedy,',
  '',
].join('\r\n')
const NEO = 'A hacker wakes up, and "nothing" is what it was, as he learns from a stranger.'
const MOVIES: Record<string, object[]> = {
  tt0000002: [{ id: 603, title: 'The Matrix', release_date: '1999-03-31', overview: NEO }],
  tt0000003: [{ id: 7, title: 'Another one', release_date: '2001-01-01', overview: 'Two sisters inherit a hotel by the sea and quarrel.' }],
  tt0000004: [],
}
const CLEAN = [
  { rule: 'missing' as const, on: true, params: {} },
  { rule: 'placeholder' as const, on: true, params: {} },
]

async function setup(): Promise<{ b: Bench; fake: FakeService }> {
  const fake = await startFakeService(({ path }) => ({ body: JSON.stringify({ movie_results: MOVIES[/tt\d+/.exec(path)?.[0] ?? ''] ?? [] }) })) // prettier-ignore
  onTestFinished(() => fake.close())
  const b = await Bench.open(SOURCE)
  await b.job(() => b.call('clean.set', { ruleSet: CLEAN }))
  await b.call('services.set', { name: 'tmdb', values: { kind: 'tmdb', url: fake.url, perMinute: 60_000, keyVariable: 'PLOTS_KEY' } })
  return { b, fake }
}
const asked = { task: 'plot', service: 'tmdb' } as const
const kept = async (b: Bench): Promise<string[]> =>
  Promise.all([...(await b.call('review.query', { sort: 'file' })).movies].map(async (movie) => (await b.call('review.movie', { movie })).title)) // prettier-ignore
const exported = async (b: Bench, options = {}): Promise<string> =>
  readFileSync((await exportOf(b.engine, { what: 'catalogue', path: null, options })).files[0]!.path, 'utf8')

test('a plan names the movies without a plot; nothing is sent without consent', async () => {
  const { b, fake } = await setup()
  const plan = await b.call('services.plan', asked)
  expect(plan).toMatchObject({ movies: 3, known: 0, requests: 3, tokensIn: null, cost: null, consented: false })
  expect(plan.sends).toMatch(/gets the id, or title and year, of 3 movies/)
  expect(plan.sample).toBe(`GET ${fake.url}/find/tt0000002?external_source=imdb_id&language=en-US\naccept: application/json\n(and the key, if there is one)`) // prettier-ignore
  expect(await codeOf(() => b.call('services.run', { ...asked, consent: false }))).toBe('consent')
  expect(await codeOf(() => b.call('services.plan', { ...asked, where: 'genre:Comedy' }))).toBe('bad-arguments')
  expect(await codeOf(() => b.call('services.plan', { ...asked, task: 'condense' }))).toBe('wrong-service')
  expect(await codeOf(() => b.call('services.plan', { ...asked, columns: { imdb: 'nothing' } }))).toBe('no-column')
  expect(await codeOf(() => b.call('plots.accept', { movies: null }))).toBe('nothing-to-accept')
  expect(fake.received).toEqual([])
})

test('a plot is a suggestion until it is accepted; then it is read, searched and exported, until it is taken back', async () => {
  const { b, fake } = await setup()
  const before = await exported(b)
  const end = await b.job(() => b.call('services.run', { ...asked, consent: true }))
  expect(end.message).toBe('tmdb answered about 3 movies. It has a plot of 2 of them, which can be accepted.')
  const { movies } = await b.call('services.results', { task: 'plot' })
  expect(movies.map(({ key, accepted, answer }) => [key, accepted, answer.task === 'plot' && answer.doubt])).toEqual([
    ['m2', false, null],
    ['m3', false, 'its title there is "Another one"'],
    ['m4', false, 'it has no such movie'],
  ])
  expect(await kept(b)).toEqual(['Gold'])
  expect(await exported(b)).toBe(before)

  // only what is certain
  expect((await b.job(() => b.call('plots.accept', { movies: null }))).message).toBe('1 plot accepted. 2 of 4 movies kept.')
  expect(await kept(b)).toEqual(['Gold', 'The Matrix'])
  const movie = await b.movie('m2')
  const shown = await b.call('review.movie', { movie })
  expect(shown.plot).toBe(NEO)
  expect(shown.answers).toMatchObject([{ service: 'tmdb', accepted: true, outdated: false, answer: { found: { id: '603' } } }])
  expect([...(await b.call('review.query', { where: 'hacker' })).movies]).toEqual([movie])
  expect([...(await b.call('review.query', { where: 'plot:"add a plot"' })).movies]).toEqual([])
  await b.restart()
  expect((await b.call('review.movie', { movie })).plot).toBe(NEO)
  // the cell is replaced, and every other byte stays
  expect(await exported(b)).toBe(before.replace('Add a Plot', `"${NEO.replaceAll('"', '""')}"`))
  expect(await exported(b, { format: 'csv' })).toContain('A hacker wakes up')
  expect((await b.call('export.plan', { options: {} })).columns).toContain('answers')
  const [, line] = (await exported(b, { format: 'jsonl', columns: ['answers'] })).trim().split('\n').map((text) => JSON.parse(text) as { answers: string }) // prettier-ignore
  expect(JSON.parse(line!.answers)).toMatchObject([{ task: 'plot', service: 'tmdb', accepted: true, found: { plot: NEO, id: '603' } }])
  const folder = join(b.folder, 'everything')
  await b.job(() => b.call('export.everything', { path: folder }))
  const [header, first] = readFileSync(join(folder, 'answers.csv'), 'utf8').split(/\r?\n/)
  expect(header).toContain('movie,key,task,service,model,at,accepted,answer')
  expect(first).toMatch(/^2,m2,plot,tmdb,en-US,[^,]+,true,"\{""task"":""plot"",/)
  // what is accepted or known is not asked about again
  expect(await b.call('services.plan', asked)).toMatchObject({ movies: 2, known: 2, requests: 0 })

  // a doubtful plot is accepted by name
  const other = movies.find(({ key }) => key === 'm3')!.movie
  await b.job(() => b.call('plots.accept', { movies: [other] }))
  expect(await kept(b)).toEqual(['Gold', 'The Matrix', 'Other'])
  await b.job(() => b.call('plots.takeBack', { movies: null }))
  expect(await kept(b)).toEqual(['Gold'])
  expect(await exported(b)).toBe(before)
  expect(await codeOf(() => b.call('plots.takeBack', { movies: null }))).toBe('nothing-to-take-back')
  expect(fake.received).toHaveLength(3)
})

test('a cancelled acceptance leaves everything as it was', async () => {
  const { b } = await setup()
  await b.job(() => b.call('services.run', { ...asked, consent: true }))
  let job = 0
  b.engine.on('job', (e) => {
    if (e.kind === 'clean' && e.state === 'running') void b.call('jobs.cancel', { job: e.job })
  })
  const end = await b.job(async () => {
    const started = await b.call('plots.accept', { movies: null })
    job = started.job
    return started
  })
  expect([end.job, end.state]).toEqual([job, 'cancelled'])
  expect((await b.call('services.results', { task: 'plot' })).movies.some(({ accepted }) => accepted)).toBe(false)
  expect(await kept(b)).toEqual(['Gold'])
})
