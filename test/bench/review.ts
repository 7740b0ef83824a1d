/**
 * Measures the first page of the review list for a seeded sample of the combinations of filter and sort:
 *
 *   node test/bench/review.ts PROJECT.reel [COMBINATIONS]
 *
 * One call is `review.first` and `review.rows` of its first 50 movies. `warm`: one after the other; `corrected`: each right
 * after a decision, so that what depends on labels is made anew; `typed`: of texts that were not looked for before, and
 * `typedWhole` their whole lists; `phrases` and `phrasesWhole`: the same of two words that follow each other, and of words in the title or the
 * plot alone; `cold`: the first of each sort after opening the project.
 * `whole` is the answer of `review.query`, every movie of the list and the counts: what the window asks for next. `slowest`
 * names the combinations at the top. `kinds`: first pages right after a decision by what the conditions read (original columns, boolean
 * combinations of cells, words and phrases); `firstMs` is the slowest first use, which reads a column. Milliseconds. Prints one JSON line.
 */
import { genreTerm, quoteIfNeeded } from '../../src/contract/filter.ts'
import { FILTER, type FilterIn } from '../../src/contract/review.ts'
import type { Engine } from '../../src/main/engine.ts'
import { seededDraws, shuffle } from '../../src/main/analysis/random.ts'
import { report, round, spread, timed, withEngine } from './measure.ts'

const [project, count = '2000'] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: review.ts PROJECT.reel [COMBINATIONS]')
const PAGE = 50
const TYPED = 25

const firstPage = async (engine: Engine, filter: FilterIn): Promise<void> => {
  const { movies } = await engine.call('review.first', { ...filter, limit: PAGE })
  await engine.call('review.rows', { movies: [...movies] })
}

/** Words of the catalogue in order of frequency. */
async function words(engine: Engine): Promise<[word: string, count: number][]> {
  const { movies } = await engine.call('review.query', { sort: 'file' })
  const counts = new Map<string, number>()
  for (let at = 0; at < Math.min(5000, movies.length); at += 500)
    for (const row of await engine.call('review.rows', { movies: [...movies.subarray(at, at + 500)] }))
      for (const word of new Set(row.excerpt.toLowerCase().match(/\p{L}{3,}/gu))) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** Texts of every kind: the most frequent word, a rare one, two words, prefixes. */
function texts(counts: readonly (readonly [string, number])[]): string[] {
  const byCount = counts.map(([word]) => word)
  const [common, second] = byCount
  const rare = counts.findLast(([w, count]) => w.length > 6 && count > 1)?.[0]
  return ['', rare!, common!, `${common!} ${second!}`, common!.slice(0, 1), byCount[60]!.slice(0, 3)]
}

/** Texts that have not been searched yet: words, pairs and prefixes from the most frequent to the rarest. */
function typedTexts(counts: readonly (readonly [string, number])[]): string[] {
  const nth = (i: number): string => counts[Math.min(counts.length - 1, Math.floor(counts.length ** (i / TYPED)))]![0]
  return [
    ...new Set(Array.from({ length: TYPED }, (_, i) => [nth(i), `${nth(i)} ${nth((i * 7) % TYPED)}`, nth(i).slice(0, 2 + (i % 3))]).flat()),
  ]
}

/** Pairs of words that follow each other somewhere, from the most frequent pair to pairs that occur once, and words of one text alone. */
async function phraseTexts(engine: Engine, counts: readonly (readonly [string, number])[]): Promise<string[]> {
  const { movies } = await engine.call('review.query', { sort: 'file' })
  const pairs = new Map<string, number>()
  for (const row of await engine.call('review.rows', { movies: [...movies.subarray(0, 500)] })) {
    const found = row.excerpt.toLowerCase().match(/\p{L}+/gu) ?? []
    // the last word may be cut off
    found.slice(1, -1).forEach((word, i) => pairs.set(`${found[i]!} ${word}`, (pairs.get(`${found[i]!} ${word}`) ?? 0) + 1))
  }
  const byCount = [...pairs].sort((a, b) => b[1] - a[1]).map(([pair]) => pair)
  const nth = <T>(all: readonly T[], i: number): T => all[Math.min(all.length - 1, Math.floor(all.length ** (i / TYPED)))]!
  const phrases = Array.from({ length: TYPED }, (_, i) => `"${nth(byCount, i)}"`)
  const parts = Array.from({ length: TYPED }, (_, i) => `${i % 2 === 0 ? 'title' : 'plot'}:${nth(counts, i)[0]}`)
  return [...new Set([...phrases, ...parts])]
}

/** Every combination of one element of each list. */
const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])

function combinations(names: readonly string[], text: readonly string[]): FilterIn[] {
  const [most, second] = names
  const last = names.at(-1)!
  const conditions: readonly (readonly string[])[] = [
    ['', genreTerm('about', most!), genreTerm('about', last), `${genreTerm('genre', most!)} ${genreTerm('genre', second!)}`],
    ['', 'kind:missing', 'kind:spurious', 'kind:swapped'],
    text,
    ['', 'reviewed:yes', 'reviewed:no'],
    ['', 'flagged:yes', 'skipped:yes'],
    ['', 'split:train', 'split:valid', 'split:test'],
  ]
  const where = product(conditions).map((terms) => terms.filter((term) => term !== '').join(' '))
  const { bucket } = FILTER.shape
  return product<Partial<FilterIn>>([
    where.map((where) => ({ where })),
    bucket.unwrap().options.map((bucket) => ({ bucket })),
    (['suspects', 'title', 'file', 'probability'] as const).map((sort) => ({ sort })),
    [{ descending: false }, { descending: true }],
  ]).map((parts) => Object.assign({}, ...parts) as FilterIn)
}

/** Conditions of every kind that a chart or an analyst may write, by what they read. */
async function conditions(engine: Engine, names: readonly string[], byCount: readonly string[]): Promise<Record<string, string[]>> {
  const [a, b, c] = names.map((name) => name)
  const { columns } = await engine.call('review.names', {})
  const column = (type: string): string[] => columns.filter((one) => one.type === type).map(({ name }) => quoteIfNeeded(name))
  const [common, second, third] = byCount
  return {
    column: [
      ...column('number').flatMap((name) => [`${name}>0`, `${name}:1..5`, `-${name}:*`]),
      ...column('date').flatMap((name) => [`${name}>2000`, `${name}:1990..1999`]),
      ...column('category').flatMap((name) => [`${name}:*`, `-${name}:en`]),
    ],
    boolean: [
      `${genreTerm('genre', a!)} -${genreTerm('genre', b!)} p(${c!})>0.2`,
      `(${genreTerm('predicted', a!)} OR ${genreTerm('missing', b!)}) -reviewed:yes`,
      ...((await engine.call('suspects.health', {})) ? [`pwrong>0.5 genres>1`, `${genreTerm('suspected', a!)} OR pwrong(${b!})>0.3`] : []),
      'genres>1 -kind:missing',
      `-(${genreTerm('bad', a!)} OR ${genreTerm('bad', b!)}) verdict:* OR note:*`,
      `p(${a!})>0.4 p(${b!})<0.6 p(${c!})<0.5`,
    ],
    text: [`"${common!} ${second!}"`, `plot:${common!} -title:${second!}`, `title:${common!}`, `${common!} OR ${third!}`, `-${common!}`],
  }
}

/** A sample without replacement. */
function sample(all: readonly FilterIn[], count: number, seed: number): FilterIn[] {
  const order = shuffle(
    Int32Array.from(all, (_, i) => i),
    seededDraws(seed),
  )
  return [...order.subarray(0, count)].map((i) => all[i]!)
}

/** Decides on a movie, so that the cached order of the list is stale. */
async function correct(engine: Engine, movies: Int32Array, turn: number): Promise<void> {
  const movie = movies[(turn * 7919) % movies.length]!
  const [row] = await engine.call('review.rows', { movies: [movie] })
  const cell = row!.cells[0]
  if (cell) await engine.call('labels.apply', { changes: [{ field: 'label', movie, genre: cell.genre, to: !cell.label }] })
  else await engine.call('labels.apply', { changes: [{ field: 'reviewed', movie, to: !row!.reviewed }] })
}

const worst = (filters: readonly FilterIn[], times: readonly number[]): unknown[] =>
  times
    .map((ms, i) => ({ ms: round(ms), filter: filters[i]! }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 5)

const cold = await withEngine(project, async (engine) => {
  const times: Record<string, number> = {}
  for (const sort of FILTER.shape.sort.unwrap().options) times[sort] = round(await timed(() => firstPage(engine, { sort, bucket: 'bad' })))
  return times
})
await withEngine(project, async (engine) => {
  const counts = await words(engine)
  const typed: number[] = []
  const typedWhole: number[] = []
  for (const text of typedTexts(counts)) {
    typed.push(await timed(() => firstPage(engine, { where: text, bucket: 'bad' })))
    typedWhole.push(await timed(() => engine.call('review.query', { where: text, bucket: 'bad' })))
  }
  const phrases: number[] = []
  const phrasesWhole: number[] = []
  for (const text of await phraseTexts(engine, counts)) {
    phrases.push(await timed(() => firstPage(engine, { where: text, bucket: 'bad' })))
    phrasesWhole.push(await timed(() => engine.call('review.query', { where: text, bucket: 'bad' })))
  }
  const { genres } = await engine.call('overview.get', {})
  const names = [...genres].sort((a, b) => b.corrected - a.corrected).map(({ name }) => name)
  const all = combinations(names, texts(counts))
  const filters = sample(all, Number(count), 1)
  const { movies } = await engine.call('review.query', {})
  for (const filter of sample(all, 200, 2)) await firstPage(engine, filter)
  const warm: number[] = []
  const whole: number[] = []
  for (const [i, filter] of filters.entries()) {
    warm.push(await timed(() => firstPage(engine, filter)))
    if (i % 4 === 0) whole.push(await timed(() => engine.call('review.query', filter)))
  }
  const after = sample(all, Math.ceil(Number(count) / 5), 3)
  const corrected: number[] = []
  for (const [turn, filter] of after.entries()) {
    await correct(engine, movies, turn)
    corrected.push(await timed(() => firstPage(engine, filter)))
  }
  const kinds: Record<string, unknown> = {}
  const by = await conditions(engine, names, counts.map(([word]) => word)) // prettier-ignore
  for (const [kind, wheres] of Object.entries(by)) {
    // each once, which reads what it needs; then again after a decision
    const before = process.memoryUsage.rss()
    const read: number[] = []
    for (const where of wheres) read.push(await timed(() => engine.call('review.query', { where })))
    const times: number[] = []
    for (let turn = 0; turn < 8; turn++)
      for (const where of wheres) {
        await correct(engine, movies, times.length)
        times.push(await timed(() => firstPage(engine, { where, sort: 'suspects' })))
      }
    const slowest = worst(wheres.flatMap((where) => ({ where })), times.slice(-wheres.length)) // prettier-ignore
    kinds[kind] = {
      ...spread(times),
      firstMs: round(Math.max(0, ...read)),
      addedMb: round((process.memoryUsage.rss() - before) / 1e6),
      slowest,
    }
  }
  report({
    movies: movies.length,
    grid: all.length,
    warm: spread(warm),
    whole: spread(whole),
    corrected: spread(corrected),
    typed: spread(typed),
    typedWhole: spread(typedWhole),
    phrases: spread(phrases),
    phrasesWhole: spread(phrasesWhole),
    kinds,
    cold,
    slowest: [...worst(filters, warm), ...worst(after, corrected)],
  })
})
