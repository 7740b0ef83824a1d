import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { cleanProject } from '../../src/main/jobs/clean.ts'
import { ALL_RULES_ON } from '../../src/main/data/clean/rules.ts'
import { makeSplit } from '../../src/main/jobs/split.ts'
import { Catalogue } from '../../src/main/catalogue/catalogue.ts'
import { Store } from '../../src/main/store/store.ts'
import { scratch, tinyProject } from '../support/project.ts'

const draw = seededDraws(3)
const GENRES = ['Drama', 'Drama', 'Drama', 'Comedy', 'Comedy', 'War', 'Western']
/** 200 movies with a plot of their own, 20 that repeat one, 40 with a placeholder, 40 without a plot. */
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
/** Parts of all movies, cleaning set aside. */
async function parts(store: Store): Promise<number[]> {
  const switches = { ...ALL_RULES_ON, 'exact-duplicate': false, missing: false, placeholder: false }
  await cleanProject(store, switches, { signal: new AbortController().signal })
  return Array.from(new Catalogue(store).split)
}
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
  withStore(async (store) => {
    const all = await parts(store)
    expect(all).toHaveLength(300)
    for (let i = 200; i < 220; i++) expect(all[i]).toBe(all[i % 10])
  }))

test('movies without a real plot are spread over the parts: they are no duplicates', () =>
  withStore(async (store) => {
    const all = await parts(store)
    for (const [from, to] of [
      [220, 260],
      [260, 300],
    ] as const)
      expect(testShare(all.slice(from, to))).toBeGreaterThan(0.05)
    expect(testShare(all.slice(220))).toBeCloseTo(0.2, 1)
  }))

test('the same seed gives the same parts, another one others', () =>
  withStore((store) => {
    const of = (seed: number): string => {
      makeSplit(store, seed)
      return Array.from(new Catalogue(store).split).join('')
    }
    expect([of(1) === of(1), of(1) === of(2)]).toEqual([true, false])
  }))
