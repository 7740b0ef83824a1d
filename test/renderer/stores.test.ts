/** Races between replies and events in the window's stores, with an engine whose replies arrive when a test says so. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Api, ArgsIn, Method, Result } from '../../src/contract/api.ts'
import { UserError } from '../../src/contract/errors.ts'
import type { EventName, Events, JobEvent } from '../../src/contract/events.ts'
import type { ProjectInfo } from '../../src/contract/project.ts'
import type { Cell, MovieDetail, MovieRow, RunInfo, UndoState } from '../../src/contract/records.ts'
import type { ChangeResult } from '../../src/contract/review.ts'
import { Latest } from '../../src/renderer/stores/latest.ts'
import { OwnBatches } from '../../src/renderer/stores/own-batches.ts'
import { Pages } from '../../src/renderer/stores/pages.svelte.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { Stores } from '../../src/renderer/stores/stores.svelte.ts'
import { rowOf } from '../../src/renderer/stores/review-logic.ts'

interface Call {
  readonly method: Method
  readonly args: unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** An engine that records calls; `reply` decides their order and results. */
class ScriptedApi implements Api {
  readonly waiting: Call[] = []
  readonly calls: Method[] = []
  readonly remembered: unknown[] = []
  readonly #listeners: ((change: Events['changed']) => void)[] = []

  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (method === 'review.remember') {
      this.remembered.push(args)
      return Promise.resolve(null as Result<M>)
    }
    this.calls.push(method)
    this.waiting.push({ method, args, resolve, reject })
    return promise as Promise<Result<M>>
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    if (event === 'changed') this.#listeners.push(listener as never)
    return () => undefined
  }
  /** Resolves the oldest waiting call of a method. */
  async reply(method: Method, value: unknown): Promise<void> {
    this.#take(method).resolve(value)
    await settle()
  }
  async refuse(method: Method, error: Error): Promise<void> {
    this.#take(method).reject(error)
    await settle()
  }
  #take(method: Method): Call {
    const at = this.waiting.findIndex((call) => call.method === method)
    const [call] = this.waiting.splice(at, at < 0 ? 0 : 1)
    if (!call) throw new Error(`${method} is not waiting: ${this.waiting.map((c) => c.method).join(', ')}`)
    return call
  }
  async emit(change: Events['changed']): Promise<void> {
    for (const listener of this.#listeners) listener(change)
    await settle()
  }
}
/** Lets promises and the timers of bursts and recounts run. */
const settle = () => vi.advanceTimersByTimeAsync(1000)

const detail = (movie: number, more: Partial<MovieDetail> = {}): MovieDetail => ({
  movie,
  key: `m${movie}`,
  title: `Movie ${movie}`,
  excerpt: '',
  split: 'train',
  buckets: ['bad'],
  score: 0.5,
  reviewed: false,
  skipped: false,
  flagged: false,
  labels: [],
  predicted: [],
  cells: [],
  plot: '',
  note: '',
  allCells: [],
  columns: [],
  history: [],
  suspects: null,
  impossible: [],
  disputes: [],
  blind: false,
  todo: false,
  answers: [],
  ...more,
})
const BUCKETS = { all: 4, good: 0, bad: 4, impossible: 0, left: 4, skipped: 0 }
const state = (newest: number): UndoState => ({
  undo: newest > 0 ? `batch ${newest}` : null,
  redo: null,
  corrections: 0,
  reviewed: newest,
  newest,
})
const changed = (newest: number, details: readonly MovieDetail[], bad = 3): ChangeResult => ({
  ...state(newest),
  batch: newest,
  description: '',
  changes: 1,
  movies: details.slice(0, 1).map((d) => d.movie),
  after: { rows: details.slice(0, 1).map(rowOf), details, buckets: { ...BUCKETS, all: bad, bad } },
})
const REFRESH: readonly Method[] = ['labels.state', 'review.rows', 'review.movie', 'review.first', 'review.query']

/** Review with movies 1 to 4 in its list and the first one selected. */
async function review(): Promise<{ api: ScriptedApi; stores: Stores; rows: (movie: number) => MovieRow | undefined }> {
  const api = new ScriptedApi()
  const host = { pathForFile: () => Promise.resolve(null), chooseSave: null, onMenu: () => () => undefined }
  const stores = new Stores({ api, host, closed: new Promise(() => undefined) })
  void stores.review.show()
  await api.reply('review.place', null)
  await api.reply('review.first', { movies: Int32Array.of(1, 2, 3, 4), buckets: BUCKETS, complete: true })
  await api.reply('review.movie', detail(1))
  await api.reply('review.movie', detail(2))
  api.calls.length = 0
  return { api, stores, rows: (movie) => stores.review.rows.get(movie) }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('location', { hash: '#review' })
  vi.stubGlobal('localStorage', { getItem: () => 'yes' })
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('only the latest request is current, until the next one begins', () => {
  const requests = new Latest()
  const [first, second] = [requests.begin(), requests.begin()]
  const joined = requests.current()
  expect([first(), second(), joined()]).toEqual([false, true, true])
  requests.begin()
  expect([second(), joined()]).toEqual([false, false])
})

test('cancelling a training that has run for more than a minute asks first; other jobs are cancelled at once', async () => {
  const { api, stores } = await review()
  const { jobs, notices } = stores
  const running = (job: number, kind: JobEvent['kind'], elapsedMs: number) => ({ job, kind, elapsedMs, state: 'running' }) as JobEvent
  jobs.list = [running(1, 'train', 59_000), running(2, 'retrain', 61_000), running(3, 'import', 90_000)]
  const cancelled = () => api.waiting.filter(({ method }) => method === 'jobs.cancel').map(({ args }) => args)
  void jobs.cancel(1)
  void jobs.cancel(3)
  expect(cancelled()).toEqual([{ job: 1 }, { job: 3 }])
  void jobs.cancel(2)
  expect([notices.question?.title, cancelled()]).toEqual([m.jobs.cancel.title, [{ job: 1 }, { job: 3 }]])
  void notices.question?.act('')
  expect(cancelled()).toEqual([{ job: 1 }, { job: 3 }, { job: 2 }])
  // a question is withdrawn when the training that it is about ends
  void jobs.cancel(2)
  const ends = (job: JobEvent) => api.reply('jobs.cancel', { ...job, state: 'cancelled' })
  await ends(running(1, 'train', 59_000))
  await ends(running(3, 'import', 90_000))
  expect(notices.question?.title).toBe(m.jobs.cancel.title)
  await ends(running(2, 'retrain', 62_000))
  expect(notices.question).toBeNull()
})

test('words are left out of a retraining of a linear run, and not of an ensemble, which reads what its members read', async () => {
  const { api, stores } = await review()
  const { training } = stores
  const asked = () => api.waiting.filter(({ method }) => method === 'train.start').map(({ args }) => args)
  const current = (config: object) => (training.runs = [{ id: 1, current: true, status: 'done', config } as RunInfo])
  current({ family: 'ensemble', runs: [2, 3] })
  void training.startWithout(['the'])
  expect([training.canLeaveOut, asked()]).toEqual([false, []])
  current({ family: 'linear', dropWords: ['of'] })
  void training.startWithout(['the', 'of'])
  expect([training.canLeaveOut, asked()]).toEqual([true, [{ config: { family: 'linear', dropWords: ['of', 'the'] }, retrain: true }]])
})

test('a file that was chosen for one project is not predicted by the model of the next', async () => {
  const { api, stores } = await review()
  const { filePredictions } = stores
  const movies = new File(['id,plot'], 'movies.csv')
  const asked = () => api.calls.filter((method) => method === 'predict.movies').length
  void filePredictions.run(movies)
  await vi.waitFor(() => expect(filePredictions.preparing && api.calls.includes('files.put')).toBe(true))
  await api.emit({ what: 'project' })
  await api.reply('files.put', { path: '/tmp/movies.csv' })
  expect([asked(), filePredictions.preparing]).toEqual([0, false])
  void filePredictions.run(movies)
  await vi.waitFor(() => expect(api.waiting.some(({ method }) => method === 'files.put')).toBe(true))
  await api.reply('files.put', { path: '/tmp/movies.csv' })
  expect(asked()).toBe(1)
})

test('an export is named after the project, its contents and the day', async () => {
  const asked: string[] = []
  const chooseSave = (name: string) => {
    asked.push(name)
    return Promise.resolve(null)
  }
  const host = { pathForFile: () => Promise.resolve(null), chooseSave, onMenu: () => () => undefined }
  const { exporting, project } = new Stores({ api: new ScriptedApi(), host, closed: new Promise(() => undefined) })
  project.info = { name: 'My movies: 2/3' } as ProjectInfo
  vi.setSystemTime(new Date(2026, 10, 30, 23, 30))
  for (const what of ['catalogue', 'changes', 'predictions'] as const) {
    exporting.what = what
    await exporting.run()
  }
  expect(asked).toEqual(['cleaned', 'change log', 'predictions'].map((name) => `My movies 23 ${name} 2026-11-30.csv`))
})

test('a page that arrives after a reload began is dropped', async () => {
  const pages: ((items: string[]) => void)[] = []
  const list = new Pages<string>(() => {
    const { promise, resolve } = Promise.withResolvers<{ items: string[]; total: number; last: null }>()
    pages.push((items) => resolve({ items, total: items.length, last: null }))
    return promise
  })
  const loads = [list.reload(), list.reload()]
  pages[1]!(['new'])
  pages[0]!(['old', 'old'])
  await Promise.all(loads)
  expect([list.items, list.total]).toEqual([['new'], 1])
})

test('the list of the latest filter is shown, even if the reply to an earlier one arrives last', async () => {
  const { api, stores } = await review()
  stores.review.setFilter({ bucket: 'good' })
  await settle()
  stores.review.setFilter({ bucket: 'all' })
  await settle()
  const [good, all] = api.waiting.splice(0)
  all!.resolve({ movies: Int32Array.of(3), buckets: BUCKETS, complete: true })
  await settle()
  good!.resolve({ movies: Int32Array.of(2), buckets: BUCKETS, complete: true })
  await settle()
  expect([...stores.review.ids]).toEqual([3])
})

test.each(['before', 'after'] as const)('the event of an own change that arrives %s the reply refreshes nothing', async (when) => {
  const { api, stores, rows } = await review()
  const done = stores.review.setMark('reviewed', true)
  await settle()
  expect(rows(1)?.reviewed).toBe(true)
  expect(api.waiting.map((c) => [c.method, c.args])).toMatchObject([['labels.apply', { filter: stores.review.filter, prefetch: [3] }]])
  if (when === 'before') await api.emit({ what: 'labels', batch: 1 })
  await api.reply('labels.apply', changed(1, [detail(1, { reviewed: true, score: 0.25 }), detail(3)]))
  if (when === 'after') await api.emit({ what: 'labels', batch: 1 })
  await done
  expect(api.calls).toEqual(['labels.apply'])
  expect([rows(1)?.score, stores.review.movie?.score, stores.review.buckets?.bad, stores.labels.batch]).toEqual([0.25, 0.25, 3, 1])
  // the next two movies are known already
  await stores.review.next()
  await stores.review.next()
  expect([stores.review.movie?.movie, api.calls]).toEqual([3, ['labels.apply', 'review.movie']])
})

test.each(['before', 'after'] as const)('the change of another client that arrives %s an own reply refreshes', async (when) => {
  const { api, stores } = await review()
  const done = stores.review.setMark('reviewed', true)
  await settle()
  if (when === 'before') await api.emit({ what: 'labels', batch: 1 })
  expect(api.calls).toEqual(['labels.apply'])
  await api.reply('labels.apply', changed(2, [detail(1, { reviewed: true }), detail(3)]))
  await done
  await api.emit({ what: 'labels', batch: 2 })
  if (when === 'after') await api.emit({ what: 'labels', batch: 3 })
  expect(api.calls).toEqual(['labels.apply', 'labels.state'])
  await api.reply('labels.state', state(3))
  await api.reply('review.rows', [rowOf(detail(1, { reviewed: true, score: 0.75 }))])
  expect(api.calls.every((method) => method === 'labels.apply' || REFRESH.includes(method))).toBe(true)
  await api.reply('review.movie', detail(1, { reviewed: true, score: 0.75 }))
  expect([stores.labels.batch, stores.review.movie?.score]).toEqual([3, 0.75])
})

test('movies that no longer match are counted and keep their places; a reload goes on with the next one that matches', async () => {
  const { api, stores } = await review()
  expect(stores.review.departed).toBe(0)
  const done = stores.review.setMark('reviewed', true)
  await settle()
  await api.reply('labels.apply', changed(1, [detail(1, { reviewed: true }), detail(3)]))
  await done
  expect([stores.review.departed, [...stores.review.ids], stores.review.selected]).toEqual([1, [1, 2, 3, 4], 1])
  void stores.review.reload()
  await settle()
  await api.reply('review.first', { movies: Int32Array.of(4, 2, 3), buckets: { ...BUCKETS, all: 3 }, complete: true })
  expect([stores.review.departed, [...stores.review.ids], stores.review.selected]).toEqual([0, [4, 2, 3], 2])
  // the counts of another filter say nothing about this list
  stores.review.setFilter({ bucket: 'good' })
  expect(stores.review.departed).toBe(0)
})

test('a new order moves only what is behind the movie at hand, and leaves that movie alone', async () => {
  const { api, stores, rows } = await review()
  await stores.review.next()
  await api.reply('review.movie', detail(3))
  const before = [stores.review.movie, stores.review.index]
  await api.emit({ what: 'order', moved: 12 })
  await api.reply('review.query', { movies: Int32Array.of(4, 2, 3, 1), buckets: BUCKETS })
  expect([...stores.review.ids]).toEqual([1, 2, 4, 3])
  expect(stores.review.reordered).toBe(12)
  expect([stores.review.movie, stores.review.index]).toEqual(before)
  await api.reply('review.rows', [rowOf(detail(1, { score: 0.1 }))])
  expect(rows(1)?.score).toBe(0.1)
})

test.each(['{"movie": 1', 'true', '{"movie": 1, "text": 5}'])('%s in the place of a note is ignored', async (stored) => {
  sessionStorage.setItem('reelabel-note', stored)
  const { stores } = await review()
  expect([stores.review.movie?.movie, stores.notices.list]).toEqual([1, []])
})

test('an event that never arrives hides no later change of another client', async () => {
  const { api, stores } = await review()
  const done = stores.review.setMark('reviewed', true)
  await settle()
  await api.reply('labels.apply', changed(1, [detail(1, { reviewed: true }), detail(3)]))
  await done
  await api.emit({ what: 'labels', batch: 2 })
  expect(api.calls).toEqual(['labels.apply', 'labels.state'])
})

test('the place in the list is remembered, and the next start goes on there', async () => {
  const { api, stores } = await review()
  stores.review.setFilter({ where: 'genre:War' })
  await settle()
  await api.reply('review.first', { movies: Int32Array.of(3, 4), buckets: BUCKETS, complete: true })
  void stores.review.next()
  await settle()
  await settle()
  const place = { filter: stores.review.filter, movie: 4, sweep: null }
  expect(api.remembered.at(-1)).toEqual(place)
  stores.review.reset()
  void stores.review.show()
  await api.reply('review.place', place)
  expect(api.waiting.find((c) => c.method === 'review.first')?.args).toEqual(place.filter)
  await api.reply('review.first', { movies: Int32Array.of(3, 4), buckets: BUCKETS, complete: true })
  expect([stores.review.filter, stores.review.selected]).toEqual([place.filter, 4])
})

test('a note is saved while it is typed; one that the engine did not save is saved after the next start', async () => {
  const { api, stores } = await review()
  stores.review.typeNote('on')
  stores.review.typeNote('one')
  await settle()
  expect(api.waiting.at(-1)?.args).toMatchObject({ changes: [{ field: 'note', movie: 1, to: 'one' }] })
  await api.refuse('labels.apply', new UserError('engine-stopped', 'Reelabel has stopped.'))
  // the same tab, before the next engine
  const next = await review()
  expect(next.api.waiting.find((c) => c.method === 'labels.apply')?.args).toMatchObject({
    changes: [{ field: 'note', movie: 1, to: 'one' }],
  })
  await next.api.reply('labels.apply', changed(1, [detail(1, { note: 'one' }), detail(3)]))
  expect((await review()).api.calls).toEqual([])
})

test('a saved decision removes the error of one that was not saved', async () => {
  const { api, stores } = await review()
  const errors = () => stores.notices.list.filter((n) => n.kind === 'error').map((n) => n.text)
  stores.labels.state = state(1)
  const undone = stores.labels.undo()
  await api.refuse('labels.undo', new UserError('disk-full', 'The disk is full.'))
  await undone
  expect(errors()).toEqual(['The disk is full.'])
  const done = stores.review.setMark('reviewed', true)
  await settle()
  await api.reply('labels.apply', changed(2, [detail(1, { reviewed: true }), detail(3)]))
  await done
  expect(errors()).toEqual([])
})

test('an additional event of an own change only costs a refresh', async () => {
  const own = new OwnBatches()
  await own.run(() => Promise.resolve({ changes: 1, newest: 1 }))
  expect([await own.takes(1), await own.takes(1)]).toEqual([true, false])
})

test('a change without effect and a change that failed have no event', async () => {
  const own = new OwnBatches()
  await own.run(() => Promise.resolve({ changes: 0, newest: 4 }))
  await own.run(() => Promise.resolve(undefined))
  expect(await own.takes(4)).toBe(false)
})

test('two changes of a movie in a row: the first reply does not undo what the second key shows', async () => {
  const { api, stores, rows } = await review()
  const done = [stores.review.note('one'), stores.review.setMark('reviewed', true)]
  await settle()
  await api.reply('labels.apply', changed(1, [detail(1, { note: 'one' }), detail(3)]))
  expect([rows(1)?.reviewed, stores.review.movie?.reviewed]).toEqual([true, true])
  await api.reply('labels.apply', changed(2, [detail(1, { note: 'one', reviewed: true })], 2))
  await Promise.all(done)
  expect([stores.review.movie?.note, stores.review.movie?.reviewed, stores.review.buckets?.bad]).toEqual(['one', true, 2])
  expect(api.calls).toEqual(['labels.apply', 'labels.apply'])
})

test('similar movies are those of the movie at hand, even if the reply for the last one arrives later', async () => {
  const { api, stores } = await review()
  const { similar } = stores.review
  await stores.review.next()
  expect(api.calls).not.toContain('suspects.movie')
  void similar.toggle(2)
  await stores.review.previous()
  await settle()
  const [second, first] = api.waiting.filter(({ method }) => method === 'suspects.movie')
  expect([second!.args, first!.args]).toEqual([{ movie: 2 }, { movie: 1 }])
  first!.resolve(null)
  await settle()
  second!.resolve({ neighbours: [] })
  await settle()
  expect(similar.found).toEqual({ movie: 1, neighbours: null })
  // another search: what it found is asked for again
  api.waiting.length = 0
  stores.review.invalidate(true)
  expect(similar.found).toBe(null)
  await api.reply('review.movie', detail(1))
  expect(api.waiting.map(({ method }) => method)).toContain('suspects.movie')
})

test('the way back leads through every place that was left, to the list and the movie in it', async () => {
  const { api, stores } = await review()
  const first = stores.review.filter
  void stores.review.visit(9)
  await api.reply('review.movie', detail(9))
  expect([[...stores.review.ids], stores.review.movie?.movie]).toEqual([[9, 1, 2, 3, 4], 9])
  stores.review.listTogether(['War', 'Science Fiction'])
  await settle()
  expect(api.waiting.find(({ method }) => method === 'review.first')?.args).toMatchObject({
    where: 'genre:War genre:"Science Fiction"',
    bucket: 'all',
  })
  await api.reply('review.first', { movies: Int32Array.of(3), buckets: BUCKETS, complete: true })
  void stores.review.back()
  await api.reply('review.first', { movies: Int32Array.of(1, 2, 3, 4), buckets: BUCKETS, complete: true })
  expect([stores.review.filter, stores.review.selected, [...stores.review.ids]]).toEqual([first, 9, [9, 1, 2, 3, 4]])
  void stores.review.back()
  await settle()
  expect([stores.review.selected, stores.review.trail]).toEqual([1, []])
})

test('the movie that the way back leads to is explained once', async () => {
  const { api, stores } = await review()
  const allCells = [{ genre: 1, name: 'Drama', label: true, probability: 0.5, kind: 'good', verdict: null } as Cell]
  void stores.review.visit(9)
  await api.reply('review.movie', detail(9, { allCells }))
  await api.reply('review.explain', {})
  stores.review.listTogether(['War', 'Science Fiction'])
  await settle()
  await api.reply('review.first', { movies: Int32Array.of(3), buckets: BUCKETS, complete: true })
  await api.reply('review.movie', detail(3))
  api.calls.length = 0
  void stores.review.back()
  await api.reply('review.first', { movies: Int32Array.of(1, 9), buckets: BUCKETS, complete: true })
  await api.reply('review.explain', {})
  expect([stores.review.movie?.movie, api.calls.filter((method) => method === 'review.explain').length]).toEqual([9, 1])
})

test('how many labels are wrong: the latest reply counts, and another project knows nothing yet', async () => {
  const { api, stores } = await review()
  const { wrong } = stores.overview
  void wrong.load()
  void wrong.load()
  const [early, late] = api.waiting.filter(({ method }) => method === 'suspects.health')
  late!.resolve({ expected: 2 })
  await settle()
  early!.resolve(null)
  await settle()
  expect(wrong.health).toEqual({ expected: 2 })
  stores.overview.reset()
  expect(wrong.health).toBe(undefined)
})

test('the changed plot of a movie is predicted with its title, beside the predictions for its own plot', async () => {
  const { api, stores } = await review()
  const { asking } = stores
  const prediction = (probability: number) => [
    {
      run: 1,
      name: '',
      family: 'linear',
      problem: null,
      genres: [{ id: 1, name: 'Horror', probability, threshold: 0.5, predicted: false }],
    },
  ]
  const shown = () => [asking.before, asking.predictions].map((runs) => runs?.[0]?.genres[0]?.probability)
  asking.edit({ title: 'The House', plot: ' A ghost in a house. ' })
  expect(api.waiting.at(-1)?.args).toEqual({ title: 'The House', plot: 'A ghost in a house.' })
  await api.reply('predict.text', prediction(0.9))
  expect(shown()).toEqual([undefined, 0.9])
  asking.type('A house in a valley.')
  await settle()
  expect(api.waiting.at(-1)?.args).toEqual({ title: 'The House', plot: 'A house in a valley.' })
  await api.reply('predict.text', prediction(0.2))
  expect(shown()).toEqual([0.9, 0.2])
  asking.type('')
  asking.type('A story of its own.')
  await settle()
  expect(api.waiting.at(-1)?.args).toEqual({ title: '', plot: 'A story of its own.' })
  await api.reply('predict.text', prediction(0.4))
  expect(shown()).toEqual([undefined, 0.4])
})

test('a refused change is read again, and its prefetch is fetched by itself', async () => {
  const { api, stores, rows } = await review()
  const done = stores.review.setMark('reviewed', true)
  await settle()
  await api.refuse('labels.apply', new UserError('read-only', 'The project file cannot be written.'))
  await api.reply('review.rows', [rowOf(detail(1))])
  await api.reply('review.movie', detail(3))
  await api.reply('review.movie', detail(1))
  await done
  expect([rows(1)?.reviewed, stores.review.movie?.reviewed, stores.notices.list.map((n) => n.text)]).toEqual([
    false,
    false,
    ['The project file cannot be written.'],
  ])
})

test('the reply to a change of another project shows nothing and reads nothing', async () => {
  const { api, stores } = await review()
  const done = stores.review.setMark('reviewed', true)
  await settle()
  await api.emit({ what: 'project' })
  await api.reply('labels.apply', changed(7, [detail(1, { reviewed: true }), detail(3)]))
  await done
  expect([stores.review.movie, stores.labels.batch, stores.notices.list]).toEqual([null, 0, []])
  expect(api.calls.filter((method) => method.startsWith('review.'))).toEqual([])
})

test('the columns that identify movies without a plot can be named, and are forgotten with the project', async () => {
  const { api, stores } = await review()
  const { services } = stores
  void services.show('', 'plot')
  await api.reply('services.list', { services: [{ name: 'tmdb', kind: 'tmdb' }], offline: false })
  await api.reply('review.names', { columns: [{ name: 'id_imdb' }, { name: 'Released' }], people: [] })
  expect(services.columns).toEqual(['id_imdb', 'Released'])
  const asked = () => (api.waiting.at(-1)?.args as ArgsIn<'services.plan'> | undefined)?.columns
  expect(asked()).toEqual({ imdb: null, tmdb: null, year: null })
  void services.change({ columns: { ...services.question.columns, imdb: 'id_imdb' } })
  await settle()
  expect(asked()).toEqual({ imdb: 'id_imdb', tmdb: null, year: null })
  services.reset()
  expect([services.columns, services.question.columns.imdb]).toEqual([[], null])
})
