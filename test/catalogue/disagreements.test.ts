import { expect, test } from 'vitest'
import type { MovieRow } from '../../src/contract/records.ts'
import { answers, Bench } from '../support/project.ts'

const GENRES = ['Comedy', 'Drama', 'War']
const SPLITS = ['train', 'train', 'test'] as const
/** Two runs of different opinions; the first has not seen the copy, which cleaning had removed then. */
async function twoRuns(): Promise<Bench> {
  const lines = Array.from({ length: 30 }, (_, i) => `m${i}: ${GENRES[i % 3]} | ${SPLITS[Math.floor(i / 3) % 3]}`)
  const b = await Bench.open([...lines, 'copy: War | test | The plot of m0 is told here at some length.'])
  for (const seed of [31, 47]) {
    b.compute.script = answers((_, row, column) => (((row + 1) * seed + column * 17) % 23) / 23)
    await b.train()
    if (seed === 31) await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  }
  // a fresh training that is worse does not become current
  await b.call('runs.restore', { run: 2 })
  return b
}
const rows = async (b: Bench, where = ''): Promise<readonly MovieRow[]> => {
  const { movies } = await b.call('review.query', { where, sort: 'file' })
  return b.call('review.rows', { movies: [...movies] })
}
const keys = async (b: Bench, where: string): Promise<string[]> => (await rows(b, where)).map(({ key }) => key)

test('a filter selects the movies for which two runs differ, in any genre or in one, and a comparison counts them', async () => {
  const b = await twoRuns()
  const second = await rows(b)
  await b.call('runs.restore', { run: 1 })
  const first = await rows(b)
  const isSeen = (row: MovieRow): boolean => row.score !== null
  const differ = (at: number, genre?: string): boolean => {
    const [a, z] = [first[at]!, second[at]!]
    return isSeen(a) && isSeen(z) && GENRES.some((g) => (!genre || g === genre) && a.predicted.includes(g) !== z.predicted.includes(g))
  }
  const expected = (genre?: string): string[] => first.filter((_, at) => differ(at, genre)).map(({ key }) => key)
  expect(first.filter((row) => !isSeen(row)).map(({ key }) => key)).toEqual(['copy'])
  expect(expected().length).toBeGreaterThan(expected('War').length)
  expect(expected('War').length).toBeGreaterThan(0)
  for (const where of ['run:1..2', 'run:2..1', 'run:2']) expect([where, await keys(b, where)]).toEqual([where, expected()])
  expect(await keys(b, 'run(war):2')).toEqual(expected('War'))
  expect(await keys(b, '-run:1..2')).toEqual(first.map(({ key }) => key).filter((key) => !expected().includes(key)))
  await b.call('runs.restore', { run: 2 })
  expect(await keys(b, 'run:1')).toEqual(expected())
  const compared = await b.call('runs.compare', { a: 1, b: 2, resamples: 100 })
  expect(compared.differing).toBe((await keys(b, `run:1..2 split:${compared.part}`)).length)
  for (const { genre, differing } of compared.perGenre)
    expect([genre, differing]).toEqual([genre, (await keys(b, `run(${genre}):1..2 split:${compared.part}`)).length])
})

test('other thresholds and other labels are followed, and runs that cannot be compared are refused at their place', async () => {
  const b = await twoRuns()
  const before = await keys(b, 'run:1')
  await b.call('thresholds.set', { thresholds: [0, 0, 0], origin: 'set by hand' })
  const all = await keys(b, 'run:1')
  expect(all.length).toBeGreaterThan(before.length)
  await b.apply([await b.change((await rows(b))[0]!.movie, '+War')])
  expect(await keys(b, 'run:1')).toEqual(all)
  const problem = (where: string): Promise<unknown> =>
    keys(b, where).then(
      () => 'none',
      (e: unknown) => (e instanceof Error ? e.message : e),
    )
  expect(await problem('run:2')).toBe('The filter is wrong at character 5 (2): that is run 2 twice: name another run')
  expect(await problem('run:1..7')).toBe('The filter is wrong at character 5 (1..7): there is no run 7: see the list of runs')
  const untrained = await Bench.open(['a: War', 'b: Drama'])
  await expect(keys(untrained, 'run:1')).rejects.toThrow('run needs a trained model: train one first')
})
