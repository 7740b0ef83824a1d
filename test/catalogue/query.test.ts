import { expect, test } from 'vitest'
import { FILTER, type Filter } from '../../src/contract/review.ts'
import type { Bucket, MovieDetail } from '../../src/contract/records.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { Bench, codeOf, findsWrong } from '../support/project.ts'

const GENRES = ['Action', 'Comedy', 'Drama', 'Horror']
const WORDS = ['wolf', 'ship', 'king', 'letter', 'storm', 'café', 'train', 'garden']
const LANGUAGES = ['en', 'fr', 'pt-BR']
const CELL_BUCKETS = ['good', 'bad', 'impossible'] as const satisfies Bucket[]
const HEADER = 'id,title,plot,genres,split,year,Release Date,Original_Language,reviewed,Tagline'

/** A random catalogue with original columns; if trained, with a run and suspects, some decisions, and movies that the run has not seen. */
async function randomBench(seed: number, trained: boolean): Promise<Bench> {
  const draw = seededDraws(seed)
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const two = (n: number): string => String(n).padStart(2, '0')
  const lines = Array.from({ length: 60 }, (_, i) => {
    const id = `m${draw(1000)}-${i}`
    const genres = GENRES.filter(() => draw(3) === 0)
    const plot = i % 12 === 11 ? 'The very same plot.' : `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} number ${i}.`
    const date = draw(6) === 0 ? '' : `${1950 + draw(70)}-${two(1 + draw(12))}-${two(1 + draw(28))}`
    return [
      id,
      `Title ${id}`,
      plot,
      `"${(genres.length > 0 ? genres : [pick(GENRES)]).join(', ')}"`,
      pick(['train', 'train', 'valid', 'test']),
      draw(6) === 0 ? '' : 1950 + draw(70),
      date,
      draw(6) === 0 ? '' : pick(LANGUAGES),
      pick(['maybe', 'never']),
      `${pick(WORDS)} line ${i}`,
    ].join(',')
  })
  const b = await Bench.open([HEADER, ...lines, ''].join('\n'))
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
  b.compute.suspectScript = findsWrong(() => (draw(3) === 0 ? draw(1001) / 1000 : 0))
  if (trained) expect((await b.job(() => b.call('suspects.find', {}))).state).toBe('done')
  const { movies } = await b.call('review.query', { sort: 'file' })
  for (const movie of movies.filter(() => draw(4) === 0)) {
    const words = [
      `${pick(['+', '-'])}${pick(GENRES)}`,
      `keep ${pick(GENRES)}`,
      `impossible ${pick(GENRES)}`,
      'reviewed',
      'skipped',
      'flagged',
      `note A ${pick(WORDS)}!`,
    ]
    await b.apply([await b.change(movie, pick(words))])
  }
  return b
}

type CellOf = MovieDetail['allCells'][number]
/** One cell's bucket by the specification: its verdict if it has one, else the estimate, else the kind. */
function cellBucket(c: CellOf): Bucket {
  if (c.verdict !== null) return c.verdict === 'keep' ? 'good' : 'impossible'
  if (c.impossibleEstimate) return 'impossible'
  return c.kind === null || c.kind === 'good' ? 'good' : 'bad'
}
const isInPlay = (c: CellOf, trained: boolean): boolean => c.label || (trained && (c.predicted === true || c.verdict !== null))

/** Buckets in which a movie is listed if the filter is about this genre. */
function bucketsOf(d: MovieDetail, genre: string | null, trained: boolean): Bucket[] {
  if (!trained) return ['good']
  const cells = d.allCells.filter((c) => c.name === genre)
  if (cells.length > 0) return cells.map((c) => (isInPlay(c, trained) ? cellBucket(c) : 'good'))
  const doubtful = CELL_BUCKETS.filter((bucket) => bucket !== 'good' && d.allCells.some((c) => cellBucket(c) === bucket))
  return doubtful.length > 0 ? doubtful : ['good']
}

const fold = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const wordsOf = (s: string): string[] => fold(s).match(/[\p{L}\p{N}]+/gu) ?? []
const begins = (text: string, word: string): boolean => wordsOf(text).some((have) => have.startsWith(fold(word)))
const holds = (text: string, phrase: string): boolean => ` ${wordsOf(text).join(' ')} `.includes(` ${wordsOf(phrase).join(' ')} `)

/** A filter, and what it means for one movie. */
interface Meaning {
  readonly where: string
  readonly is: (d: MovieDetail) => boolean
  /** The genre that it names. */
  readonly genre?: string
}
type Draw = (n: number) => number
/** P(wrong) of a cell, as the search found it. */
type Wrong = (d: MovieDetail, c: CellOf) => number

/** Makes one condition of every kind. */
function terms(draw: Draw, trained: boolean, wrong: Wrong): Meaning[] {
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const genre = pick(GENRES)
  const cell = (d: MovieDetail): CellOf => d.allCells.find((c) => c.name === genre)!
  const of = (field: string, is: (c: CellOf, d: MovieDetail) => boolean): Meaning => ({
    where: `${field}:${pick([genre, genre.toUpperCase()])}`,
    is: (d) => is(cell(d), d),
    genre,
  })
  const column = (d: MovieDetail, name: string): string => d.columns.find((c) => c.name === name)!.value
  const [low, word, language, limit] = [1950 + draw(70), pick(WORDS), pick(LANGUAGES), draw(100) / 100]
  const compare = pick([
    ['<', (a: number, b: number) => a < b],
    ['<=', (a: number, b: number) => a <= b],
    ['>', (a: number, b: number) => a > b],
    ['>=', (a: number, b: number) => a >= b],
    ['=', (a: number, b: number) => a === b],
  ] as const)
  const number = (field: string, value: number, own: (d: MovieDetail) => number | null): Meaning => ({
    where: `${field}${compare[0]}${value}`,
    is: (d) => {
      const x = own(d)
      return x !== null && compare[1](x, value)
    },
  })
  const year = (text: string): number | null => (text === '' ? null : Number(text.slice(0, 4)))
  const kind = pick(['missing', 'spurious', 'swapped'] as const)
  const part = pick(['train', 'valid', 'test'] as const)
  const verdict = pick(['keep', 'impossible'] as const)
  const always: Meaning[] = [
    of('genre', (c) => c.label),
    of('about', (c) => isInPlay(c, trained)),
    { where: `split:${part}`, is: (d) => d.split === part },
    { where: 'reviewed:yes', is: (d) => d.reviewed },
    { where: 'reviewed:no', is: (d) => !d.reviewed },
    { where: 'flagged:yes', is: (d) => d.flagged },
    { where: 'skipped:no', is: (d) => !d.skipped },
    { where: `verdict:${verdict}`, is: (d) => d.allCells.some((c) => c.verdict === verdict) },
    { where: `verdict(${genre}):${verdict}`, is: (d) => cell(d).verdict === verdict, genre },
    { where: 'verdict:*', is: (d) => d.allCells.some((c) => c.verdict !== null) },
    { where: 'note:*', is: (d) => d.note !== '' },
    { where: `note:${word}`, is: (d) => begins(d.note, word) },
    { where: `note:"a ${word}"`, is: (d) => holds(d.note, `a ${word}`) },
    { where: 'who:*', is: (d) => d.history.length > 0 },
    { where: 'who:nobody', is: () => false },
    { where: 'disputed:no', is: (d) => d.disputes.length === 0 },
    { where: 'breaks:*', is: () => false },
    { where: 'outdated:Horror', is: () => false },
    { where: 'when>2020', is: (d) => d.history.length > 0 },
    { where: 'when<2020-01-05', is: () => false },
    { where: word, is: (d) => begins(`${d.title} ${d.plot} ${d.note}`, word) },
    { where: word.slice(0, 3), is: (d) => begins(`${d.title} ${d.plot} ${d.note}`, word.slice(0, 3)) },
    { where: `"${word} ${word}"`, is: (d) => [d.title, d.plot, d.note].some((text) => holds(text, `${word} ${word}`)) },
    { where: `title:"title m${low}"`, is: (d) => holds(d.title, `title m${low}`) },
    { where: 'title:m1', is: (d) => begins(d.title, 'm1') },
    { where: `plot:${word}`, is: (d) => begins(d.plot, word) },
    { where: `plot:"number ${low - 1950}"`, is: (d) => holds(d.plot, `number ${low - 1950}`) },
    number('length', 4, (d) => d.plot.split(/\s+/).length),
    number('genres', 1 + draw(2), (d) => d.labels.length),
    number('year', low, (d) => year(column(d, 'year'))),
    { where: `YEAR:${low}..${low + 9}`, is: (d) => column(d, 'year') !== '' && Math.abs(Number(column(d, 'year')) - low - 4.5) < 5 },
    number('"release date"', low, (d) => year(column(d, 'Release Date'))),
    { where: `Release_Date<=${low}-06`, is: (d) => column(d, 'Release Date') !== '' && column(d, 'Release Date') < `${low}-07` },
    { where: `Original_Language:${language.toUpperCase()}`, is: (d) => column(d, 'Original_Language') === language },
    { where: 'original_language:*', is: (d) => column(d, 'Original_Language') !== '' },
    { where: 'column("reviewed"):maybe', is: (d) => column(d, 'reviewed') === 'maybe' },
    { where: `Tagline:${word.slice(1)}`, is: (d) => fold(column(d, 'Tagline')).includes(fold(word).slice(1)) },
    { where: `Tagline="${word} line 5"`, is: (d) => fold(column(d, 'Tagline')) === fold(`${word} line 5`) },
    { where: 'slice:"Old ones"', is: (d) => column(d, 'year') !== '' && Number(column(d, 'year')) < 1980 && d.split === 'train' },
    { where: 'duplicates:yes', is: () => false },
    { where: 'duplicates:no', is: () => true },
  ]
  if (!trained) return always
  const isKnown = (d: MovieDetail): boolean => d.score !== null
  return [
    ...always,
    of('predicted', (c, d) => isKnown(d) && c.predicted === true),
    of('good', (c) => isInPlay(c, trained) && cellBucket(c) === 'good'),
    of('bad', (c) => isInPlay(c, trained) && cellBucket(c) === 'bad'),
    of('impossible', (c) => isInPlay(c, trained) && cellBucket(c) === 'impossible'),
    of(kind, (c) => c.kind === kind),
    of('suspected', (c, d) => wrong(d, c) >= 0.2),
    { where: `kind:${kind}`, is: (d) => d.allCells.some((c) => c.kind === kind) },
    { where: 'bucket:bad', is: (d) => d.buckets.includes('bad') },
    { where: 'bucket:good', is: (d) => d.buckets.includes('good') },
    { ...number(`p(${genre})`, limit + 0.0005, (d) => (isKnown(d) ? cell(d).probability : null)), genre },
    { ...number(`pwrong(${genre})`, limit + 0.0005, (d) => wrong(d, cell(d))), genre },
    number('pwrong', 0.37, (d) => 1 - d.allCells.reduce((right, c) => right * (1 - wrong(d, c)), 1)),
  ]
}

/** A random filter of up to a few conditions. */
function randomFilter(draw: Draw, trained: boolean, wrong: Wrong, depth = 0): Meaning {
  const all = terms(draw, trained, wrong)
  const one = (): Meaning =>
    depth < 2 && draw(3) === 0 ? inParentheses(randomFilter(draw, trained, wrong, depth + 1)) : all[draw(all.length)]!
  const [a, b] = [one(), one()]
  switch (draw(depth === 0 ? 6 : 4)) {
    case 0:
      return { where: `${a.where} ${b.where}`, is: (d) => a.is(d) && b.is(d), ...genreOf(a.genre ?? b.genre) }
    case 1:
      return { where: `${a.where} OR ${b.where}`, is: (d) => a.is(d) || b.is(d) }
    case 2:
      return { where: `${a.where} -${b.where}`, is: (d) => a.is(d) && !b.is(d), ...genreOf(a.genre) }
    case 3:
      return { where: `NOT ${a.where} AND ${b.where}`, is: (d) => !a.is(d) && b.is(d), ...genreOf(b.genre) }
    default:
      return a
  }
}
const genreOf = (genre: string | undefined): Pick<Meaning, 'genre'> => (genre === undefined ? {} : { genre })
/** Parts of a conjunction in parentheses are parts of the whole. */
const inParentheses = ({ where, ...rest }: Meaning): Meaning => ({ where: `(${where})`, ...rest })

function plainQuery(
  all: readonly MovieDetail[],
  f: Filter,
  { is, genre }: Meaning,
  trained: boolean,
): { movies: number[]; buckets: Record<string, number> } {
  const passing = all.filter(is).map((d) => ({ d, buckets: bucketsOf(d, genre ?? null, trained) }))
  const count = (b: Bucket): number => passing.filter((x) => x.buckets.includes(b)).length
  const buckets = { all: passing.length, good: count('good'), bad: count('bad'), impossible: count('impossible') }
  const listed = passing.filter((x) => f.bucket === 'all' || x.buckets.includes(f.bucket)).map((x) => x.d)
  const key = (d: MovieDetail): number | null => {
    if (!trained || f.sort === 'file' || f.sort === 'title') return 0
    const cell = d.allCells.find((c) => c.name === genre)
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
  await b.call('review.setSlices', { slices: [{ name: 'Old ones', where: 'year<1980 split:train' }] })
  const details = async (): Promise<MovieDetail[]> => {
    const { movies } = await b.call('review.query', { sort: 'file' })
    return Promise.all(Array.from(movies, (movie) => b.call('review.movie', { movie })))
  }
  let found: Wrong = trained ? await wrongOf(b) : () => 0
  let all = await details()
  expect(all).toHaveLength(60)
  // every movie that the run has seen gets at least one genre
  expect(all.filter((d) => d.score !== null && d.predicted.length === 0)).toEqual([])
  const wrong: Wrong = (d, c) => found(d, c)
  const seen = new Set<string>()
  const told = new Set<string>()
  for (let round = 0; round < 600; round++) {
    const meaning = randomFilter(draw, trained, wrong)
    const filter: Filter = {
      where: meaning.where,
      bucket: pick(['all', 'all', 'good', 'bad', 'impossible']),
      sort: pick(['suspects', 'title', 'file', 'probability']),
      mix: {},
      seed: 1,
      descending: draw(2) === 1,
    }
    const got = await b.call('review.query', filter)
    if (meaning.genre !== undefined) expect(got.buckets.all).toBe(got.buckets.good + got.buckets.bad + got.buckets.impossible)
    expect({ filter, movies: [...got.movies], buckets: got.buckets }).toEqual({ filter, ...plainQuery(all, filter, meaning, trained) })
    const first = await b.call('review.first', { ...filter, limit: 5 })
    const beginning = { movies: got.movies.slice(0, 5), buckets: got.buckets, complete: got.movies.length <= 5 }
    expect({ filter, ...first }).toEqual({ filter, ...beginning })
    if (got.movies.length > 1) seen.add(`${filter.bucket} ${filter.sort}`)
    if (got.movies.length > 0 && got.movies.length < 60) told.add(/^[-(]*(?:NOT )?\(*(\w*)/.exec(meaning.where)![1]!)
    if (round % 40 === 39) {
      await b.apply([await b.change(pick(all).movie, `${pick(['+', '-'])}${pick(GENRES)}`)])
      if (trained) found = await wrongOf(b)
      all = await details()
    }
  }
  // the filters matched enough movies to compare
  expect(seen.size).toBeGreaterThan(trained ? 10 : 6)
  expect(told.size).toBeGreaterThan(trained ? 24 : 16)
})

/** P(wrong) by what the search stored and answers have taught so far, from the file. */
async function wrongOf(b: Bench): Promise<Wrong> {
  // what both learn from is the same
  await b.restart()
  const w = new Workspace(b.path, { alone: false })
  const { catalogue, suspects } = w
  const { k } = catalogue
  const all = Float32Array.from({ length: catalogue.n * k }, (_, cell) => suspects!.wrong(Math.floor(cell / k), cell % k))
  w.close()
  return (d, c) => all[catalogue.row(d.movie) * k + catalogue.column(c.genre)]!
}

const LINES = ['a: Drama | train | The very same plot.', 'b: Horror | train | The very same plot.', 'c: War | train | Another plot here.']

test('movies that repeat each other are found, removed or not', async () => {
  const b = await Bench.open([...LINES, 'd: War | train | One more plot here.'])
  const keys = async (where: string): Promise<string[]> =>
    (await b.call('review.rows', { movies: [...(await b.call('review.query', { where, sort: 'file' })).movies] })).map(({ key }) => key)
  expect(await keys('')).toEqual(['a', 'c', 'd'])
  expect([await keys('duplicates:yes'), await keys('duplicates:no'), await keys('id:c OR id:b')]).toEqual([['a'], ['c', 'd'], ['c']])
})

test.each([
  ['a genre:Horor', 'character 9 (Horor): there is no genre Horor: did you mean Horror?'],
  ['yeer<5', 'character 1 (yeer): there is no column or keyword yeer: did you mean year?'],
  ['gnre:War', 'character 1 (gnre): there is no column or keyword gnre: did you mean genre?'],
  ['year>old', 'character 6 (old): year holds numbers: compare it with one, such as year>5'],
  ['Lang>en', 'character 6 (en): Lang holds words, which have no order: write Lang:en'],
  ['p(War)>0.5', 'character 1 (p(War)>0.5): p needs a trained model: train one first'],
  ['suspected:War', 'character 1 (suspected:War): suspected needs a search for suspects: train a model, or search on Overview'],
  ['slice:Lost', 'character 7 (Lost): there is no slice Lost: did you mean Last?'],
  ['slice:Last', 'character 7 (Last): the slice Last is wrong: the slice Last is wrong: it contains itself'],
])('%s is refused where it is wrong', async (where, message) => {
  const rows = Array.from({ length: 8 }, (_, i) => `m${i},Title ${i},The plot number ${i}.,"${i % 2 ? 'War' : 'Horror'}",${1990 + i},en`)
  const b = await Bench.open(['id,title,plot,genres,year,Lang', ...rows, ''].join('\n'))
  await b.call('review.setSlices', { slices: [{ name: 'Last', where: 'War slice:last' }] })
  const error: unknown = await b.call('review.query', { where }).catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'bad-filter', message: `The filter is wrong at ${message}` })
  expect(await codeOf(() => b.call('review.first', { where }))).toBe('bad-filter')
  expect(await codeOf(() => b.call('labels.bulk', { filter: { where }, action: 'add', genre: 'War', dryRun: false }))).toBe('bad-filter')
})

test('a place whose filter has lost its meaning is forgotten; slices have different names and a right syntax', async () => {
  const b = await Bench.open(LINES)
  const filter = FILTER.parse({ where: 'genre:War' })
  for (const [where, kept] of [
    ['genre:War', true],
    ['genre:Opera', false],
    ['(', false],
  ] as const) {
    await b.call('review.remember', { filter: { ...filter, where }, movie: null })
    expect(await b.call('review.place', {})).toEqual(kept ? { filter, movie: null, sweep: null } : null)
  }
  const set = (...slices: { name: string; where: string }[]) => codeOf(() => b.call('review.setSlices', { slices }))
  expect(await set({ name: 'A', where: 'x' }, { name: ' a', where: 'y' })).toBe('slice-exists')
  expect(await set({ name: 'A', where: '(' })).toBe('bad-filter')
  expect(await set({ name: 'A', where: 'x' }, { name: 'B', where: 'y' })).toBe('none')
  await b.restart()
  expect(await b.call('review.slices', {})).toEqual([
    { name: 'A', where: 'x' },
    { name: 'B', where: 'y' },
  ])
  expect(await codeOf(() => b.call('review.query', { where: 'x'.repeat(1_000_000) }))).toBe('bad-arguments')
})
