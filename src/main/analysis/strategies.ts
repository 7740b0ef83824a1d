/** Ways to choose thresholds on out-of-fold probabilities, and what each is worth on movies on which it was not chosen. */
import { STRATEGIES, STRATEGY_IDS, type StrategyId, type StrategyRow } from '../../contract/thresholds.ts'
import { gatherRows, splitColumnSteps, walkDown } from './matrix.ts'
import { headline } from './metrics.ts'
import { shuffled } from './random.ts'
import type { Steps } from './steps.ts'
import { chooseThresholdsSteps, midway, predict } from './thresholds.ts'

/** Labels and probabilities of some movies: (n, k). */
export interface Cells {
  readonly y: Uint8Array
  readonly p: Float32Array
  readonly n: number
  readonly k: number
}

/** One genre's distinct probabilities, largest first, with the true and false positives if everything from there up is predicted. */
interface Ladder {
  readonly values: Float32Array
  readonly tp: Int32Array
  readonly fp: Int32Array
  readonly support: number
}
/** Predicting nothing. */
const NOTHING = -1

/** The ladders of cells that several strategies look at: sorting their columns takes most of the time. */
const sorted = new WeakMap<Cells, readonly Ladder[]>()

function* ladders(cells: Cells): Steps<readonly Ladder[]> {
  const known = sorted.get(cells)
  if (known) return known
  const { y, p, n, k } = cells
  const all: Ladder[] = []
  for (let g = 0; g < k; g++) {
    const column = yield* splitColumnSteps(y, p, n, k, g)
    const [values, tp, fp]: [number[], number[], number[]] = [[], [], []]
    walkDown(column, (value, hits, alarms) => {
      values.push(value)
      tp.push(hits)
      fp.push(alarms)
    })
    all.push({ values: Float32Array.from(values), tp: Int32Array.from(tp), fp: Int32Array.from(fp), support: column.positives.length })
    yield
  }
  sorted.set(cells, all)
  return all
}

/** The threshold that predicts everything down to a rung and nothing below it. */
function cutAt({ values }: Ladder, rung: number): number {
  const above = rung === NOTHING ? 1 : values[rung]!
  return midway(values[rung + 1] ?? 0, above)
}

type Score = (tp: number, fp: number, support: number) => number
/** The rung with the largest score, the highest of equals; {@link NOTHING} counts too. */
function bestRung(ladder: Ladder, score: Score): number {
  let best = NOTHING
  let most = score(0, 0, ladder.support)
  for (let i = 0; i < ladder.values.length; i++) {
    const value = score(ladder.tp[i]!, ladder.fp[i]!, ladder.support)
    if (value > most) [best, most] = [i, value]
  }
  return best
}
const f1: Score = (tp, fp, support) => (tp === 0 ? 0 : (2 * tp) / (tp + fp + support))

/** Chooses (k) thresholds. `value`: the number that the caller set, or its default. */
type Strategy = (cells: Cells, value: number, seed: number) => Steps<Float32Array>

const eachGenre = (score: (value: number) => Score): Strategy =>
  function* (cells, value) {
    const all = yield* ladders(cells)
    return Float32Array.from(all, (ladder) => (ladder.support === 0 ? 0.5 : cutAt(ladder, bestRung(ladder, score(value)))))
  }

const GRID = Array.from({ length: 9 }, (_, i) => (i + 1) / 10)
function* grid({ y, p, n, k }: Cells): Steps<Float32Array> {
  let best = { threshold: 0.5, microF1: -1 }
  for (const threshold of GRID) {
    const thresholds = new Float32Array(k).fill(threshold)
    const { microF1 } = headline(y, predict(p, thresholds, n, k, { atLeastOne: true }), n, k)
    if (microF1 > best.microF1) best = { threshold, microF1 }
    yield
  }
  return new Float32Array(k).fill(best.threshold)
}

/** Values of `fbr` that are tried. */
const FBRS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
const INNER = 3
/**
 * SCutFBR.1 (Yang 2001; Fan and Lin 2007): a genre whose F1 in cross-validation is below `fbr` gets its highest probability as threshold;
 * the others their best one. `fbr` is the value with the best micro-F1 in the same cross-validation.
 */
function* fbr(cells: Cells, _: number, seed: number): Steps<Float32Array> {
  const { k } = cells
  const inner: { readonly own: Held[]; readonly top: Held[] }[] = []
  for (const { rest, held } of parts(cells, INNER, seed)) {
    const [from, on] = [yield* ladders(rest), yield* ladders(held)]
    inner.push({
      own: on.map((ladder, g) => counted(ladder, cutAt(from[g]!, bestRung(from[g]!, f1)))),
      top: on.map((ladder, g) => counted(ladder, from[g]!.values[0] ?? 1)),
    })
  }
  const mean = (g: number): number => inner.reduce((sum, { own }) => sum + f1(own[g]!.tp, own[g]!.fp, own[g]!.support), 0) / INNER
  const means = Array.from({ length: k }, (_g, g) => mean(g))
  const microF1 = (least: number): number => {
    const kept = inner.flatMap(({ own, top }) => means.map((value, g) => (value < least ? top[g]! : own[g]!)))
    const sum = (of: keyof Held): number => kept.reduce((total, held) => total + held[of], 0)
    return f1(sum('tp'), sum('fp'), sum('support'))
  }
  const best = FBRS.reduce((a, b) => (microF1(b) > microF1(a) ? b : a))
  const all = yield* ladders(cells)
  return Float32Array.from(all, (ladder, g) => (means[g]! < best ? (ladder.values[0] ?? 1) : cutAt(ladder, bestRung(ladder, f1))))
}
interface Held {
  readonly tp: number
  readonly fp: number
  readonly support: number
}
function counted({ values, tp, fp, support }: Ladder, threshold: number): Held {
  const rung = values.findLastIndex((value) => value >= threshold)
  return { tp: tp[rung] ?? 0, fp: fp[rung] ?? 0, support }
}

const MOST_SWEEPS = 20
/** Micro-F1 plus macro-F1, genre after genre, until a sweep over all genres gains nothing (a relative of micromacro-freq, Lin et al. 2023). */
function* microMacro(cells: Cells): Steps<Float32Array> {
  const all = yield* ladders(cells)
  const rungs = all.map((ladder) => bestRung(ladder, f1))
  const at = (values: Int32Array, rung: number): number => values[rung] ?? 0
  let [tp, fp] = [0, 0]
  all.forEach((ladder, g) => {
    tp += at(ladder.tp, rungs[g]!)
    fp += at(ladder.fp, rungs[g]!)
  })
  const support = all.reduce((sum, ladder) => sum + ladder.support, 0)
  for (let sweep = 0, moved = true; moved && sweep < MOST_SWEEPS; sweep++) {
    moved = false
    for (const [g, ladder] of all.entries()) {
      const [restTp, restFp] = [tp - at(ladder.tp, rungs[g]!), fp - at(ladder.fp, rungs[g]!)]
      const rung = bestRung(
        ladder,
        (own, alarms, positives) => f1(restTp + own, restFp + alarms, support) + f1(own, alarms, positives) / all.length,
      )
      moved ||= rung !== rungs[g]
      rungs[g] = rung
      tp = restTp + at(ladder.tp, rung)
      fp = restFp + at(ladder.fp, rung)
    }
    yield
  }
  return Float32Array.from(all, (ladder, g) => (ladder.support === 0 ? 0.5 : cutAt(ladder, rungs[g]!)))
}

/** Candidate cuts of each genre: quantiles of its probabilities. */
const CANDIDATES = 256
/**
 * The mean Jaccard of movies, genre after genre: what a genre gains depends on the others that the movie is predicted to have, so all
 * thresholds are chosen together. The rule that every movie gets a genre is not part of the search.
 */
function* jaccard(cells: Cells): Steps<Float32Array> {
  const { y, p, n, k } = cells
  const all = yield* ladders(cells)
  const thresholds = Float32Array.from(all, (ladder) => cutAt(ladder, bestRung(ladder, f1)))
  const [both, either] = [new Int32Array(n), new Int32Array(n)]
  const add = (row: number, g: number, sign: number): void => {
    const label = y[row * k + g]!
    if (p[row * k + g]! < thresholds[g]!) return
    both[row]! += sign * label
    either[row]! += sign * (1 - label)
  }
  for (let row = 0; row < n; row++) {
    for (let g = 0; g < k; g++) either[row]! += y[row * k + g]!
    for (let g = 0; g < k; g++) add(row, g, 1)
  }
  for (let sweep = 0, moved = true; moved && sweep < MOST_SWEEPS; sweep++) {
    moved = false
    for (let g = 0; g < k; g++) {
      const { values } = all[g]!
      const rungs = Math.min(CANDIDATES, values.length)
      const cuts = Float32Array.from({ length: rungs }, (_, i) =>
        cutAt(all[g]!, Math.floor((i * (values.length - 1)) / Math.max(1, rungs - 1))),
      )
      const gains = new Float64Array(rungs)
      for (let row = 0; row < n; row++) {
        add(row, g, -1)
        const [inter, union, label] = [both[row]!, either[row]!, y[row * k + g]!]
        const gain = ratio(inter + label, union + 1 - label) - ratio(inter, union)
        const first = firstAtMost(cuts, p[row * k + g]!)
        if (first < rungs) gains[first]! += gain
      }
      let [sum, most, best] = [0, 0, NOTHING]
      gains.forEach((gain, i) => {
        sum += gain
        if (sum > most) [most, best] = [sum, i]
      })
      const cut = best === NOTHING ? cutAt(all[g]!, NOTHING) : cuts[best]!
      moved ||= Math.abs(cut - thresholds[g]!) > 1e-6
      thresholds[g] = cut
      for (let row = 0; row < n; row++) add(row, g, 1)
      yield
    }
  }
  return thresholds
}
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
/** The first place of a descending list whose value is at most `p`; its length if there is none. */
function firstAtMost(cuts: Float32Array, p: number): number {
  let [from, to] = [0, cuts.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (cuts[middle]! <= p) to = middle
    else from = middle + 1
  }
  return from
}

/**
 * The walk of Balete and Ducay: thresholds begin at 0.5; movie after movie, a false prediction raises the genre's threshold by a step and a
 * missed one lowers it.
 */
const walk = (iterations: number, step: (iteration: number) => number): Strategy =>
  function* ({ y, p, n, k }) {
    const thresholds = new Float64Array(k).fill(0.5)
    for (let i = 1; i <= iterations; i++) {
      for (let at = 0; at < n * k; at++) {
        const g = at % k
        const predicted = p[at]! >= thresholds[g]! ? 1 : 0
        if (predicted !== y[at]) thresholds[g] = Math.min(1, Math.max(0, thresholds[g]! + (predicted ? step(i) : -step(i))))
      }
      yield
    }
    return Float32Array.from(thresholds)
  }

const CHOOSE: Readonly<Record<StrategyId, Strategy>> = {
  // eslint-disable-next-line require-yield -- a strategy like the others
  *fixed({ k }, value) {
    return new Float32Array(k).fill(value)
  },
  grid,
  'per-genre': ({ y, p, n, k }) => chooseThresholdsSteps(y, p, n, k, null),
  fbr,
  'micro-macro': microMacro,
  jaccard,
  // of the cuts that reach the precision the one with most hits, else the most precise one
  precision: eachGenre((least) => (tp, fp) => (tp + fp === 0 ? 0 : tp / (tp + fp) >= least ? 1 + tp : tp / (tp + fp))),
  // of the cuts that reach the recall the one with the fewest false predictions
  recall: eachGenre((least) => (tp, fp, support) => (tp >= least * support ? 1 / (1 + fp) : -1)),
  cost: eachGenre((miss) => (tp, fp, support) => -(miss * (support - tp) + fp)),
  'annealed-1': walk(1, () => 0.001),
  'annealed-5': walk(5, () => 0.001),
  'annealed-10': walk(10, () => 0.001),
  annealed: walk(10, (iteration) => 0.001 / iteration),
}

/** Thresholds by one strategy, in steps. */
export const chooseBy = (strategy: StrategyId, cells: Cells, value: number | null, seed: number): Steps<Float32Array> =>
  CHOOSE[strategy](cells, value ?? STRATEGIES[strategy].value?.usual ?? 0, seed)

const OUTER = 5
/**
 * Every strategy, in steps: its thresholds on all movies, with their scores there, and the scores of thresholds that were chosen on four
 * fifths of the movies and applied to the other fifth. Every movie gets at least one genre, as everywhere.
 */
export function* compareStrategies(
  cells: Cells,
  values: Readonly<Partial<Record<StrategyId, number>>>,
  seed: number,
): Steps<StrategyRow[]> {
  const { y, p, n, k } = cells
  const valueOf = (strategy: StrategyId): number | null => values[strategy] ?? STRATEGIES[strategy].value?.usual ?? null
  const chosen: Float32Array[] = []
  for (const strategy of STRATEGY_IDS) chosen.push(yield* chooseBy(strategy, cells, valueOf(strategy), seed))
  const heldOut = STRATEGY_IDS.map(() => new Uint8Array(n * k))
  // one part after the other: its sorted columns serve every strategy
  for (const { rest, held, rows } of parts(cells, OUTER, seed))
    for (const [i, strategy] of STRATEGY_IDS.entries()) {
      const h = predict(held.p, yield* chooseBy(strategy, rest, valueOf(strategy), seed), held.n, k, { atLeastOne: true })
      rows.forEach((row, at) => heldOut[i]!.set(h.subarray(at * k, at * k + k), row * k))
      yield
    }
  const table: StrategyRow[] = []
  for (const [i, strategy] of STRATEGY_IDS.entries()) {
    const thresholds = chosen[i]!
    table.push({
      strategy,
      value: valueOf(strategy),
      thresholds: [...thresholds],
      chosen: headline(y, predict(p, thresholds, n, k, { atLeastOne: true }), n, k),
      heldOut: headline(y, heldOut[i]!, n, k),
    })
    yield
  }
  return table
}

interface Part {
  /** The movies outside the part. */
  readonly rest: Cells
  readonly held: Cells
  /** Rows of `held`. */
  readonly rows: Int32Array
}
/** Divides the movies at random into parts of equal size, which are made one after the other. */
export function* parts({ y, p, n, k }: Cells, count: number, seed: number): Generator<Part> {
  const order = shuffled(
    Int32Array.from({ length: n }, (_, i) => i),
    seed,
  )
  const of = (rows: Int32Array): Cells => ({ y: gatherRows(y, rows, k), p: gatherRows(p, rows, k), n: rows.length, k })
  for (let i = 0; i < count; i++) {
    const rows = order.filter((_row, at) => at % count === i)
    yield { rows, held: of(rows), rest: of(order.filter((_row, at) => at % count !== i)) }
  }
}
