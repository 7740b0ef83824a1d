/** Label context: how well a movie's other genres, together with opinions on its text, explain each of its genres. */
import { logit } from '../matrix.ts'
import { fitRows, rowMargin, type FeatureRows } from '../rows-logistic.ts'

/** (n, k) each. */
export interface Context {
  /** Log-odds of each label. */
  readonly logits: Float32Array
  /** The parts of them that come from each opinion, by its name, and from the other labels (`genres`); the rest is the genre's frequency. */
  readonly parts: Readonly<Record<string, Float32Array>>
}

/**
 * Log-odds of each label, out of fold: for each genre a logistic regression (C = 1) of its given label on the logits of this genre
 * and all other given labels of the movie.
 * @param y (n, k) given labels
 * @param named matrices (n, k) of logits
 * @param fold (n) 0 … folds - 1
 */
export function contextOf(
  y: Uint8Array,
  named: Readonly<Record<string, Float32Array>>,
  fold: Uint8Array,
  folds: number,
  k: number,
): Context {
  const n = fold.length
  const opinions = Object.values(named)
  const logits = new Float32Array(n * k)
  const parts = [...opinions, y].map(() => new Float32Array(n * k))
  const labels = new Uint8Array(n)
  const cost = new Float64Array(n)
  for (let g = 0; g < k; g++) {
    const x = contextRows(y, opinions, n, k, g)
    for (let row = 0; row < n; row++) labels[row] = y[row * k + g]!
    // the weights of one fold are close to those of the next
    let w: Float64Array | null = null
    for (let part = 0; part < folds; part++) {
      let [rows, positives] = [0, 0]
      for (let row = 0; row < n; row++) {
        cost[row] = fold[row] === part ? 0 : 1
        rows += cost[row]!
        positives += cost[row]! * labels[row]!
      }
      const onlyOneKind = positives === 0 || positives === rows
      if (!onlyOneKind) w = fitRows(x, labels, cost, w)
      // Laplace's rule of succession
      const constant = logit((positives + 1) / (rows + 2))
      for (let row = 0; row < n; row++) {
        if (fold[row] !== part) continue
        const cell = row * k + g
        logits[cell] = onlyOneKind || w === null ? constant : rowMargin(x, w, row)
        if (!onlyOneKind && w !== null) addParts(x, w, row, parts, cell)
      }
    }
  }
  return { logits, parts: Object.fromEntries([...Object.keys(named), 'genres'].map((name, i) => [name, parts[i]!])) }
}

/** Adds what each column gives to a row's margin to its part; the columns after the opinions share the last part. */
function addParts(
  { indptr, indices, values }: FeatureRows,
  w: Float64Array,
  row: number,
  parts: readonly Float32Array[],
  cell: number,
): void {
  for (let i = indptr[row]!; i < indptr[row + 1]!; i++)
    parts[Math.min(indices[i]!, parts.length - 1)]![cell]! += values[i]! * w[indices[i]!]!
}

/** Columns: one for each opinion, then the k labels, of which genre g stays empty. */
function contextRows(y: Uint8Array, opinions: readonly Float32Array[], n: number, k: number, g: number): FeatureRows {
  let size = n * opinions.length
  for (const label of y) size += label
  const x = {
    columns: opinions.length + k,
    indptr: new Int32Array(n + 1),
    indices: new Uint16Array(size),
    values: new Float64Array(size),
  }
  let at = 0
  const put = (column: number, value: number): void => {
    x.indices[at] = column
    x.values[at++] = value
  }
  for (let row = 0; row < n; row++) {
    opinions.forEach((z, i) => put(i, z[row * k + g]!))
    for (let other = 0; other < k; other++) if (other !== g && y[row * k + other] === 1) put(opinions.length + other, 1)
    x.indptr[row + 1] = at
  }
  return x
}
