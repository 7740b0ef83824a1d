import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { packLabels, unpackLabels } from '../../src/main/store/columns.ts'
import { eachPlot } from '../../src/main/store/reader.ts'
import { Store } from '../../src/main/store/store.ts'
import { anywhere, scratch, tinyProject } from '../support/project.ts'

test.each([[[[]]], [[[1]]], [[[3, 1, 2], [], [7]]], [[[], [256, 65535], [], [1]]]])('labels %j survive packing', (movies) => {
  const chunk = { counts: Uint8Array.from(movies, (m) => m.length), genres: Uint16Array.from(movies.flat()) }
  const bytes = packLabels(chunk)
  expect(unpackLabels(bytes)).toEqual(chunk)
  // a blob of SQLite may start at any offset of its buffer
  const shifted = Buffer.alloc(bytes.length + 1)
  shifted.set(bytes, 1)
  const { counts, genres } = unpackLabels(shifted.subarray(1))
  expect([[...counts], [...genres]]).toEqual([[...chunk.counts], [...chunk.genres]])
})

test('packed labels are little endian: slots, counts, genres', () =>
  expect([...packLabels({ counts: Uint8Array.of(0, 2, 1), genres: Uint16Array.of(1, 258, 3) })]).toEqual([
    3, 0, 0, 0, 0, 2, 1, 0, 1, 0, 2, 1, 3, 0,
  ]))

const NEW_RUN = { name: 'r', createdAt: 'now', config: LINEAR_DEFAULTS, parent: null, genres: [1, 2], corrections: 0, lastBatch: 0 }
const withStore = async (work: (store: Store) => void): Promise<void> => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama', 'b: Comedy']), 'open')
  work(store)
  store.close()
}

const row = (...values: number[]): Float32Array => Float32Array.from(values)

test('predictions are restored as they were stored, chunk by chunk', () =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    store.runs.addPredictions(run, Int32Array.of(2), row(0.1, 0.2), row(0.5, 0.6))
    store.runs.addPredictions(run, Int32Array.of(), row(), row())
    store.runs.addPredictions(run, Int32Array.of(1), row(0.3, 0.4), row(0.7, 0.8))
    const first = { movies: Int32Array.of(2), probabilities: row(0.1, 0.2) }
    const second = { movies: Int32Array.of(1), probabilities: row(0.3, 0.4) }
    expect([...store.runs.probabilities(run)]).toEqual([first, second])
    expect([...store.runs.predictions(run)]).toEqual([
      { ...first, evidence: row(0.5, 0.6) },
      { ...second, evidence: row(0.7, 0.8) },
    ])
  }))

test.each<[what: string, movies: number[], probabilities: number, evidence: number, says: RegExp]>([
  ['too few probabilities', [1, 2], 3, 4, /expected 4 probabilities of 2 movies, got 3 and 4/],
  ['too much evidence', [1], 2, 3, /expected 2 .*, got 2 and 3/],
  ['a movie that is not there', [1, 3], 4, 4, /no movie 3/],
])('predictions with %s are refused', (_, movies, probabilities, evidence, says) =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    const add = (): void =>
      store.runs.addPredictions(run, Int32Array.from(movies), new Float32Array(probabilities), new Float32Array(evidence))
    expect(add).toThrow(says)
    expect([...store.runs.predictions(run)]).toEqual([])
  }),
)

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
    expect(store.runs.model(kept)).toEqual({ bytes: Buffer.from([7]) })
  }),
)

test('a model may be stored beside the project, and a run keeps the log of its training', () =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    store.runs.addModel(run, new Uint8Array(), 5, 'ab12')
    expect([store.runs.model(run), store.runs.get(run)!.features]).toEqual([{ folder: 'ab12' }, 5])
    expect(store.runs.log(run)).toBeNull()
    const log = { epochs: [], device: 'CPU, 2 threads', notes: ['halved'] }
    store.runs.setLog(run, log)
    expect(store.runs.log(run)).toEqual(log)
    store.runs.abandon(run, 'interrupted', 'why')
    store.runs.reopen(run)
    expect(store.runs.get(run)).toMatchObject({ status: 'running', error: null })
  }))

test('a finished run keeps its recipe, thresholds and figures', () =>
  withStore((store) => {
    const run = store.runs.start(NEW_RUN)
    const summary = { part: 'test', microF1: 0.5, macroF1: 0.4, jaccard: 0.3 } as const
    store.runs.finish(run, { elapsedMs: 12, thresholds: [0.25, 0.5], scales: [], summary })
    expect(store.runs.get(run)).toMatchObject({ ...NEW_RUN, status: 'done', elapsedMs: 12, thresholds: [0.25, 0.5], summary })
    expect(store.runs.get(run + 1)).toBe(null)
  }))

test('the compute process reads plots in the requested order, and cannot write', async () => {
  const path = await tinyProject(scratch(), ['a: Drama || First.', 'b: Comedy || Second.'])
  expect([...eachPlot(path, Int32Array.of(2, 1))]).toEqual(['Second.', 'First.'])
  expect(() => [...eachPlot(join(path, '..', 'none.reel'), Int32Array.of(1))]).toThrow('There is no project')
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
  expect([...store.movies.search(anywhere(text))].map((id) => store.movies.text(id)!.key).join(' ')).toBe(keys)
  store.close()
})

/** Kept movies in the order of the column of titles. */
function byTitle(store: Store): number[] {
  const ranks = store.columns.whole(0, 'title', store.movies.lastId() + 1)
  const out = store.columns.whole(store.cleanings.generation(), 'out', ranks.length)
  const kept = [...out.keys()].filter((movie) => out[movie] === 0)
  return kept.sort((a, b) => ranks[a]! - ranks[b]!)
}

test('titles in order: case and accents aside, numbers by their value, equal ones in file order', async () => {
  const ids = ['z', 'É10', 'e2', 'E\u030110', 'A', 'ångström', 'b']
  const store = new Store(await tinyProject(scratch(), [...ids.map((id) => `${id}: Drama`), 'out:']), 'open')
  expect(byTitle(store).map((id) => store.movies.text(id)!.key)).toEqual(['A', 'ångström', 'b', 'e2', 'É10', 'E\u030110', 'z'])
  store.close()
})
