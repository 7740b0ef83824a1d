import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CleaningReport } from '../../src/contract/cleaning.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import type { CleanedColumns } from '../../src/contract/jobs.ts'
import { CHUNK_MOVIES, chunkOf, NO_MOVIE, slotOf } from '../../src/main/store/columns.ts'
import { Store } from '../../src/main/store/store.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { scratch, tinyProject } from '../support/project.ts'

const REPORT: CleaningReport = { movies: 0, kept: 0, steps: [] }
const take = (steps: Generator<void>): number => [...steps].length

interface CleanedMovie {
  readonly movie: number
  readonly out: number
  readonly plot: string | null
  readonly length: number
  readonly duplicate: number
  readonly genres: readonly number[]
}
const cleaned = (movie: number, part: Partial<CleanedMovie> = {}): CleanedMovie => ({
  movie,
  out: 0,
  plot: null,
  length: movie % 100,
  duplicate: 0,
  genres: [],
  ...part,
})
function columnsOf(chunk: number, movies: readonly CleanedMovie[]): CleanedColumns {
  const slots = slotOf(movies.at(-1)!.movie) + 1
  const column = <T extends Uint8Array | Int32Array>(values: T, of: (m: CleanedMovie) => number): T => {
    for (const m of movies) values[slotOf(m.movie)] = of(m)
    return values
  }
  return {
    chunk,
    out: column(new Uint8Array(slots).fill(NO_MOVIE), (m) => m.out),
    length: column(new Int32Array(slots), (m) => m.length),
    duplicate: column(new Int32Array(slots), (m) => m.duplicate),
    counts: column(new Uint8Array(slots), (m) => m.genres.length),
    genres: Uint16Array.from(movies.flatMap((m) => m.genres)),
  }
}
function write(store: Store, movies: readonly CleanedMovie[]): number {
  const generation = store.cleanings.begin([{ rule: 'missing', on: true, params: {} }])
  for (const [chunk, of] of Map.groupBy(movies, (m) => chunkOf(m.movie))) store.cleanings.addColumns(generation, columnsOf(chunk, of))
  store.cleanings.addPlots(generation, movies.flatMap(({ movie, plot }) => (plot === null ? [] : [{ movie, plot }]))) // prettier-ignore
  return generation
}

test('cleaned movies of any ids are restored from their chunks', () => {
  const draw = seededDraws(5)
  const ids = [1, 2, 5, CHUNK_MOVIES - 1, CHUNK_MOVIES, 3 * CHUNK_MOVIES + 7, 3 * CHUNK_MOVIES + 9]
  const movies = ids.map((id) =>
    cleaned(id, { out: draw(3), duplicate: draw(9), genres: Array.from({ length: draw(4) }, () => draw(60_000)) }),
  )
  const store = new Store(join(scratch(), 'new.reel'), 'create')
  const generation = write(store, movies)
  const size = 4 * CHUNK_MOVIES
  const out = store.columns.whole(generation, 'out', size)
  const length = store.columns.whole(generation, 'length', size)
  const duplicate = store.columns.whole(generation, 'duplicate', size)
  const found = [...out.keys()].filter((id) => out[id] !== NO_MOVIE)
  expect(store.columns.chunks(generation, 'out')).toEqual([0, 1, 3])
  expect(found).toEqual(ids)
  expect(found.map((id) => [out[id], length[id], duplicate[id]])).toEqual(movies.map((m) => [m.out, m.length, m.duplicate]))
  const labels = store.columns.chunks(generation, 'labels').flatMap((chunk) => {
    const { counts, genres } = store.columns.labels(generation, chunk)!
    let at = 0
    return Array.from(counts, (count) => [...genres.subarray(at, (at += count))])
  })
  expect(labels.filter((l) => l.length > 0)).toEqual(movies.map((m) => m.genres).filter((g) => g.length > 0))
  // a column that is shorter than asked for, and one that is longer
  expect([store.columns.value(generation, 'length', 5), store.columns.value(generation, 'length', size * 9)]).toEqual([5, null])
  expect([...store.columns.whole(generation, 'length', 3)]).toEqual([0, 1, 2])
  store.close()
})

test('a generation is in force when it is finished, and the previous one can then be dropped', async () => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama || First plot.', 'b: War || Second plot.']), 'open')
  const plots = (): string[] => [1, 2].map((movie) => store.movies.text(movie)!.plot)
  const before = store.cleanings.generation()
  const next = write(store, [cleaned(1, { plot: 'Changed.', length: 8, genres: [1] }), cleaned(2, { out: 1 })])
  expect([store.cleanings.generation(), plots(), store.cleanings.others()]).toEqual([before, ['First plot.', 'Second plot.'], [next]])
  store.cleanings.finish(next, REPORT, { 1: [1], 2: [] })
  expect(store.cleanings.current()).toMatchObject({ id: next, report: REPORT, genreTargets: { 1: [1], 2: [] } })
  expect([plots(), store.cleanings.plot(1), store.cleanings.plot(2)]).toEqual([['Changed.', 'Second plot.'], 'Changed.', null])
  expect([...store.movies.sources()].map((m) => m.plot)).toEqual(['First plot.', 'Second plot.'])
  expect(store.cleanings.others()).toEqual([before])
  expect(take(store.cleanings.dropOthers())).toBeGreaterThan(1)
  expect([store.cleanings.others(), store.columns.chunks(before, 'out'), plots()[0]]).toEqual([[], [], 'Changed.'])
  expect(() => take(store.cleanings.drop(next))).toThrow('the current cleaning')
  store.close()
})

test('thousands of cleaned plots are dropped in steps', async () => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama']), 'open')
  const before = store.cleanings.generation()
  const lost = write(
    store,
    Array.from({ length: 5000 }, (_, i) => cleaned(i + 1, { plot: `plot ${i}` })),
  )
  // three steps of plots, one for each of the four columns
  expect(take(store.cleanings.drop(lost))).toBe(7)
  expect([store.cleanings.others(), store.cleanings.generation()]).toEqual([[], before])
  store.close()
})

test.each<[string, boolean, number[]]>([
  ['a program that is gone', true, []],
  ['a program that has the project open', false, [2]],
])('a generation left unfinished by %s', async (_, alone, left) => {
  const path = await tinyProject(scratch(), ['a: Drama', 'b: War'])
  const store = new Store(path, 'open')
  expect(write(store, [cleaned(1), cleaned(2, { out: 1 })])).toBe(2)
  store.close()
  const workspace = new Workspace(path, { alone })
  expect([workspace.catalogue.n, workspace.store.cleanings.others()]).toEqual([2, left])
  workspace.close()
})

test('the import log and rejected records are read in pages', async () => {
  const store = new Store(await tinyProject(scratch(), ['a: Drama', 'b: War']), 'open')
  const [file] = store.sources.files()
  const why = 'too many cells'
  for (let line = 2; line < 7; line++) {
    store.importLog.add({ file: file!.id, line, lines: 1, what: 'rejected', why, before: `raw ${line}`, after: '' })
    store.sources.add({ file: file!.id, number: line, line, movie: null, raw: `raw ${line}`, rejected: why })
  }
  const lines = (rows: readonly { line: number }[]): number[] => rows.map((r) => r.line)
  const decided = store.importLog.page(0, 3)
  expect([store.importLog.count(), lines(decided), lines(store.importLog.page(decided[2]!.id, 3))]).toEqual([5, [2, 3, 4], [5, 6]])
  expect(decided[0]).toMatchObject({ file: 'tiny.csv', line: 2, lines: 1, what: 'rejected', why, before: 'raw 2', after: '' })
  const rejected = store.sources.rejected(0, 3)
  expect([store.sources.rejectedCount(), lines(rejected), lines(store.sources.rejected(rejected[2]!.record, 3))]).toEqual([
    5,
    [2, 3, 4],
    [5, 6],
  ])
  expect(rejected[0]).toMatchObject({ file: 'tiny.csv', line: 2, why, raw: 'raw 2' })
  store.close()
})
