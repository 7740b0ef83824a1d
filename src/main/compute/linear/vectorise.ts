/**
 * TF-IDF over word and character n-grams, as scikit-learn's TfidfVectorizer computes it (smooth_idf, l2 norm): each block
 * is weighted and normalised for itself, then the blocks stand side by side.
 */
import { UserError } from '../../../contract/errors.ts'
import type { Csr } from './csr.ts'
import { blockKinds, closedCollector, learner, type BlockKind, type Collector, type FeatureConfig, type Learner } from './features.ts'
import { CountRows } from './counts.ts'

/** The n-grams of one block. Its columns start at `offset`; names and idf follow the column order. */
export interface Block {
  readonly kind: BlockKind
  readonly offset: number
  /** n-gram -> column within the block, in column order (first seen, first numbered) */
  readonly ids: Map<string, number>
  /** (ids.size) in how many of the fitted rows the n-gram occurs */
  readonly df: Int32Array
  /** (ids.size) see {@link smoothIdf} */
  readonly idf: Float64Array
}
export interface Vectoriser {
  readonly config: FeatureConfig
  /** How many plots it was fitted on. */
  readonly rows: number
  readonly blocks: readonly Block[]
  readonly columns: number
}

/** The counts of one block (before weighting), one matrix row per plot. */
interface Counted {
  readonly block: Block
  readonly counts: CountRows
}
export interface Fitted {
  readonly vectoriser: Vectoriser
  /** TF-IDF of the plots that the vectoriser was fitted on, in the order of `rows`. */
  readonly matrix: Csr
  /** Plain counts of the same plots over the first block's columns. */
  readonly counts: Csr
}

/** Learns vocabulary and idf from `plots[rows]`. Labels play no part. */
export const fitVectoriser = (plots: readonly string[], rows: ArrayLike<number>, config: FeatureConfig): Vectoriser =>
  fitTransform(plots, rows, config).vectoriser

/** As {@link fitVectoriser}, with the matrix of the same rows (the texts are read once). */
export function fitTransform(plots: readonly string[], rows: ArrayLike<number>, config: FeatureConfig): Fitted {
  if (blockKinds(config).length === 0) throw new UserError('bad-config', 'Switch on word n-grams, character n-grams or both.')
  const lowered = Array.from(rows, (row) => plots[row]!.toLowerCase())
  const counted: Counted[] = []
  let columns = 0
  for (const kind of blockKinds(config)) {
    const vocabulary = learner(kind, config)
    const counts = countAll(vocabulary.collect, lowered)
    const fitted = prune(kind, columns, vocabulary, counts, config.minDf)
    columns += fitted.block.ids.size
    counted.push(fitted)
  }
  const vectoriser = { config, rows: lowered.length, blocks: counted.map((each) => each.block), columns }
  return { vectoriser, matrix: weigh(vectoriser, counted, lowered.length), counts: firstCounts(counted) }
}

/** TF-IDF of any plots: (plots.length) x (columns). */
export const transform = (vectoriser: Vectoriser, plots: readonly string[]): Csr => transformBoth(vectoriser, plots).matrix

/** As {@link transform}, with the plain counts over the first block's columns. */
export function transformBoth(vectoriser: Vectoriser, plots: readonly string[]): { matrix: Csr; counts: Csr } {
  const lowered = plots.map((plot) => plot.toLowerCase())
  const counted = vectoriser.blocks.map((block) => ({
    block,
    counts: countAll(closedCollector(block.kind, vectoriser.config, block.ids), lowered),
  }))
  return { matrix: weigh(vectoriser, counted, lowered.length), counts: firstCounts(counted) }
}

function countAll(collect: Collector, lowered: readonly string[]): CountRows {
  const counts = new CountRows(lowered.length)
  for (const text of lowered) {
    collect(text, counts)
    counts.endRow()
  }
  return counts
}

/** Drops the n-grams of fewer than `minDf` rows and numbers the others anew. */
function prune(kind: BlockKind, offset: number, vocabulary: Learner, counts: CountRows, minDf: number): Counted {
  const df = counts.rowsPerId(vocabulary.size())
  const renumbered = new Int32Array(df.length).fill(-1)
  const ids = new Map<string, number>()
  df.forEach((rows, id) => {
    if (rows < minDf) return
    renumbered[id] = ids.size
    ids.set(vocabulary.name(id), ids.size)
  })
  const kept = df.filter((_, id) => renumbered[id]! >= 0)
  counts.renumber(renumbered)
  return { block: { kind, offset, ids, df: kept, idf: smoothIdf(kept, counts.rows) }, counts }
}

/** ln((1 + rows) / (1 + df)) + 1, as scikit-learn's smooth_idf. */
export const smoothIdf = (df: Int32Array, rows: number): Float64Array =>
  Float64Array.from(df, (count) => Math.log((1 + rows) / (1 + count)) + 1)

function weigh(vectoriser: Vectoriser, counted: readonly Counted[], rows: number): Csr {
  const size = counted.reduce((sum, { counts }) => sum + counts.size, 0)
  const indptr = new Int32Array(rows + 1)
  const indices = new Int32Array(size)
  const values = new Float32Array(size)
  let to = 0
  for (let row = 0; row < rows; row++) {
    for (const each of counted) to = weighRow(each, row, vectoriser.config.sublinearTf, indices, values, to)
    indptr[row + 1] = to
  }
  return { rows, columns: vectoriser.columns, indptr, indices, values }
}

/** Writes one row of one block from position `at` on and returns the position behind it. */
function weighRow(
  { block, counts }: Counted,
  row: number,
  sublinear: boolean,
  indices: Int32Array,
  values: Float32Array,
  at: number,
): number {
  const [from, end] = counts.range(row)
  const weights = new Float64Array(end - from)
  let squares = 0
  for (let i = from; i < end; i++) {
    const [id, count] = [counts.ids[i]!, counts.counts[i]!]
    const weight = (sublinear && count > 1 ? 1 + Math.log(count) : count) * block.idf[id]!
    weights[i - from] = weight
    squares += weight * weight
    indices[at + i - from] = block.offset + id
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
  for (let i = 0; i < weights.length; i++) values[at + i] = weights[i]! * scale
  return at + end - from
}

const firstCounts = ([first]: readonly Counted[]): Csr => first!.counts.toCsr(first!.block.ids.size)
