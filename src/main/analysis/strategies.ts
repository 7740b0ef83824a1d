/** Strategies that choose thresholds on out-of-fold probabilities, and their scores on held-out movies. */
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

/** A genre's distinct probabilities, largest first, and the true and false positives if every movie from that probability up is predicted. */
interface Curve {
  readonly values: Float32Array
  readonly tp: Int32Array
  readonly fp: Int32Array
  readonly support: number
}
/** The point before the first one: nothing is predicted. */
const NOTHING = -1

/** Curves by cells, cached because several strategies use them and sorting the columns takes most of the time. */
const sorted = new WeakMap<Cells, readonly Curve[]>()

function* curves(cells: Cells): Steps<readonly Curve[]> {
  const known = sorted.get(cells)
  if (known) return known
  const { y, p, n, k } = cells
  const all: Curve[] = []
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

/** The threshold that predicts the probabilities down to a point of the curve and none below. */
function thresholdAt({ values }: Curve, point: number): number {
  const above = point === NOTHING ? 1 : values[point]!
  return midway(values[point + 1] ?? 0, above)
}

type Score = (tp: number, fp: number, support: number) => number
/** Index of the point with the largest score, the first of equals, or {@link NOTHING}. */
function bestPoint(curve: Curve, score: Score): number {
  let best = NOTHING
  let most = score(0, 0, curve.support)
  for (let i = 0; i < curve.values.length; i++) {
    const value = score(curve.tp[i]!, curve.fp[i]!, curve.support)
    if (value > most) [best, most] = [i, value]
  }
  return best
}
const f1: Score = (tp, fp, support) => (tp === 0 ? 0 : (2 * tp) / (tp + fp + support))

/** Chooses (k) thresholds. `value`: the number that the caller set, or its default. */
type Strategy = (cells: Cells, value: number, seed: number) => Steps<Float32Array>

const eachGenre = (score: (value: number) => Score): Strategy =>
  function* (cells, value) {
    const all = yield* curves(cells)
    return Float32Array.from(all, (curve) => (curve.support === 0 ? 0.5 : thresholdAt(curve, bestPoint(curve, score(value)))))
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
  const inner: { readonly own: Counts[]; readonly top: Counts[] }[] = []
  for (const { rest, held } of parts(cells, INNER, seed)) {
    const [from, on] = [yield* curves(rest), yield* curves(held)]
    inner.push({
      own: on.map((curve, g) => countsAt(curve, thresholdAt(from[g]!, bestPoint(from[g]!, f1)))),
      top: on.map((curve, g) => countsAt(curve, from[g]!.values[0] ?? 1)),
    })
  }
  const mean = (g: number): number => inner.reduce((sum, { own }) => sum + f1(own[g]!.tp, own[g]!.fp, own[g]!.support), 0) / INNER
  const means = Array.from({ length: k }, (_g, g) => mean(g))
  const microF1 = (least: number): number => {
    const kept = inner.flatMap(({ own, top }) => means.map((value, g) => (value < least ? top[g]! : own[g]!)))
    const sum = (of: keyof Counts): number => kept.reduce((total, held) => total + held[of], 0)
    return f1(sum('tp'), sum('fp'), sum('support'))
  }
  const best = FBRS.reduce((a, b) => (microF1(b) > microF1(a) ? b : a))
  const all = yield* curves(cells)
  return Float32Array.from(all, (curve, g) => (means[g]! < best ? (curve.values[0] ?? 1) : thresholdAt(curve, bestPoint(curve, f1))))
}
interface Counts {
  readonly tp: number
  readonly fp: number
  readonly support: number
}
function countsAt({ values, tp, fp, support }: Curve, threshold: number): Counts {
  const point = values.findLastIndex((value) => value >= threshold)
  return { tp: tp[point] ?? 0, fp: fp[point] ?? 0, support }
}

const MAX_SWEEPS = 20
/** Micro-F1 plus macro-F1, genre after genre, until a sweep over all genres gains nothing (a relative of micromacro-freq, Lin et al. 2023). */
function* microMacro(cells: Cells): Steps<Float32Array> {
  const all = yield* curves(cells)
  const points = all.map((curve) => bestPoint(curve, f1))
  const at = (values: Int32Array, point: number): number => values[point] ?? 0
  let [tp, fp] = [0, 0]
  all.forEach((curve, g) => {
    tp += at(curve.tp, points[g]!)
    fp += at(curve.fp, points[g]!)
  })
  const support = all.reduce((sum, curve) => sum + curve.support, 0)
  for (let sweep = 0, moved = true; moved && sweep < MAX_SWEEPS; sweep++) {
    moved = false
    for (const [g, curve] of all.entries()) {
      const [restTp, restFp] = [tp - at(curve.tp, points[g]!), fp - at(curve.fp, points[g]!)]
      const point = bestPoint(
        curve,
        (own, alarms, positives) => f1(restTp + own, restFp + alarms, support) + f1(own, alarms, positives) / all.length,
      )
      moved ||= point !== points[g]
      points[g] = point
      tp = restTp + at(curve.tp, point)
      fp = restFp + at(curve.fp, point)
    }
    yield
  }
  return Float32Array.from(all, (curve, g) => (curve.support === 0 ? 0.5 : thresholdAt(curve, points[g]!)))
}

/** Candidate cuts of each genre: quantiles of its probabilities. */
const CANDIDATES = 256
/**
 * The mean Jaccard of movies, genre after genre: what a genre gains depends on the others that the movie is predicted to have, so all
 * thresholds are chosen together. The rule that every movie gets a genre is not part of the search.
 */
function* jaccard(cells: Cells): Steps<Float32Array> {
  const { y, p, n, k } = cells
  const all = yield* curves(cells)
  const thresholds = Float32Array.from(all, (curve) => thresholdAt(curve, bestPoint(curve, f1)))
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
  for (let sweep = 0, moved = true; moved && sweep < MAX_SWEEPS; sweep++) {
    moved = false
    for (let g = 0; g < k; g++) {
      const { values } = all[g]!
      const points = Math.min(CANDIDATES, values.length)
      const cuts = Float32Array.from({ length: points }, (_, i) =>
        thresholdAt(all[g]!, Math.floor((i * (values.length - 1)) / Math.max(1, points - 1))),
      )
      const gains = new Float64Array(points)
      for (let row = 0; row < n; row++) {
        add(row, g, -1)
        const [inter, union, label] = [both[row]!, either[row]!, y[row * k + g]!]
        const gain = ratio(inter + label, union + 1 - label) - ratio(inter, union)
        const first = firstAtMost(cuts, p[row * k + g]!)
        if (first < points) gains[first]! += gain
      }
      let [sum, most, best] = [0, 0, NOTHING]
      gains.forEach((gain, i) => {
        sum += gain
        if (sum > most) [most, best] = [sum, i]
      })
      const cut = best === NOTHING ? thresholdAt(all[g]!, NOTHING) : cuts[best]!
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
