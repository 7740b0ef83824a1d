import { expect, test } from 'vitest'
import type { Filter } from '../../src/contract/review.ts'
import type { Bucket, MovieDetail } from '../../src/contract/records.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { Bench } from '../support/project.ts'

const GENRES = ['Action', 'Comedy', 'Drama', 'Horror']
const WORDS = ['wolf', 'ship', 'king', 'letter', 'storm', 'café', 'train', 'garden']
const CELL_BUCKETS = ['good', 'bad', 'impossible'] as const satisfies Bucket[]

/** A random catalogue with a trained run, some decisions, and some movies that the run has not seen. */
async function randomBench(seed: number, trained: boolean): Promise<Bench> {
  const draw = seededDraws(seed)
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const lines = Array.from({ length: 60 }, (_, i) => {
    const genres = GENRES.filter(() => draw(3) === 0)
    const plot = i % 12 === 11 ? 'The very same plot.' : `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} number ${i}.`
    return `m${draw(1000)}-${i}: ${(genres.length > 0 ? genres : [pick(GENRES)]).join(', ')} | ${pick(['train', 'train', 'valid', 'test'])} | ${plot}`
  })
  const b = await Bench.open(lines)
  if (trained) {
    b.compute.script = (job, say) => {
      const p = Float32Array.from({ length: job.movies.length * job.genres.length }, () => draw(1001) / 1000)
      const e = Float32Array.from(p, () => draw(1001) / 1000)
      say({ t: 'conclusion', conclusion: conclude(job, p) })
      say({ t: 'predictions', movies: job.movies, probabilities: p, evidence: e })
      say({ t: 'done', memoryMb: 300 })
    }
    expect((await b.train()).state).toBe('done')
  }
  // the duplicates return, without a prediction
  await b.job(() => b.call('clean.set', { switches: { 'exact-duplicate': false } }))
  const { movies } = await b.call('review.query', { sort: 'file' })
  for (const movie of movies.filter(() => draw(4) === 0)) {
    const words = [
      `${pick(['+', '-'])}${pick(GENRES)}`,
      `keep ${pick(GENRES)}`,
      `impossible ${pick(GENRES)}`,
      'reviewed',
      'skipped',
      'flagged',
    ]
    await b.apply([await b.change(movie, pick(words))])
  }
  return b
}

/** One cell's bucket by the specification: its verdict if it has one, else the estimate, else the kind. */
function cellBucket(c: MovieDetail['allCells'][number]): Bucket {
  if (c.verdict !== null) return c.verdict === 'keep' ? 'good' : 'impossible'
  if (c.impossibleEstimate) return 'impossible'
  return c.kind === null || c.kind === 'good' ? 'good' : 'bad'
}

/** Buckets in which a movie is listed under a filter; empty if the filter matches no cell. */
function bucketsUnder(d: MovieDetail, f: Filter, trained: boolean): Bucket[] {
  const cells = d.allCells.filter((c) => f.genre === null || c.genre === f.genre)
  if (!trained && f.kind !== 'any') return []
  if (!trained) return f.genre === null || cells.some((c) => c.label) ? ['good'] : []
  const kind = (c: MovieDetail['allCells'][number]): string => c.kind ?? 'good'
  if (f.genre !== null) {
    const inPlay = cells.filter((c) => (f.kind === 'any' || kind(c) === f.kind) && (c.label || c.predicted || c.verdict !== null))
    return inPlay.map(cellBucket)
  }
  if (f.kind === 'any') {
    const bad = CELL_BUCKETS.filter((b) => b !== 'good' && d.allCells.some((c) => cellBucket(c) === b))
    return bad.length > 0 ? bad : ['good']
  }
  return cells.filter((c) => kind(c) === f.kind).map(cellBucket)
}

const fold = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const wordsOf = (s: string): string[] => fold(s).match(/[\p{L}\p{N}]+/gu) ?? []
function matches(d: MovieDetail, text: string): boolean {
  const have = wordsOf(`${d.title} ${d.plot}`)
  const want = wordsOf(text)
  return want.every((w, i) => have.some((h) => (i === want.length - 1 ? h.startsWith(w) : h === w)))
}

function plainQuery(all: readonly MovieDetail[], f: Filter, trained: boolean): { movies: number[]; buckets: Record<string, number> } {
  const passing = all
    .filter((d) => (f.reviewed === 'any' || d.reviewed === (f.reviewed === 'yes')) && (f.split === 'any' || d.split === f.split))
    .filter((d) => f.mark === 'any' || d[f.mark])
    .filter((d) => f.has.every((genre) => d.allCells.some((c) => c.genre === genre && c.label)))
    .filter((d) => f.text === '' || matches(d, f.text))
    .map((d) => ({ d, buckets: bucketsUnder(d, f, trained) }))
    .filter((x) => x.buckets.length > 0)
  const count = (b: Bucket): number => passing.filter((x) => x.buckets.includes(b)).length
  const buckets = {
    all: passing.length,
    good: count('good'),
    bad: count('bad'),
    impossible: count('impossible'),
  }
  const listed = passing.filter((x) => f.bucket === 'all' || x.buckets.includes(f.bucket)).map((x) => x.d)
  const key = (d: MovieDetail): number | null => {
    if (!trained || f.sort === 'file' || f.sort === 'title') return 0
    const cell = d.allCells.find((c) => c.genre === f.genre)
    return f.sort === 'probability' && cell ? cell.probability : d.score
  }
  // numbers by their value
  const padded = (d: MovieDetail): string => d.title.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(6, '0'))
  const titles = (a: MovieDetail, b: MovieDetail): number => (padded(a) < padded(b) ? -1 : 1)
  const sorted = listed
    .filter((d) => key(d) !== null)
    .sort((a, b) => (f.sort === 'title' ? titles(a, b) : key(a)! - key(b)! || a.movie - b.movie))
  if (f.descending) sorted.reverse()
  // movies that the run has not seen are last, in ascending and descending order
  sorted.push(...listed.filter((d) => key(d) === null))
  // skipped movies are behind all others
  sorted.sort((a, b) => Number(a.skipped) - Number(b.skipped))
  const left = listed.filter((d) => !d.reviewed)
  return {
    movies: sorted.map((d) => d.movie),
    buckets: { ...buckets, left: left.length, skipped: left.filter((d) => d.skipped).length },
  }
}

test.each([
  [1, true],
  [2, true],
  [3, true],
  [4, false],
])('every filter and sort agrees with a plain implementation (seed %i, trained: %s)', async (seed, trained) => {
  const b = await randomBench(seed, trained)
  const draw = seededDraws(seed + 100)
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const { genres } = await b.call('project.info', {})
  const details = async (): Promise<MovieDetail[]> => {
    const { movies } = await b.call('review.query', { sort: 'file' })
    return Promise.all(Array.from(movies, (movie) => b.call('review.movie', { movie })))
  }
  let all = await details()
  expect(all).toHaveLength(60)
  // every movie that the run has seen gets at least one genre
  expect(all.filter((d) => d.score !== null && d.predicted.length === 0)).toEqual([])
  const seen = new Set<string>()
  for (let round = 0; round < 400; round++) {
    const filter: Filter = {
      bucket: pick(['all', 'all', 'good', 'bad', 'impossible']),
      genre: pick([null, null, ...genres.map((g) => g.id)]),
      has: draw(8) === 0 ? [pick(genres).id, pick(genres).id] : [],
      kind: pick(['any', 'any', 'missing', 'spurious', 'swapped']),
      text: pick(['', '', '', ...WORDS, 'wolf s', 'cafe', 'title m1', 'king king', 'lett']),
      reviewed: pick(['any', 'any', 'yes', 'no']),
      mark: pick(['any', 'any', 'any', 'flagged', 'skipped']),
      split: pick(['any', 'any', 'train', 'valid', 'test']),
      sort: pick(['suspects', 'title', 'file', 'probability']),
      mix: {},
      seed: 1,
      descending: draw(2) === 1,
    }
    const got = await b.call('review.query', filter)
    if (filter.genre !== null) expect(got.buckets.all).toBe(got.buckets.good + got.buckets.bad + got.buckets.impossible)
    expect({ filter, movies: [...got.movies], buckets: got.buckets }).toEqual({ filter, ...plainQuery(all, filter, trained) })
    const first = await b.call('review.first', { ...filter, limit: 5 })
    const beginning = { movies: got.movies.slice(0, 5), buckets: got.buckets, complete: got.movies.length <= 5 }
    expect({ filter, ...first }).toEqual({ filter, ...beginning })
    if (got.movies.length > 1) seen.add(`${filter.bucket} ${filter.sort}`)
    if (round % 40 === 39) {
      await b.apply([await b.change(pick(all).movie, `${pick(['+', '-'])}${pick(GENRES)}`)])
      all = await details()
    }
  }
  // the filters matched enough movies to compare
  expect(seen.size).toBeGreaterThan(trained ? 10 : 6)
})
