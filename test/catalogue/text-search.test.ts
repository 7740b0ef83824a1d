import { expect, onTestFinished, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import type { Bits } from '../../src/main/catalogue/bits.ts'
import { matcherOf, type TextQuery } from '../../src/main/store/search/matcher.ts'
import { TextSearch } from '../../src/main/catalogue/text-search.ts'
import { FILTER } from '../../src/contract/review.ts'
import { ReviewIndex } from '../../src/main/catalogue/review-index.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { anywhere, scratch, tinyProject } from '../support/project.ts'

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
    const matches = matcherOf(anywhere(query))
    if (!matches) continue
    told++
    const found = Array.from(catalogue.ids, (id) => store.movies.sourceText(id)!).map((m) => matches(m.title, m.plot))
    expect([query, [...found.keys()].filter((i) => found[i])]).toEqual([query, rowsOf(search.now(anywhere(query)))])
  }
  expect(told).toBeGreaterThan(QUERIES.length * 0.8)
})

test.each(['', '!!!', 'हिन्दी', '中文', 'aᲐb', 'wolf हिन्दी'])('what the index may understand otherwise is left to it: %j', (query) =>
  expect(matcherOf(anywhere(query))).toBe(null),
)

test('the thread finds the same movies as a direct search, and is asked once', async () => {
  const { store, catalogue } = await manyPlots()
  const here = new TextSearch(store, catalogue)
  const there = new TextSearch(store, catalogue, 0)
  for (const query of ['wolf', 'caf', 'R2D2 wolf', 'nobody', 'हिन्दी']) {
    expect(there.now(anywhere(query))).toBe(undefined)
    const [first, second] = await Promise.all([there.rows(anywhere(query)), there.rows(anywhere(` ${query} `))])
    expect([query, rowsOf(first)]).toEqual([query, rowsOf(here.now(anywhere(query)))])
    expect(second).toBe(first)
    expect(there.now(anywhere(query))).toBe(first)
  }
  expect([there.now(anywhere(' ')), rowsOf(await there.rows(anywhere(' ')))]).toEqual([undefined, []])
})

test.each([20_000, 0])('finds a movie by its id and by its note, which may have changed (at once: up to %i movies)', async (atOnce) => {
  const { store, catalogue } = await workspace(['A wolf.', 'A ship.', 'A wolf ship.', 'A king.'])
  const search = new TextSearch(store, catalogue, atOnce)
  const find = async (query: string) => [rowsOf(await search.rows(anywhere(query))), rowsOf(await search.rows(anywhere(query)))]
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
  const test = search.test(anywhere('wolf'))!
  expect([0, 1, 2, 3].map(test)).toEqual([true, false, true, true])
  catalogue.notes.clear()
  expect(await find('wolf')).toEqual([
    [0, 2],
    [0, 2],
  ])
})

test('a failed search reports why', async () => {
  const { store, catalogue } = await manyPlots()
  const lost = Object.assign(Object.create(store) as typeof store, { path: '/nowhere/at/all.reel' })
  await expect(new TextSearch(lost, catalogue, 0).rows(anywhere('wolf'))).rejects.toThrow('There is no project at /nowhere/at/all.reel')
})

test.each<[text: string, part: TextQuery['part'], rows: number[]]>([
  ['a wolf', 'all', [0, 3]],
  ['wolf a', 'all', []],
  ['wolf ship', 'all', [2]],
  ['wol', 'all', []],
  ['WOLF', 'plot', [0, 2, 3, 4]],
  ['title m1', 'title', [1]],
  ['title m1', 'plot', []],
  ['m1', 'title', [1]],
  ['m1 the', 'all', []],
  ["king's café", 'plot', [3]],
  ['中文 字', 'plot', [1]],
  ['字 Two', 'all', []],
  ['हिन्दी wolf', 'plot', [4]],
  ['wolf हिन्दी', 'plot', []],
])('the exact words %j in %s', async (text, part, rows) => {
  const { store, catalogue } = await workspace([
    'A wolf.',
    'The 中文 字.',
    'Two wolf-ship words.',
    'Not a wolf, but a KING’S cafe.',
    'हिन्दी: wolf. ह न द',
  ])
  const query = { text, part, exact: true }
  for (const atOnce of [20_000, 0]) expect(rowsOf(await new TextSearch(store, catalogue, atOnce).rows(query))).toEqual(rows)
  const matches = matcherOf(query)
  if (matches) expect([...catalogue.ids.keys()].filter(new TextSearch(store, catalogue).test(query)!)).toEqual(rows)
})

test('the first movies of a list are known before all matches are, if they are found soon', async () => {
  const plots = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `A wolf ${i}.` : i === 2999 ? 'A rare king.' : `A ship ${i}.`))
  const { store, catalogue } = await workspace(plots)
  const index = runToEnd(ReviewIndex.loadInSteps(store, catalogue, null, null, { atOnce: 0 }))
  const first = async (where: string, descending = false): Promise<unknown> => {
    const { movies, buckets } = await index.first(FILTER.parse({ where, sort: 'title', descending }), 3)
    return [[...movies].map((movie) => movie - 1), buckets?.all ?? null]
  }
  expect(await first('wolf')).toEqual([[0, 3, 6], null])
  expect(await first('wolf', true)).toEqual([[2997, 2994, 2991], null])
  expect(await first('plot:wolf genre:Drama', true)).toEqual([[2997, 2994, 2991], null])
  expect(await first('ship -plot:wolf -title:m2')).toEqual([[1, 4, 5], null])
  // too far down, too few, or a search that cannot be matched movie by movie
  expect([await first('king'), await first('A OR हिन्दी')]).toEqual([
    [[2999], 1],
    [[0, 1, 2], 3000],
  ])
})
