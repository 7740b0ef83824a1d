import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { packGenres, unpackGenres } from '../../src/main/store/movies.ts'
import { readPlots } from '../../src/main/store/reader.ts'
import { Store } from '../../src/main/store/store.ts'
import { scratch, tinyProject } from '../support/project.ts'

test.each([[[]], [[1]], [[3, 1, 2]], [[256, 65535, 1]]])('genres %j survive packing', (ids) => {
  const bytes = packGenres(ids)
  expect([...unpackGenres(bytes)]).toEqual(ids)
  // a blob of SQLite may start anywhere in its buffer
  const shifted = new Uint8Array(bytes.length + 1)
  shifted.set(bytes, 1)
  expect([...unpackGenres(shifted.subarray(1))]).toEqual(ids)
})

test('packed genres are uint16, little endian', () => expect([...packGenres([1, 258])]).toEqual([1, 0, 2, 1]))

const NEW_RUN = { name: 'r', createdAt: 'now', config: LINEAR_DEFAULTS, parent: null, genres: [1, 2], corrections: 0, lastBatch: 0 }
const withStore = async (work: (store: Store) => void): Promise<void> => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama', 'b: Comedy']), 'open')
  work(store)
  store.close()
}

test('predictions come back as they went in, row by row', () =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    store.runs.addPredictions(run, Int32Array.of(2, 1), Float32Array.of(0.1, 0.2, 0.3, 0.4), Float32Array.of(0.5, 0.6, 0.7, 0.8))
    const plain = [...store.runs.predictions(run)].map((r) => [r.movie, ...r.probabilities, ...r.evidence])
    expect(plain).toEqual([
      [1, 0.3, 0.4, 0.7, 0.8].map((x, i) => (i === 0 ? x : Math.fround(x))),
      [2, 0.1, 0.2, 0.5, 0.6].map((x, i) => (i === 0 ? x : Math.fround(x))),
    ])
  }))

test.each(['cancelled', 'failed', 'interrupted'] as const)('a run that is %s leaves no predictions and no model', (status) =>
  withStore((store) => {
    const [kept, lost] = [store.runs.start(NEW_RUN), store.runs.start(NEW_RUN)]
    for (const run of [kept, lost]) {
      store.runs.addPredictions(run, Int32Array.of(1), Float32Array.of(0.1, 0.2), Float32Array.of(0.1, 0.2))
      store.runs.addModel(run, new Uint8Array([7]), 5)
    }
    store.runs.abandon(lost, status, 'why')
    expect([...store.runs.predictions(lost)]).toEqual([])
    expect(store.runs.model(lost)).toBe(null)
    expect(store.runs.get(lost)).toMatchObject({ status, error: 'why' })
    expect([...store.runs.predictions(kept)]).toHaveLength(1)
    expect(store.runs.model(kept)).toEqual(Buffer.from([7]))
  }),
)

test('a finished run keeps its recipe, thresholds and figures', () =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    const summary = { part: 'test', microF1: 0.5, macroF1: 0.4, jaccard: 0.3 } as const
    store.runs.finish(run, { elapsedMs: 12, thresholds: [0.25, 0.5], scales: [], summary })
    expect(store.runs.get(run)).toMatchObject({ ...NEW_RUN, status: 'done', elapsedMs: 12, thresholds: [0.25, 0.5], summary })
    expect(store.runs.get(run + 1)).toBe(null)
  }))

test('the compute process reads plots in the order asked for, and cannot write', async () => {
  const path = await tinyProject(scratch(), ['a: Drama || First.', 'b: Comedy || Second.'])
  expect(readPlots(path, Int32Array.of(2, 1))).toEqual(['Second.', 'First.'])
  expect(() => readPlots(join(path, '..', 'none.reel'), Int32Array.of(1))).toThrow('There is no project')
})

test.each([
  ['first', 'a'],
  ['FIRST', 'a'],
  ['fir', 'a'],
  ['fir story', ''], // only the last word may be a beginning
  ['story fir', 'a'],
  ['story', 'a b'],
  ['cafe', 'b'], // accents aside
  ['sto\u0308ry', 'a b'], // an accent typed as a mark of its own
  ['हिन्दी', 'c'], // vowel signs are part of a word
  ['title', 'a b c'],
  ['"story" AND (x:', ''],
  ['" OR "', 'c'], // a word like any other
  ['story*', 'a b'],
  ['!!!', ''],
  ['nothing aᲐb', 'c'], // a letter that the index does not know
])('searching %j finds "%s"', async (text, keys) => {
  const store = new Store(
    await tinyProject(scratch(), [
      'a: Drama || The first story.',
      'b: War || A story of a café: ह न द.',
      'c: War || Nothing here or there, aᲐb, हिन्दी.',
    ]),
    'open',
  )
  expect([...store.movies.search(text)].map((id) => store.movies.text(id)!.key).join(' ')).toBe(keys)
  store.close()
})

test('titles in order: case and accents aside, numbers by their value, equal ones in file order', async () => {
  const ids = ['z', 'É10', 'e2', 'E\u030110', 'A', 'ångström', 'b']
  const store = new Store(await tinyProject(scratch(), [...ids.map((id) => `${id}: Drama`), 'out:']), 'open')
  expect(Array.from(store.movies.byTitle(), (id) => store.movies.text(id)!.key)).toEqual([
    'A',
    'ångström',
    'b',
    'e2',
    'É10',
    'E\u030110',
    'z',
  ])
  store.close()
})
