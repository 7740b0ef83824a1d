/**
 * TF-IDF over word and character n-grams, as scikit-learn's TfidfVectorizer computes it (smooth_idf, l2 norm): each block is weighted and
 * normalised separately, then the blocks are concatenated.
 */
import { UserError } from '../../../contract/errors.ts'
import { charReader } from './char-block.ts'
import type { Csr } from './csr.ts'
import {
  blockKinds,
  closedCollector,
  type BlockKind,
  type BlockReader,
  type Collector,
  type FeatureConfig,
  type Learnt,
} from './features.ts'
import type { MatrixShape, MatrixSpace } from './matrix-space.ts'
import { TermCounts } from './lists.ts'
import { wordReader } from './word-block.ts'

/** The n-grams of one block. Its columns start at `offset`; names and idf follow the column order. */
export interface Block {
  readonly kind: BlockKind
  readonly offset: number
  /** n-gram -> column within the block, in column order (order of first occurrence) */
  readonly ids: Map<string, number>
  /** (ids.size) number of fitted rows that contain the n-gram */
  readonly df: Int32Array
  /** (ids.size) see {@link smoothIdf} */
  readonly idf: Float64Array
}
export interface Vectoriser {
  readonly config: FeatureConfig
  /** Number of plots that it was fitted on. */
  readonly rows: number
  readonly blocks: readonly Block[]
  readonly columns: number
}
/** A vectoriser, and the matrix of the plots that it was fitted on, once memory for it is allocated. */
export interface Fitted {
  readonly vectoriser: Vectoriser
  readonly shape: MatrixShape
  /** Writes the plots' TF-IDF, in the order in which they were read. Call it once. */
  readonly fill: (space: MatrixSpace) => void
}

const READERS: Record<BlockKind, (config: FeatureConfig) => BlockReader> = {
  word: wordReader,
  char: (config) => charReader(config.charNgrams!),
}

/** Learns vocabulary and idf from plots, each of which is read once and not kept. Labels are not used. */
export function fitVectoriser(plots: Iterable<string>, config: FeatureConfig): Fitted {
  const kinds = blockKinds(config)
  if (kinds.length === 0) throw new UserError('bad-config', 'Enable word n-grams, character n-grams or both.')
  const readers = kinds.map((kind) => READERS[kind](config))
  let rows = 0
  for (const plot of plots) {
    const lower = plot.toLowerCase()
    for (const reader of readers) reader.read(lower)
    rows++
  }
  const blocks: Block[] = []
  const learnt = readers.map((reader) => reader.learn({ minDf: config.minDf, maxFeatures: config.maxFeatures }))
  let columns = 0
  learnt.forEach(({ names, df }, i) => {
    const ids = new Map(names.map((name, id) => [name, id]))
    blocks.push({ kind: kinds[i]!, offset: columns, ids, df, idf: smoothIdf(df, rows) })
    columns += ids.size
  })
  const vectoriser = { config, rows, blocks, columns }
  // a column has one value for each row with its n-gram
  const nonzeros = learnt.reduce((all, { df }) => df.reduce((sum, count) => sum + count, all), 0)
  const shape = { rows, columns, nonzeros, firstColumns: learnt[0]!.names.length }
  return {
    vectoriser,
    shape,
    fill(space) {
      fill(vectoriser, learnt, space)
      // frees the pieces, which are large
      learnt.length = 0
    },
  }
}

function fill({ config, rows, blocks }: Vectoriser, learnt: readonly Learnt[], space: MatrixSpace): void {
  const termCounts = new TermCounts()
  let at = 0
  for (let row = 0; row < rows; row++) {
    blocks.forEach((block, i) => {
      learnt[i]!.countRow(row, termCounts)
      at = weigh(block, termCounts, config.sublinearTf, space, at)
      termCounts.clear()
    })
    space.indptr[row + 1] = at
  }
}

/** TF-IDF of any plots: (plots.length) x (columns). */
export const transform = (vectoriser: Vectoriser, plots: readonly string[]): Csr => transformer(vectoriser)(plots)

/** Reads plots with the vectoriser's vocabulary: the TF-IDF values of its n-grams, or how often each occurs. */
export function transformer(vectoriser: Vectoriser, values: 'tf-idf' | 'counts' = 'tf-idf'): (plots: readonly string[]) => Csr {
  const { config, blocks } = vectoriser
  const collectors = blocks.map((block) => closedCollector(block.kind, config, block.ids))
  return (plots) => {
    const matrix = new Growing(plots.length, vectoriser.columns)
    const termCounts = new TermCounts()
    plots.forEach((plot) => {
      const lower = plot.toLowerCase()
      collectors.forEach((collect: Collector, i) => {
        collect(lower, termCounts)
        const block = blocks[i]!
        matrix.append(termCounts.size, (space, at) =>
          values === 'counts' ? count(block, termCounts, space, at) : weigh(block, termCounts, config.sublinearTf, space, at),
        )
        termCounts.clear()
      })
      matrix.endRow()
    })
    return matrix.done()
  }
}

/** ln((1 + rows) / (1 + df)) + 1, as scikit-learn's smooth_idf. */
export const smoothIdf = (df: Int32Array, rows: number): Float64Array =>
  Float64Array.from(df, (count) => Math.log((1 + rows) / (1 + count)) + 1)

type Entries = Pick<MatrixSpace, 'indices' | 'values'>

/** Writes one row of one block from position `at` on; returns the position after it. */
function weigh(block: Block, termCounts: TermCounts, sublinear: boolean, { indices, values }: Entries, at: number): number {
  const weights = new Float64Array(termCounts.size)
  let squares = 0
  for (let i = 0; i < termCounts.size; i++) {
    const id = termCounts.ids[i]!
    const count = termCounts.count(id)
    const weight = (sublinear && count > 1 ? 1 + Math.log(count) : count) * block.idf[id]!
    weights[i] = weight
    squares += weight * weight
    indices[at + i] = block.offset + id
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
  for (let i = 0; i < weights.length; i++) values[at + i] = weights[i]! * scale
  return at + termCounts.size
}

/** As {@link weigh}, with plain counts. */
function count({ offset }: Block, termCounts: TermCounts, { indices, values }: Entries, at: number): void {
  for (let i = 0; i < termCounts.size; i++) {
    indices[at + i] = offset + termCounts.ids[i]!
    values[at + i] = termCounts.count(termCounts.ids[i]!)
  }
}

/** A matrix that grows row by row. */
class Growing {
  indices = new Int32Array(1 << 12)
  values = new Float32Array(1 << 12)
  private size = 0
  private row = 0
  private readonly indptr: Int32Array
  private readonly columns: number

  constructor(rows: number, columns: number) {
    this.indptr = new Int32Array(rows + 1)
    this.columns = columns
  }
  /** Reserves `count` more entries of the row, which `write` fills from its position on. */
  append(count: number, write: (space: Entries, at: number) => void): void {
    const needed = this.size + count
    if (needed > this.indices.length) {
      const [indices, values] = [this.indices, this.values]
      this.indices = new Int32Array(needed * 2)
      this.values = new Float32Array(needed * 2)
      this.indices.set(indices)
      this.values.set(values)
    }
    write(this, this.size)
    this.size = needed
  }
  endRow(): void {
    this.indptr[++this.row] = this.size
  }
  done(): Csr {
    const { indptr, columns, size } = this
    return { rows: this.row, columns, indptr, indices: this.indices.slice(0, size), values: this.values.slice(0, size) }
  }
}
