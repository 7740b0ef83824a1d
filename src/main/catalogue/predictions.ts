import { gatherEvidence } from '../analysis/impossible.ts'
import { calibrated, IDENTITY, type PlattScale } from '../analysis/platt.ts'
import { rowQuality } from '../analysis/quality.ts'
import { predict } from '../analysis/thresholds.ts'
import { BUCKET_BITS, GOOD as GOOD_KIND, triage, triageRow, VERDICT_IMPOSSIBLE, VERDICT_KEEP } from '../analysis/triage.ts'
import type { Triage, TriageInput } from '../analysis/triage.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { readScores, type RunScores } from './run-scores.ts'

/** A run's predictions over the catalogue, and the triage of every cell under the effective labels. Matrices are n x k. */
export class Predictions implements RunScores {
  readonly run: number
  /** As predicted; where the run has not seen the cell, its label. */
  readonly p: Float32Array
  readonly e: Float32Array
  readonly thresholds: Float32Array
  readonly predicted: Uint8Array
  readonly known: Uint8Array
  readonly has: Uint8Array
  /** Label quality of each row, 0 worst; NaN without a prediction. */
  readonly score: Float32Array
  readonly #catalogue: Catalogue
  /** Probabilities that can be compared across genres, for the score alone. */
  readonly #calibrated: Float32Array
  readonly #scales: readonly PlattScale[]
  readonly #triage: Triage
  readonly #input: TriageInput

  constructor(catalogue: Catalogue, store: Store, run: StoredRun) {
    const { n, k } = catalogue
    this.#catalogue = catalogue
    this.run = run.id
    this.e = new Float32Array(n * k)
    const { p, has, known, thresholds } = readScores(catalogue, store, run, this.e)
    this.p = p
    this.has = has
    this.known = known
    this.thresholds = thresholds
    this.predicted = predict(this.p, this.thresholds, n, k, { atLeastOne: true })
    for (let row = 0; row < n; row++) this.#agreeWhereUnknown(row)
    const { labels: y, verdicts } = catalogue
    // the levels are those of the source labels: relabelling one movie does not move the estimates of the others
    const evidence = gatherEvidence({ n, k, y: catalogue.source, h: this.predicted, e: this.e, plotLengths: catalogue.plotLengths })
    this.#input = { n, k, y, h: this.predicted, p: this.p, thresholds: this.thresholds, verdicts, evidence }
    this.#triage = triage(this.#input)
    this.#scales = scalesOf(catalogue, run)
    this.#calibrated = calibrated(this.p, this.#scales, n, k)
    this.score = rowQuality(y, this.#calibrated, n, k)
    for (let row = 0; row < n; row++) if (!this.has[row]) this.score[row] = NaN
  }
  get kinds(): Uint8Array {
    return this.#triage.kinds
  }
  get partners(): Int16Array {
    return this.#triage.partner
  }
  /** Cells estimated impossible. */
  get estimates(): Uint8Array {
    return this.#triage.impossible
  }
  get buckets(): Uint8Array {
    return this.#triage.buckets
  }
  /** Bucket bit of one cell: the verdict where there is one, else the estimate, else the kind. */
  cellBucket(cell: number): number {
    const verdict = this.#catalogue.verdicts[cell]
    if (verdict === VERDICT_KEEP) return BUCKET_BITS.good
    if (verdict === VERDICT_IMPOSSIBLE || this.estimates[cell] === 1) return BUCKET_BITS.impossible
    return this.kinds[cell] === GOOD_KIND ? BUCKET_BITS.good : BUCKET_BITS.bad
  }
  /** Triage of one row anew, after its labels or verdicts changed. */
  refresh(row: number): void {
    if (row < 0) return
    const { k, labels } = this.#catalogue
    this.#agreeWhereUnknown(row)
    triageRow(this.#input, row, this.#triage)
    const at = row * k
    // the cells that the run has not seen have moved with their labels
    this.#calibrated.set(calibrated(this.p.subarray(at, at + k), this.#scales, 1, k), at)
    this.score[row] = rowQuality(labels.subarray(at, at + k), this.#calibrated.subarray(at, at + k), 1, k)[0]!
    if (!this.has[row]) this.score[row] = NaN
  }
  /** What the run has not seen it agrees with: an unknown cell is never bad. */
  #agreeWhereUnknown(row: number): void {
    const { k, labels } = this.#catalogue
    for (let j = 0; j < k; j++) {
      if (this.has[row] && this.known[j]) continue
      const cell = row * k + j
      this.predicted[cell] = this.p[cell] = this.e[cell] = labels[cell]!
    }
  }
}

/** The run's scale for each column; a column that the run does not know agrees with its labels as it is. */
function scalesOf(catalogue: Catalogue, run: StoredRun): PlattScale[] {
  const scales = new Array<PlattScale>(catalogue.k).fill(IDENTITY)
  run.genres.forEach((genre, j) => {
    const column = catalogue.column(genre)
    if (column >= 0) scales[column] = run.scales[j] ?? IDENTITY
  })
  return scales
}

/** The given rows of a row-major matrix with k columns, as a new matrix. */
export function gather<T extends Uint8Array | Float32Array>(matrix: T, rows: Int32Array, k: number): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * k)
  rows.forEach((row, i) => out.set(matrix.subarray(row * k, (row + 1) * k), i * k))
  return out
}
