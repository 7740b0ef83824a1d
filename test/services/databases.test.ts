/** Databases of movies: what is requested, which movie of a response is taken, and databases that misbehave. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lookUp, matched, type Wanted } from '../../src/main/services/databases.ts'
import { Services } from '../../src/main/services/services.ts'
import { scratch } from '../support/project.ts'
import { startFakeService, type Response } from './fake-service.ts'

const KEY = 'tmdb-secret-0123456789'
const wanted: Wanted = { title: 'The Matrix', year: 1999, imdb: null, tmdb: null }
const candidate = { id: '603', title: 'The Matrix', titles: [], year: 1999, plot: 'A hacker wakes up.' }

type Candidate = typeof candidate
const found = (by: string, doubt: string | null = null, id = '603') => ({ found: { id, by }, doubt })
const none = (doubt: string) => ({ found: null, doubt })
test.each<[what: string, by: 'imdb-id' | 'title', Partial<Wanted>, Partial<Candidate>[], expected: object]>([
  ['an id decides', 'imdb-id', {}, [{}], found('imdb-id')],
  ['an id with another title is doubtful', 'imdb-id', {}, [{ title: 'Other' }], found('imdb-id', 'its title there is "Other"')],
  ['an id with another year is doubtful', 'imdb-id', {}, [{ year: 2010 }], found('imdb-id', 'its year there is 2010')],
  ['title and year', 'title', {}, [{ id: '1', title: 'Matrix Reloaded' }, {}], found('title')],
  ['case, accents, punctuation and an article do not count', 'title', { title: 'MÁTRIX!' }, [{}], found('title')],
  ['a year apart', 'title', { year: 2000 }, [{}], found('title')],
  ['the year decides between neighbours', 'title', {}, [{ id: '1', year: 2000 }, {}], found('title')],
  ['other years only', 'title', { year: 1950 }, [{}], none('it has this title only of other years than 1950')],
  ['no year is doubtful', 'title', { year: null }, [{}], found('title', 'the title alone was compared, because a year is missing')],
  ['two movies with the title', 'title', { year: null }, [{}, { id: '1', year: 1950 }], none('it has 2 movies with this title')],
  ['two movies of the year', 'title', {}, [{}, { id: '1' }], none('it has 2 movies with this title')],
  ['no movie', 'title', {}, [], none('it has no such movie')],
  ['no plot', 'imdb-id', {}, [{ plot: '' }], none('it has no plot of this movie either')],
])('a match: %s', (_what, by, of, candidates, expected) => {
  expect(matched({ ...wanted, ...of }, by, candidates.map((each) => ({ ...candidate, ...each })))).toMatchObject(expected) // prettier-ignore
})

async function asked(kind: 'tmdb' | 'omdb', of: Partial<Wanted>, response: Response, key = KEY) {
  const fake = await startFakeService(() => response)
  onTestFinished(() => fake.close())
  const env = { DATABASE_KEY: key }
  const services = new Services({
    path: join(scratch(), 'services.json'),
    keychain: { name: '', problem: () => Promise.resolve(null), get: () => Promise.resolve(null), set: () => Promise.resolve(), remove: () => Promise.resolve() }, // prettier-ignore
    env,
    assertOnline: () => undefined,
    wait: () => Promise.resolve(),
  })
  await services.set('db', { kind, url: fake.url, keyVariable: 'DATABASE_KEY', timeoutSeconds: 1 })
  const answer = await lookUp(await services.client('db'), { ...wanted, ...of }, new AbortController().signal).catch((e: unknown) => e)
  return { answer, fake }
}
const json = (body: object, status = 200): Response => ({ body: JSON.stringify(body), status })
const TMDB = { id: 603, title: 'Matrix', original_title: 'The Matrix', release_date: '1999-03-31', overview: 'A hacker wakes up.' }
const OMDB = { Response: 'True', imdbID: 'tt0133093', Title: 'The Matrix', Year: '1999', Plot: 'A hacker wakes up.' }

test('TMDB is asked by its own id, by the id of IMDb, or by title and year', async () => {
  const taken = (by: string) => ({ task: 'plot', found: { id: '603', title: 'Matrix', year: 1999, plot: 'A hacker wakes up.', by }, doubt: null }) // prettier-ignore
  const byId = await asked('tmdb', { tmdb: '603', imdb: 'tt0133093' }, json(TMDB))
  expect(byId.answer).toEqual(taken('tmdb-id'))
  expect(byId.fake.received[0]?.path).toBe(`/v1/movie/603?language=en-US&api_key=${KEY}`)
  const byImdb = await asked('tmdb', { imdb: 'tt0133093' }, json({ movie_results: [TMDB], tv_results: [] }), 'a.longer.token')
  expect(byImdb.answer).toEqual(taken('imdb-id'))
  expect(byImdb.fake.received[0]).toMatchObject({ path: '/v1/find/tt0133093?external_source=imdb_id&language=en-US', headers: { authorization: 'Bearer a.longer.token' } }) // prettier-ignore
  const byTitle = await asked(
    'tmdb',
    {},
    json({ page: 1, results: [{ ...TMDB, id: 5, title: 'Matrix Reloaded', original_title: 'x' }, TMDB] }),
  )
  expect(byTitle.answer).toEqual(taken('title'))
  expect(byTitle.fake.received[0]?.path).toBe(`/v1/search/movie?query=The+Matrix&year=1999&language=en-US&api_key=${KEY}`)
  const unknown = await asked('tmdb', { tmdb: '9' }, json({ success: false, status_code: 34, status_message: 'could not be found' }, 404))
  expect(unknown.answer).toMatchObject(none('it has no such movie'))
})

test('OMDb is asked by the id of IMDb, or by title and year', async () => {
  const byId = await asked('omdb', { imdb: 'tt0133093' }, json(OMDB))
  expect(byId.answer).toMatchObject(found('imdb-id', null, 'tt0133093'))
  expect(byId.fake.received[0]?.path).toBe(`/v1/?i=tt0133093&plot=full&apikey=${KEY}`)
  const byTitle = await asked('omdb', { tmdb: '603' }, json({ ...OMDB, Plot: 'N/A' }))
  expect(byTitle.fake.received[0]?.path).toBe(`/v1/?t=The+Matrix&y=1999&type=movie&plot=full&apikey=${KEY}`)
  expect(byTitle.answer).toMatchObject(none('it has no plot of this movie either'))
  expect((await asked('omdb', {}, json({ Response: 'False', Error: 'Movie not found!' }))).answer).toMatchObject(none('it has no such movie')) // prettier-ignore
})

test.each<[what: string, Response, message: RegExp, tries: number]>([
  ['a wrong key', json({ status_code: 7, status_message: `Invalid API key ${KEY}` }, 401), /does not accept the key.*Invalid API key …/, 1],
  ['a limit', json({ Response: 'False', Error: 'Request limit reached!' }, 401), /Request limit reached!/, 1],
  ['another form', json({ id: 603, title: 'The Matrix', overview: 7 }), /form that was expected/, 1],
  ['a plot with escape codes', json({ ...TMDB, overview: 'a\u001b[31mred' }), /form that was expected/, 1],
  ['a plot without end', json({ ...TMDB, overview: 'x'.repeat(30_000) }), /form that was expected/, 1],
  ['a web page', { body: '<html>', status: 404 }, /not JSON/, 7],
  ['a cut body', { ...json(TMDB), cutAfter: 20 }, /connection broke/, 7],
  ['an overloaded server', json({}, 503), /unavailable at the moment/, 7],
])('%s is an error that says so, without the key', async (_what, response, message, tries) => {
  const { answer, fake } = await asked('tmdb', { tmdb: '603' }, response)
  expect(answer).toBeInstanceOf(Error)
  expect((answer as Error).message).toMatch(message)
  expect((answer as Error).message).not.toContain(KEY)
  expect(fake.received).toHaveLength(tries)
})
