/**
 * Measures how early wrong labels come in several orders of suspicion:
 *
 *   node test/bench/label-quality.ts mymoviedb.csv movies_metadata.csv genres_later.csv [quick]
 *
 * Planted errors: 3,500 movies of the first file, each kind of error in 5, 10 and 20% of them. Natural errors: the movies of the second
 * file whose genres the editors of its source had changed, or not, some years later (the third file). Every order uses the same
 * out-of-fold probabilities of the text model. Also simulated reviews, of mixed and of single kinds of errors and of the natural ones, and
 * the cost. Prints one JSON line.
 */
import { logit, sigmoid } from '../../src/main/analysis/matrix.ts'
import { cellQuality, emaScores, softminScores } from '../../src/main/analysis/quality.ts'
import { seededDraws, shuffled } from '../../src/main/analysis/random.ts'
import { learnOffsets, type Answer } from '../../src/main/analysis/suspects/decisions.ts'
import { anyWrong } from '../../src/main/analysis/suspects/learn.ts'
import { ERROR_KINDS, plantErrors } from '../../src/main/analysis/suspects/plant.ts'
import { divider } from '../../src/main/compute/evaluate.ts'
import { linearDefaults } from '../../src/main/compute/linear/defaults.ts'
import { trainLinear } from '../../src/main/compute/linear/train.ts'
import { moviesDataset, nineThousand, records, type Movies } from './catalogues.ts'
import { findSuspects, suspectDefaults, type Suspects } from '../../src/main/compute/suspects.ts'

const [mymoviedb, metadata, later, quick] = process.argv.slice(2)
if (later === undefined) throw new Error('usage: label-quality.ts mymoviedb.csv movies_metadata.csv genres_later.csv [quick]')

/** The first `count` movies of a seeded shuffle. */
function sample({ ids, texts, plots, genres, labels }: Movies, count: number): Movies {
  const k = genres.length
  const rows = shuffled(Int32Array.from(ids.keys()), 11).subarray(0, count)
  const picked = new Uint8Array(rows.length * k)
  rows.forEach((row, i) => picked.set(labels.subarray(row * k, (row + 1) * k), i * k))
  const take = (from: readonly string[]): string[] => Array.from(rows, (row) => from[row]!)
  return { ids: take(ids), texts: take(texts), plots: take(plots), genres, labels: picked }
}

const turn = (): Promise<void> => Promise.resolve()
function search({ texts, plots, genres }: Movies, labels: Uint8Array, decided = new Uint8Array(labels.length)): Promise<Suspects> {
  const [n, k] = [texts.length, genres.length]
  const config = suspectDefaults(linearDefaults(n), n)
  const divide = divider(() => plots, n, k, config.linear.folds)
  return findSuspects({ texts, n, k, labels, source: labels, family: null, decided, divide }, config, () => undefined, turn)
}

interface Order {
  /** (n) and (n, k), the most suspicious highest */
  readonly movies: ArrayLike<number>
  readonly cells: ArrayLike<number>
}
/** Every order of suspicion, from one search. */
function ordersOf({ wrong, evidence }: Suspects, labels: Uint8Array, n: number, k: number): Record<string, Order> {
  const p = evidence['text']!.map(sigmoid)
  const quality = cellQuality(labels, p, n, k)
  const cells = quality.map((q) => 1 - q)
  const draw = seededDraws(1)
  const worst = Float64Array.from({ length: n }, (_, i) => Math.max(...cells.subarray(i * k, (i + 1) * k)))
  return {
    random: { movies: worst.map(() => draw(1 << 30)), cells: cells.map(() => draw(1 << 30)) },
    uncertainty: {
      movies: worst.map((_, i) => Math.max(...p.subarray(i * k, (i + 1) * k).map((q) => 1 - Math.abs(2 * q - 1)))),
      cells: p.map((q) => 1 - Math.abs(2 * q - 1)),
    },
    'self-confidence': { movies: worst, cells },
    'cleanlab EMA 0.8': { movies: emaScores(quality, n, k).map((score) => -score), cells },
    'cleanlab softmin 0.1': { movies: softminScores(quality, n, k).map((score) => -score), cells },
    Reelabel: { movies: worst.map((_, i) => anyWrong(k, (g) => wrong[i * k + g]!)), cells: wrong },
  }
}

const ranked = (score: ArrayLike<number>): number[] =>
  Array.from({ length: score.length }, (_, i) => i).sort((a, b) => score[b]! - score[a]! || a - b)
/** As scikit-learn's average_precision_score, without ties. */
function averagePrecision(score: ArrayLike<number>, bad: ArrayLike<number>): number {
  let [hits, sum] = [0, 0]
  ranked(score).forEach((at, i) => {
    if (bad[at]) sum += ++hits / (i + 1)
  })
  return sum / hits
}
function figures({ movies, cells }: Order, known: readonly number[], badCells: Uint8Array, k: number) {
  const score = known.map((row) => movies[row]!)
  const bad = known.map((row) => (badCells.subarray(row * k, (row + 1) * k).includes(1) ? 1 : 0))
  const of = <T>(pick: (cell: number) => T): T[] => known.flatMap((row) => Array.from({ length: k }, (_, g) => pick(row * k + g)))
  const order = ranked(score)
  const found = (count: number): number => order.slice(0, count).reduce((sum, at) => sum + (bad[at] ?? 0), 0)
  return {
    ap: averagePrecision(score, bad),
    p100: found(100) / 100,
    recall10: found(Math.floor(bad.length / 10)) / bad.filter((x) => x === 1).length,
    cells: averagePrecision(
      of((cell) => cells[cell]!),
      of((cell) => badCells[cell]!),
    ),
  }
}
type Figures = Record<string, ReturnType<typeof figures>>
const everyOrder = (found: Suspects, labels: Uint8Array, known: readonly number[], badCells: Uint8Array, k: number): Figures =>
  Object.fromEntries(
    Object.entries(ordersOf(found, labels, labels.length / k, k)).map(([name, order]) => [name, figures(order, known, badCells, k)]),
  )

const all = nineThousand(mymoviedb!)
const few = sample(all, quick ? 1000 : 3500)
const k = few.genres.length
const everyRow = [...few.ids.keys()]

const planted: { kind: string; rate: number; wrong: number; expected: number; found: Suspects['model']['planted']; orders: Figures }[] = []
for (const rate of quick ? [0.1] : [0.05, 0.1, 0.15, 0.2])
  for (const kind of ERROR_KINDS) {
    const labels = plantErrors(few.labels, few.ids.length, k, [kind], rate, 55)
    const badCells = Uint8Array.from(labels, (label, cell) => (label === few.labels[cell] ? 0 : 1))
    const found = await search(few, labels)
    const expected = found.wrong.reduce((a, b) => a + b, 0)
    planted.push({
      kind,
      rate,
      wrong: badCells.reduce((a, b) => a + b, 0),
      expected,
      found: found.model.planted,
      orders: everyOrder(found, labels, everyRow, badCells, k),
    })
    process.stderr.write(`planted: ${kind} ${rate}\n`)
  }

/** The genres of a Python literal such as [{'id': 16, 'name': 'Animation'}]. */
const real = moviesDataset(metadata!)
const edited = new Map(records(later).map((r) => [r['id'], (r['genres'] ?? '').split('|')]))
const known = [...real.ids.keys()].filter((row) => edited.has(real.ids[row]))
const changed = new Uint8Array(real.labels.length)
for (const row of known)
  real.genres.forEach((genre, g) => {
    const cell = row * real.genres.length + g
    changed[cell] = edited.get(real.ids[row])!.includes(genre) === (real.labels[cell] === 1) ? 0 : 1
  })
const foundReal = await search(real, real.labels)
const natural = {
  movies: known.length,
  wrong: known.filter((row) => changed.subarray(row * real.genres.length, (row + 1) * real.genres.length).includes(1)).length,
  orders: everyOrder(foundReal, real.labels, known, changed, real.genres.length),
}

/** Cells that a person is asked about, and answers after which the product learns. */
const [LISTED, EVERY] = [0.2, 25]

interface Reviewing {
  readonly movies: Movies
  readonly labels: Uint8Array
  readonly truth: Uint8Array
  /** Movies whose truth is known. */
  readonly rows: readonly number[]
  readonly order: string
  /** `again`: everything is searched again after each 100 movies. `learn`: offsets are learnt after each 25 answers. */
  readonly then: 'nothing' | 'again' | 'learn'
  /** True: no oracle, but a person who accepts every suggestion. */
  readonly accepts?: true
  readonly most: number
}
interface Reviewed {
  /** Wrong movies found after each. */
  readonly counts: readonly number[]
  /** After each: labels that are wrong and not looked at yet, their number by the search, and by the answers as the product takes them. */
  readonly left: readonly { readonly real: number; readonly searched: number; readonly learnt: number }[]
}
/** An oracle reviews the movies in an order. */
async function reviewed({ movies, labels, truth, rows, order, then, accepts, most }: Reviewing): Promise<Reviewed> {
  const [n, k] = [movies.ids.length, movies.genres.length]
  const now = labels.slice()
  const decided = new Uint8Array(labels.length)
  const done = new Set<number>()
  const counts: number[] = []
  const answers: Answer[] = []
  let [found, learnt] = [0, 0]
  const first = await search(movies, now)
  let scores = ordersOf(first, now, n, k)[order]!.movies
  let wrong = first.wrong
  const left: Reviewed['left'][number][] = []
  const open = (of: (cell: number) => number): number =>
    rows.reduce((sum, row) => (done.has(row) ? sum : Array.from({ length: k }, (_, g) => of(row * k + g)).reduce((a, b) => a + b, sum)), 0)
  for (let i = 0; i < most; i++) {
    if (then === 'again' && i > 0 && i % 100 === 0) scores = ordersOf(await search(movies, now, decided), now, n, k)[order]!.movies
    if (then === 'learn' && answers.length >= learnt + EVERY) {
      learnt = answers.length
      const offsets = learnOffsets(answers, k)
      wrong = first.wrong.map((p, cell) => sigmoid(logit(p) + offsets[2 * (cell % k) + labels[cell]!]!))
      scores = Array.from({ length: n }, (_, row) => anyWrong(k, (g) => wrong[row * k + g]!))
    }
    const at = rows.reduce((best, row) => (!done.has(row) && (best < 0 || scores[row]! > scores[best]!) ? row : best), -1)
    done.add(at)
    let isWrong = 0
    for (let cell = at * k; cell < (at + 1) * k; cell++) {
      const differs = now[cell] === truth[cell] ? 0 : 1
      if (differs === 1) isWrong = 1
      if (first.wrong[cell]! >= LISTED)
        answers.push({ genre: cell % k, present: labels[cell] === 1 ? 1 : 0, searched: first.wrong[cell]!, wrong: accepts ? 1 : differs })
      now[cell] = truth[cell]!
      decided[cell] = 1
    }
    found += isWrong
    counts.push(found)
    const searched = open((cell) => first.wrong[cell]!)
    const real = open((cell) => (labels[cell] === truth[cell] ? 0 : 1))
    left.push({
      real,
      searched,
      learnt: Math.min(
        searched,
        open((cell) => wrong[cell]!),
      ),
    })
  }
  return { counts, left }
}
const REVIEWS = [
  ['random', 'random', 'nothing'],
  ['uncertainty', 'uncertainty', 'nothing'],
  ['cleanlab softmin 0.1', 'cleanlab softmin 0.1', 'nothing'],
  ['Reelabel, one search', 'Reelabel', 'nothing'],
  ['Reelabel, a search every 100 movies', 'Reelabel', 'again'],
  ['Reelabel, learning every 25 answers', 'Reelabel', 'learn'],
] as const
/** Wrong movies found after 2, 5 and 10% of the movies, the mean over several lists of labels. */
async function reviews(movies: Movies, lists: readonly Uint8Array[], truth: Uint8Array, rows: readonly number[]) {
  const at = [0.02, 0.05, 0.1].map((share) => Math.round(rows.length * share))
  const found: Record<string, number[]> = {}
  for (const [name, order, then] of REVIEWS) {
    const runs: (readonly number[])[] = []
    for (const labels of lists) runs.push((await reviewed({ movies, labels, truth, rows, order, then, most: at.at(-1)! })).counts)
    found[name] = at.map((count) => runs.reduce((sum, counts) => sum + counts[count - 1]!, 0) / runs.length)
    process.stderr.write(`review: ${name}\n`)
  }
  const left: Record<string, Reviewed['left'][]> = { oracle: [], accepts: [] }
  for (const labels of lists)
    for (const [who, how] of [
      ['oracle', {}],
      ['accepts', { accepts: true }],
    ] as const) {
      const run = await reviewed({ movies, labels, truth, rows, order: 'Reelabel', then: 'learn', most: at.at(-1)!, ...how })
      left[who]!.push(at.map((count) => run.left[count - 1]!))
    }
  return { at, found, left }
}
const mixes = (quick ? [77] : [77, 78, 79, 80]).map((seed) => plantErrors(few.labels, few.ids.length, k, ERROR_KINDS, 0.1, seed))
const singles = quick ? [] : ERROR_KINDS.map((kind) => plantErrors(few.labels, few.ids.length, k, [kind], 0.1, 91))
const laterLabels = Uint8Array.from(real.labels, (label, cell) => (changed[cell] === 1 ? 1 - label : label))
const review = {
  mixed: await reviews(few, mixes, few.labels, everyRow),
  single: singles.length > 0 ? await reviews(few, singles, few.labels, everyRow) : null,
  natural: await reviews(real, [real.labels], laterLabels, known),
}

/** Seconds of a plain training and of a search. */
async function cost({ texts, plots, genres, labels: y }: Movies): Promise<{ movies: number; training: number; search: number }> {
  const n = texts.length
  const config = linearDefaults(n)
  const fold = divider(() => plots, n, genres.length, config.folds)(y, 1)
  const input = { n, k: genres.length, labels: y, excluded: null, rowWeight: null, fold, plots: (rows: Int32Array) => Array.from(rows, (row) => plots[row]!) } // prettier-ignore
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    await work()
    return (performance.now() - start) / 1000
  }
  const training = await timed(() => trainLinear(input, config, () => undefined))
  return { movies: n, training, search: await timed(() => search({ ids: [], texts, plots, genres, labels: y }, y)) }
}
const costs = [await cost(all)]
process.stderr.write('cost\n')
console.log(JSON.stringify({ planted, natural, review, costs, movies: few.ids.length }))
