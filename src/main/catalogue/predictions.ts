import { silentCells } from '../analysis/impossible.ts'
import type { Scale } from '../../contract/records.ts'
import { calibrated, composed, IDENTITY, inverse } from '../analysis/platt.ts'
import { rowQuality } from '../analysis/quality.ts'
import { predictRows } from '../analysis/thresholds.ts'
import {
  BUCKET_BITS,
  GOOD as GOOD_KIND,
  type Triage,
  type TriageInput,
  triageRow,
  VERDICT_IMPOSSIBLE,
  VERDICT_KEEP,
} from '../analysis/triage.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { Derived } from './derived.ts'
import type { Suspects } from './suspects.ts'
import { readScoresInSteps, scaleOf, type RunScores } from './run-scores.ts'
import { runToEnd } from '../analysis/steps.ts'

/** Movies processed in one step: about ten milliseconds with 19 genres. */
const BLOCK = 16_384

/** A run's predictions over the catalogue, and the triage of every cell under the effective labels. Matrices are n x k. */
export class Predictions implements RunScores {
  readonly run: number
  /** Thresholded predictions; for a cell that the run has not predicted, its label. */
  readonly p: Float32Array
  readonly thresholds: Float32Array
  readonly predicted: Uint8Array
  readonly known: Uint8Array
  readonly has: Uint8Array
  /** Number of rows that the run has predicted. */
  readonly seen: number
  /** (k) share of each genre's source labels that is predicted; 1 for a genre without labels. */
  readonly carried: Float64Array
  /** Label quality of each row, 0 worst: 1 - P(a label is wrong) if suspects were searched for; NaN without a prediction. */
  readonly score: Float32Array
  readonly #catalogue: Catalogue
  readonly #scales: readonly Scale[]
  readonly #triage: Omit<Triage, 'partner'>
  readonly #input: TriageInput
  /** (k) scratch space for the partners of one movie. */
  readonly #partner: Int16Array
  readonly #allKnown: boolean
  readonly #suspects: Suspects | null

  private constructor(
    catalogue: Catalogue,
    run: StoredRun,
    { p, has, known, thresholds }: RunScores,
    silent: Uint32Array,
    suspects: Suspects | null,
  ) {
    const { n, k, labels: y, verdicts } = catalogue
    this.#catalogue = catalogue
    this.#suspects = suspects
    this.run = run.id
    this.p = p
    this.has = has
    this.known = known
    this.thresholds = thresholds
    this.seen = has.reduce((sum, x) => sum + x, 0)
    this.predicted = new Uint8Array(n * k)
    this.score = new Float32Array(n)
    this.carried = new Float64Array(k).fill(1)
    this.#scales = scalesOf(catalogue, run)
    this.#input = { n, k, y, h: this.predicted, p, thresholds, verdicts, silent }
    this.#triage = { kinds: new Uint8Array(n * k), impossible: new Uint8Array(n * k), buckets: new Uint8Array(n) }
    this.#partner = new Int16Array(k)
    this.#allKnown = known.every((x) => x === 1)
  }
  static load(catalogue: Catalogue, store: Store, run: StoredRun, derived = new Derived(store, catalogue, run)): Predictions {
    return runToEnd(Predictions.loadInSteps(catalogue, store, run, derived))
  }
  /** {@link load} in steps of about ten milliseconds. The caller must report changes made meanwhile, see {@link refresh}. */
  static *loadInSteps(
    catalogue: Catalogue,
    store: Store,
    run: StoredRun,
    derived = new Derived(store, catalogue, run),
    suspects: Suspects | null = null,
  ): Generator<undefined, Predictions> {
    const kept = derived.silent()
    const evidence = kept === null ? new Float32Array(catalogue.n * catalogue.k) : null
    const scores = yield* readScoresInSteps(catalogue, store, run, evidence)
    const silent = kept ?? (yield* silence(catalogue, scores, evidence!))
    if (kept === null) derived.keepSilent(silent)
    const unsupported = suspects ? (yield* suspects.silentNeighbours()).map((bits, i) => bits & silent[i]!) : silent
    const made = new Predictions(catalogue, run, scores, unsupported, suspects)
    yield* made.#begin(derived)
    return made
  }
  /** Triage of all rows; cached scores are reused for rows without a later change. */
  *#begin(derived: Derived): Generator<undefined, void> {
    const { n, k, source, lastTouch, lastBatch } = this.#catalogue
    const [support, found] = [new Float64Array(k), new Float64Array(k)]
    // a search for suspects is in the file itself
    const kept = this.#suspects ? null : derived.scores()
    if (kept) this.score.set(kept.scores)
    for (let first = 0; first < n; first += BLOCK) {
      const end = Math.min(n, first + BLOCK)
      predictRows(this.p, this.thresholds, first, end, k, { atLeastOne: true }, this.predicted)
      for (let row = first; row < end; row++) {
        if (!this.#allKnown || !this.has[row]) this.#agreeWhereUnknown(row)
        triageRow(this.#input, row, this.#triage, this.#partner)
        for (let j = 0, cell = row * k; j < k; j++, cell++) {
          support[j]! += source[cell]!
          found[j]! += source[cell]! & this.predicted[cell]!
        }
        if (kept && lastTouch[row]! > kept.lastBatch) this.#rate(row, row + 1)
      }
      if (!kept) this.#rate(first, end)
      yield
    }
    support.forEach((labels, j) => labels > 0 && (this.carried[j] = found[j]! / labels))
    if (!kept && !this.#suspects) derived.keepScores(this.score, lastBatch)
  }
  get kinds(): Uint8Array {
    return this.#triage.kinds
  }
  /** Cells estimated impossible. */
  get estimates(): Uint8Array {
    return this.#triage.impossible
  }
  get buckets(): Uint8Array {
    return this.#triage.buckets
  }
  /** (k) for each column of a row the column that it is swapped with, or -1; valid until the next call. */
  partnersOf(row: number): Int16Array {
    triageRow(this.#input, row, this.#triage, this.#partner)
    return this.#partner
  }
  /** Bucket bit of one cell: by the verdict if there is one, else by the estimate, else by the kind. */
  cellBucket(cell: number): number {
    const verdict = this.#catalogue.verdicts[cell]
    if (verdict === VERDICT_KEEP) return BUCKET_BITS.good
    if (verdict === VERDICT_IMPOSSIBLE || this.estimates[cell] === 1) return BUCKET_BITS.impossible
    return this.kinds[cell] === GOOD_KIND ? BUCKET_BITS.good : BUCKET_BITS.bad
  }
  /** Rates all rows again, after probabilities of the suspects have changed. */
  *rescore(): Generator<undefined, void> {
    const { n } = this.#catalogue
    for (let first = 0; first < n; first += BLOCK) {
      this.#rate(first, Math.min(n, first + BLOCK))
      yield
    }
  }
  /** Updates the triage of one row after its labels or verdicts have changed. */
  refresh(row: number): void {
    if (row < 0) return
    this.#agreeWhereUnknown(row)
    triageRow(this.#input, row, this.#triage, this.#partner)
    this.#rate(row, row + 1)
  }
  /** Probabilities calibrated to be comparable across genres. Only the score uses them. */
  #rate(first: number, end: number): void {
    const { k, labels } = this.#catalogue
    if (this.#suspects) {
      for (let row = first; row < end; row++) this.score[row] = this.has[row] ? 1 - this.#suspects.movie(row) : NaN
      return
    }
    const comparable = calibrated(this.p.subarray(first * k, end * k), this.#scales, end - first, k)
    this.score.set(rowQuality(labels.subarray(first * k, end * k), comparable, end - first, k), first)
    for (let row = first; row < end; row++) if (!this.has[row]) this.score[row] = NaN
  }
  /** Cells that the run has not predicted agree with their labels: an unknown cell is never bad. */
  #agreeWhereUnknown(row: number): void {
    const { k, labels } = this.#catalogue
    for (let j = 0; j < k; j++) {
      if (this.has[row] && this.known[j]) continue
      const cell = row * k + j
      this.predicted[cell] = this.p[cell] = labels[cell]!
    }
  }
}

/**
 * Cells without any evidence. The levels are those of the source labels, so that relabelling one movie does not change the estimates of
 * others; cells that the run has not predicted agree with them.
 */
function* silence(catalogue: Catalogue, scores: RunScores, e: Float32Array): Generator<undefined, Uint32Array> {
  const { n, k, source } = catalogue
  const h = new Uint8Array(n * k)
  for (let first = 0; first < n; first += BLOCK) {
    const end = Math.min(n, first + BLOCK)
    predictRows(scores.p, scores.thresholds, first, end, k, { atLeastOne: true }, h)
    for (let row = first; row < end; row++)
      for (let j = 0, cell = row * k; j < k; j++, cell++) if (!scores.has[row] || !scores.known[j]) h[cell] = e[cell] = source[cell]!
    yield
  }
  return silentCells({ n, k, y: source, h, e, plotLengths: catalogue.plotLengths })
}

/** From the run's probabilities to Platt's scale of its training, for each column; one that the run does not know keeps its probabilities. */
function scalesOf(catalogue: Catalogue, run: StoredRun): Scale[] {
  const scales = new Array<Scale>(catalogue.k).fill(IDENTITY)
  run.genres.forEach((genre, j) => {
    const column = catalogue.column(genre)
    if (column >= 0) scales[column] = composed(inverse(scaleOf(run, j)), run.scales[j] ?? IDENTITY)
  })
  return scales
}
