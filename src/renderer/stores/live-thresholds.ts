/** Recomputes figures while a threshold is dragged. */
import type { Headline } from '../../contract/records.ts'
import type { ThresholdData } from '../../contract/thresholds.ts'

export interface LiveScores extends Headline {
  readonly atLeastOne: number
  readonly subset: number
  readonly hamming: number
}
export interface GenreFigures {
  readonly support: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}
/** A point of a precision-recall curve, and the threshold at which it is reached. */
export interface CurvePoint {
  readonly threshold: number
  readonly precision: number
  readonly recall: number
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
/** Points of a precision-recall curve. */
const POINTS = 200

/**
 * Predictions under thresholds that change one by one. A change looks at one column and at the movies that change side, so that 100,000
 * movies fit into a frame. A movie that reaches no threshold has its most probable genre, as everywhere.
 */
export class LiveFigures {
  readonly thresholds: Float32Array
  readonly n: number
  readonly k: number
  readonly #labels: Uint8Array
  readonly #p: Float32Array
  /** (n, k) genres at or above their thresholds; in each movie how many, how many of them are right, its labels, and its most probable genre */
  readonly #own: Uint8Array
  readonly #size: Uint16Array
  readonly #hits: Uint16Array
  readonly #given: Uint16Array
  readonly #top: Uint16Array
  /** (k) */
  readonly #tp: Int32Array
  readonly #fp: Int32Array
  readonly #support: Int32Array
  #jaccard = 0
  #atLeastOne = 0
  #subset = 0

  constructor({ labels, probabilities, genres, thresholds }: Pick<ThresholdData, 'labels' | 'probabilities' | 'genres' | 'thresholds'>) {
    const k = genres.length
    const n = labels.length / k
    ;[this.n, this.k, this.#labels, this.#p] = [n, k, labels, probabilities]
    this.#own = new Uint8Array(n * k)
    ;[this.#size, this.#hits, this.#given, this.#top] = [new Uint16Array(n), new Uint16Array(n), new Uint16Array(n), new Uint16Array(n)]
    ;[this.#tp, this.#fp, this.#support] = [new Int32Array(k), new Int32Array(k), new Int32Array(k)]
    for (let row = 0; row < n; row++) {
      let top = 0
      for (let g = 0; g < k; g++) {
        const at = row * k + g
        if ((probabilities[at] ?? 0) > (probabilities[row * k + top] ?? 0)) top = g
        this.#given[row]! += labels[at] ?? 0
        this.#support[g]! += labels[at] ?? 0
      }
      this.#top[row] = top
      this.#count(row, 1)
    }
    // above every probability: nothing is predicted yet
    this.thresholds = new Float32Array(k).fill(2)
    thresholds.forEach((threshold, g) => this.set(g, threshold))
  }
  /** Moves one threshold. */
  set(g: number, threshold: number): void {
    const { n, k } = this
    this.thresholds[g] = threshold
    const cut = this.thresholds[g]
    for (let row = 0, at = g; row < n; row++, at += k) {
      const now = this.#p[at]! >= cut ? 1 : 0
      if (now === this.#own[at]) continue
      this.#count(row, -1)
      const sign = now === 1 ? 1 : -1
      this.#own[at] = now
      this.#size[row]! += sign
      this.#hits[row]! += sign * this.#labels[at]!
      if (this.#labels[at] === 1) this.#tp[g]! += sign
      else this.#fp[g]! += sign
      this.#count(row, 1)
    }
  }
  /** Adds a movie to the sums (sign 1) or removes it (-1). */
  #count(row: number, sign: 1 | -1): void {
    let [size, hits] = [this.#size[row]!, this.#hits[row]!]
    if (size === 0) {
      const top = this.#top[row]!
      ;[size, hits] = [1, this.#labels[row * this.k + top] ?? 0]
      if (hits === 1) this.#tp[top]! += sign
      else this.#fp[top]! += sign
    }
    const given = this.#given[row]!
    this.#jaccard += sign * ratio(hits, size + given - hits)
    if (hits > 0) this.#atLeastOne += sign
    if (hits === size && hits === given) this.#subset += sign
  }
  headline(): LiveScores {
    const { n, k } = this
    let [tp, fp, support, macro] = [0, 0, 0, 0]
    for (let g = 0; g < k; g++) {
      tp += this.#tp[g]!
      fp += this.#fp[g]!
      support += this.#support[g]!
      macro += this.genre(g).f1
    }
    return {
      microF1: ratio(2 * tp, tp + fp + support),
      macroF1: ratio(macro, k),
      jaccard: ratio(this.#jaccard, n),
      atLeastOne: ratio(this.#atLeastOne, n),
      subset: ratio(this.#subset, n),
      hamming: ratio(fp + support - tp, n * k),
    }
  }
  genre(g: number): GenreFigures {
    const [tp, fp, support] = [this.#tp[g]!, this.#fp[g]!, this.#support[g]!]
    return { support, precision: ratio(tp, tp + fp), recall: ratio(tp, support), f1: ratio(2 * tp, tp + fp + support) }
  }
  /** Rows that a threshold would predict and another one would not, the nearest to the first one first. */
  between(g: number, from: number, to: number): number[] {
    const [low, high] = from < to ? [from, to] : [to, from]
    const rows: number[] = []
    for (let row = 0, at = g; row < this.n; row++, at += this.k) if (this.#p[at]! >= low && this.#p[at]! < high) rows.push(row)
    const distance = (row: number): number => Math.abs(this.#p[row * this.k + g]! - from)
    return rows.sort((a, b) => distance(a) - distance(b) || a - b)
  }
  probability(row: number, g: number): number {
    return this.#p[row * this.k + g] ?? 0
  }
  has(row: number, g: number): boolean {
    return this.#labels[row * this.k + g] === 1
  }
  /** The precision-recall curve of a genre's own predictions, without the rule that every movie has a genre; the lowest threshold first. */
  curve(g: number): CurvePoint[] {
    const column = (label: number): Float32Array =>
      Float32Array.from({ length: this.n }, (_, row) => this.#p[row * this.k + g]!)
        .filter((_, row) => this.#labels[row * this.k + g] === label)
        .sort()
    const [positives, negatives] = [column(1), column(0)]
    const { length } = positives
    const points = new Map<number, CurvePoint>()
    for (let i = 0; i < Math.min(POINTS, length); i++) {
      const threshold = positives[Math.floor((i * (length - 1)) / Math.max(1, Math.min(POINTS, length) - 1))]!
      const [tp, fp] = [length - firstAtLeast(positives, threshold), negatives.length - firstAtLeast(negatives, threshold)]
      points.set(threshold, { threshold, precision: ratio(tp, tp + fp), recall: ratio(tp, length) })
    }
    return [...points.values()]
  }
}

/** The first place of an ascending list whose value is at least `x`; its length if there is none. */
function firstAtLeast(values: Float32Array, x: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (values[middle]! < x) from = middle + 1
    else to = middle
  }
  return from
}
