import { expect, test } from 'vitest'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { Catalogue } from '../../../src/main/catalogue/catalogue.ts'
import { DEFAULT_RULE_SET } from '../../../src/main/data/clean/rule-set.ts'
import { splitMovies, type Splittable } from '../../../src/main/jobs/work/split.ts'
import { OF_THE_SOURCE } from '../../../src/main/store/columns.ts'
import { Store } from '../../../src/main/store/store.ts'
import { scratch, tinyProject } from '../../support/project.ts'

const draw = seededDraws(3)
const GENRES = ['Drama', 'Drama', 'Drama', 'Comedy', 'Comedy', 'War', 'Western']
/** 200 movies with a unique plot, 20 that repeat one, 40 with a placeholder, 40 without a plot. */
const LINES = Array.from({ length: 300 }, (_, i) => {
  const genres = [...new Set([GENRES[draw(7)]!, GENRES[draw(7)]!])].join(', ')
  const plot = i < 200 ? `Story number ${i} of many.` : i < 220 ? `STORY  number ${i % 10} of many.` : i < 260 ? 'Add a Plot' : ''
  return `m${i}: ${genres} || ${plot}`
})

async function withStore(work: (store: Store) => void | Promise<void>): Promise<void> {
  const store = new Store(await tinyProject(scratch(), LINES), 'open')
  await work(store)
  store.close()
}
/** Splits of all movies, in file order. */
const parts = (store: Store): number[] => [...store.columns.whole(OF_THE_SOURCE, 'split', 301)].slice(1)
const testShare = (list: readonly number[]): number => list.filter((p) => p === 2).length / list.length

test('kept movies are split 80/20, and every genre with them', () =>
  withStore((store) => {
    const c = new Catalogue(store)
    expect([c.n, c.rowsOf('test').length, c.rowsOf('valid').length]).toEqual([200, 40, 0])
    c.genres.forEach((g, j) => {
      const carriers = Array.from({ length: c.n }, (_, i) => i).filter((i) => c.source[i * c.k + j] === 1)
      const wanted = carriers.length * 0.2
      expect([g.name, Math.abs(carriers.filter((i) => c.splitOf(i) === 'test').length - wanted) < 1.5]).toEqual([g.name, true])
    })
  }))

test('a movie that repeats a plot is in the part of the first one', () =>
  withStore((store) => {
    const all = parts(store)
    expect(all).toHaveLength(300)
    for (let i = 200; i < 220; i++) expect(all[i]).toBe(all[i % 10])
  }))

test('movies without a real plot are spread over the parts: they are not duplicates', () =>
  withStore((store) => {
    const all = parts(store)
    for (const [from, to] of [
      [220, 260],
      [260, 300],
    ] as const)
      expect(testShare(all.slice(from, to))).toBeGreaterThan(0.05)
    expect(testShare(all.slice(220))).toBeCloseTo(0.2, 1)
  }))

/** Movies 1 to n of one genre, with exceptions for `out`, `duplicate` and `first`. */
function movies(n: number, odd: Partial<Record<'out' | 'duplicate' | 'first', Record<number, number>>> = {}): Splittable {
  const column = <T extends Uint8Array | Int32Array>(values: T, of: Record<number, number> = {}): T => {
    for (const [id, value] of Object.entries(of)) values[Number(id)] = value
    return values
  }
  const ids = Int32Array.from({ length: n + 1 }, (_, i) => i)
  return {
    out: column(new Uint8Array(n + 1).fill(255, 0, 1), odd.out),
    duplicate: column(new Int32Array(n + 1), odd.duplicate),
    first: column(ids.slice(), odd.first),
    genres: { end: ids, genres: new Uint16Array(n).fill(7) },
  }
}
const stepOf = (rule: string): number => DEFAULT_RULE_SET.findIndex((s) => s.rule === rule) + 1
/** Parts of movies 1 to n under several seeds. */
const split = (m: Splittable): string[] => [1, 2, 3, 4, 5, 6].map((seed) => [...splitMovies(m, DEFAULT_RULE_SET, seed)].slice(1).join(''))

test('the same seed gives the same parts, another seed others', () => {
  const [one, two] = [split(movies(50)), split(movies(50))]
  expect(one).toEqual(two)
  expect(new Set(one).size).toBeGreaterThan(3)
})
test('kept movies of one plot stay together', () => {
  for (const all of split(movies(10, { first: { 4: 2, 9: 2 } }))) expect([all[3], all[8]]).toEqual([all[1], all[1]])
})
test.each<[string, Parameters<typeof movies>[1]]>([
  ['the plot of the source', { out: { 6: stepOf('exact-duplicate') }, first: { 6: 2 } }],
  ['what cleaning found', { out: { 6: stepOf('near-duplicate') }, duplicate: { 6: 2 } }],
  [
    'what cleaning found to repeat one that is out as well',
    { out: { 6: stepOf('near-duplicate'), 5: stepOf('missing') }, duplicate: { 6: 5 }, first: { 5: 2 } },
  ],
])('a removed movie is in the part of the one it repeats, by %s', (_what, odd) => {
  for (const all of split(movies(10, odd))) expect(all[5]).toBe(all[1])
})
test('removed movies with the same plot stay together, except those with placeholder plots', () => {
  const out = (rule: string) => Object.fromEntries([6, 7, 8, 9, 10].map((id) => [id, stepOf(rule)]))
  const first = { 7: 6, 8: 6, 9: 6, 10: 6 }
  for (const all of split(movies(10, { out: out('language'), first }))) expect(new Set(all.slice(5)).size).toBe(1)
  for (const all of split(movies(10, { out: out('placeholder'), first }))) expect(new Set(all.slice(5)).size).toBe(2)
})
test('ids without a movie have no influence', () =>
  expect(splitMovies(movies(3, { out: { 2: 255 } }), DEFAULT_RULE_SET, 1)).toHaveLength(4))
