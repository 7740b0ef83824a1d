import { expect, onTestFinished, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Bits } from '../../src/main/catalogue/bits.ts'
import { matcherOf, TextSearch } from '../../src/main/catalogue/text-search.ts'
import type { Order } from '../../src/main/catalogue/order.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { scratch, tinyProject } from '../support/project.ts'

const WORDS = [
  'wolf',
  'Wolves',
  'CAFÉ',
  'cafe',
  'naïve',
  'Ωmega',
  'ель',
  'R2D2',
  '2001',
  'l’été',
  'Zürich',
  'x-ray',
  "king's",
  'ﬁne',
  'straße',
  'İzmir',
]

async function workspace(plots: readonly string[]): Promise<Workspace> {
  const made = new Workspace(
    await tinyProject(
      scratch(),
      plots.map((plot, i) => `m${i}: Drama || ${plot}`),
    ),
  )
  onTestFinished(() => made.close())
  return made
}
async function manyPlots(): Promise<Workspace> {
  const draw = seededDraws(4)
  return workspace(
    Array.from(
      { length: 80 },
      (_, i) => `${Array.from({ length: 4 }, () => WORDS[draw(WORDS.length)]!).join([' ', ', ', '-', ' — '][i % 4])} ${i}.`,
    ),
  )
}
const rowsOf = (bits: Bits | null | undefined): number[] =>
  bits ? Array.from({ length: bits.length }, (_, i) => i).filter((i) => bits.has(i)) : []

/** Words, pairs and prefixes. */
const QUERIES = [
  ...WORDS,
  ...WORDS.map((w) => w.slice(0, 2)),
  ...WORDS.slice(1).map((w, i) => `${w} ${WORDS[i]!}`),
  'caf',
  'cafe\u0301',
  'tit m1',
  '7',
  'nobody',
]

test('matching a single movie agrees with the index', async () => {
  const { store, catalogue } = await manyPlots()
  const search = new TextSearch(store, catalogue)
  let told = 0
  for (const query of QUERIES) {
    const matches = matcherOf(query)
    if (!matches) continue
    told++
    const found = Array.from(catalogue.ids, (id) => store.movies.sourceText(id)!).map((m) => matches(m.title, m.plot))
    expect([query, [...found.keys()].filter((i) => found[i])]).toEqual([query, rowsOf(search.now(query))])
  }
  expect(told).toBeGreaterThan(QUERIES.length * 0.8)
})

test.each(['', '!!!', 'हिन्दी', '中文', 'aᲐb', 'wolf हिन्दी'])('what the index may understand otherwise is left to it: %j', (query) =>
  expect(matcherOf(query)).toBe(null),
)

test('the thread finds the same movies as a direct search, and is asked once', async () => {
  const { store, catalogue } = await manyPlots()
  const here = new TextSearch(store, catalogue)
  const there = new TextSearch(store, catalogue, 0)
  for (const query of ['wolf', 'caf', 'R2D2 wolf', 'nobody', 'हिन्दी']) {
    expect(there.now(query)).toBe(undefined)
    const [first, second] = await Promise.all([there.rows(query), there.rows(` ${query} `)])
    expect([query, rowsOf(first)]).toEqual([query, rowsOf(here.now(query))])
    expect(second).toBe(first)
    expect(there.now(query)).toBe(first)
  }
  expect([there.now(' '), await there.rows('')]).toEqual([null, null])
})

test.each([20_000, 0])('finds a movie by its id and by its note, which may have changed (at once: up to %i movies)', async (atOnce) => {
  const { store, catalogue } = await workspace(['A wolf.', 'A ship.', 'A wolf ship.', 'A king.'])
  const search = new TextSearch(store, catalogue, atOnce)
  const find = async (query: string) => [rowsOf(await search.rows(query)), rowsOf(await search.rows(query))]
  expect(await find('wolf')).toEqual([
    [0, 2],
    [0, 2],
  ])
  catalogue.notes.set(catalogue.ids[3]!, 'No WOLF, is it?')
  catalogue.notes.set(catalogue.ids[1]!, '狼')
  expect(await find('wolf')).toEqual([
    [0, 2, 3],
    [0, 2, 3],
  ])
  expect(await find('wolf is')).toEqual([[3], [3]])
  expect([await find('狼'), await find('m2'), await find('m9')]).toEqual([
    [[1], [1]],
    [[2], [2]],
    [[], []],
  ])
  expect([...search.first('wolf', { rows: null, ranked: 4 }, Bits.all(4), false, 3)!]).toEqual([0, 2, 3])
  catalogue.notes.clear()
  expect(await find('wolf')).toEqual([
    [0, 2],
    [0, 2],
  ])
})

test('a failed search reports why', async () => {
  const { store, catalogue } = await manyPlots()
  const lost = Object.assign(Object.create(store) as typeof store, { path: '/nowhere/at/all.reel' })
  await expect(new TextSearch(lost, catalogue, 0).rows('wolf')).rejects.toThrow('There is no project at /nowhere/at/all.reel')
})

test('returns the first matches of an order before all are known', async () => {
  const { store, catalogue } = await workspace(
    Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `A wolf ${i}.` : i === 2999 ? 'A rare king.' : `A ship ${i}.`)),
  )
  const search = new TextSearch(store, catalogue, 0)
  const everything: Order = { rows: null, ranked: catalogue.n }
  const backwards = { rows: Int32Array.from({ length: 3000 }, (_, i) => 2999 - i), ranked: 3000 }
  const odd = new Bits(3000)
  for (let i = 1; i < 3000; i += 2) odd.set(i, true)
  const first = (query: string, order = everything, bits = Bits.all(3000), descending = false): number[] | null => {
    const found = search.first(query, order, bits, descending, 3)
    return found && [...found]
  }
  expect(first('wolf')).toEqual([0, 3, 6])
  expect(first('wolf', everything, odd)).toEqual([3, 9, 15])
  expect(first('wolf', everything, Bits.all(3000), true)).toEqual([2997, 2994, 2991])
  expect(first('wolf', backwards)).toEqual([2997, 2994, 2991])
  // too far down, too few, or a search that cannot be matched movie by movie
  expect([first('king'), first('wolf 2997'), first('हिन्दी')]).toEqual([null, null, null])
})
