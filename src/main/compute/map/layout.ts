/** Places movies on a map: UMAP of a sample, all others by the nearest of the sample. */
import { UMAP } from 'umap-js'
import { UserError } from '../../../contract/errors.ts'
import { MIN_MAPPED, type FoundMap, type MapConfig } from '../../../contract/map.ts'
import { mersenneTwister } from '../../analysis/numpy-random.ts'
import { mixSeed, seededDraws, shuffle } from '../../analysis/random.ts'
import type { Csr } from '../linear/csr.ts'
import { ownSpace } from '../linear/matrix-space.ts'
import { wordBlock } from '../linear/neighbours.ts'
import { product, singularVectors } from '../linear/svd.ts'
import { fitVectoriser } from '../linear/vectorise.ts'
import { areasOf } from './areas.ts'
import { trustworthiness } from './trustworthiness.ts'

/** Dimensions of the SVD, and the largest number of movies from which it is computed. */
const [DIMENSIONS, MAX_DECOMPOSED] = [50, 20_000]
/** Number of neighbours in UMAP's graph, and of those by which the other movies are placed. */
const [NEIGHBOURS, PLACED_BY] = [15, 5]
/** The largest number of movies on which trustworthiness is measured. */
const MAX_MEASURED = 2000
/** Rows between two turns. */
const TURN = 128
/** Progress after the texts are read, the vectors made, the neighbours found, UMAP, and the others placed. */
const [READ, REDUCED, SEARCHED, LAID, PLACED] = [0.1, 0.2, 0.3, 0.75, 0.95]

/** n movies. */
export interface MapInput {
  /** (n) Title and plot. */
  readonly texts: Iterable<string>
  /** (n, k) log-odds by a run, or vectors by a model; null: the vectors are those of the words. */
  readonly dense: Float32Array | null
  readonly n: number
}
type Progress = (fraction: number, phase: string) => void
/** Lets messages arrive. */
type Turn = () => Promise<void>

/** Computes a map. The same input and configuration give the same map. @throws UserError `too-few-movies` */
export async function layOut({ texts, dense, n }: MapInput, config: MapConfig, progress: Progress, turn: Turn): Promise<FoundMap> {
  progress(0, 'reading titles and plots')
  const fitted = fitVectoriser(texts, config.linear)
  const space = ownSpace(fitted.shape)
  fitted.fill(space)
  const words = wordBlock(n, fitted.shape.firstColumns, space)
  await turn()
  progress(READ, 'reducing vectors')
  const rowsWithWords = Int32Array.from({ length: n }, (_, i) => i).filter((row) => words.indptr[row + 1]! > words.indptr[row]!)
  if (rowsWithWords.length < MIN_MAPPED)
    throw new UserError(
      'too-few-movies',
      `A map needs at least ${MIN_MAPPED} movies that share words with others; there are ${rowsWithWords.length}: import more movies.`,
    )
  const order = shuffle(rowsWithWords.slice(), seededDraws(mixSeed(config.seed, 1)))
  const { vectors, dim } = dense ? centred(dense, n) : reduced(words, order.slice(0, MAX_DECOMPOSED), config.seed)
  await turn()
  const sample = order.slice(0, config.sample).sort()
  const laid = await umap(vectors, dim, sample, config.seed, progress, turn)
  const places = await placeAll(vectors, dim, sample, laid, rowsWithWords, progress, turn)
  progress(PLACED, 'naming areas')
  scale(places)
  const measured = order.slice(0, MAX_MEASURED)
  const names = [...fitted.vectoriser.blocks[0]!.ids.keys()]
  return {
    places,
    levels: areasOf(places, words, names, uniform(mixSeed(config.seed, 3))),
    sampled: sample.length,
    trustworthiness: trustworthiness(
      rowsOf(vectors, dim, measured),
      dim,
      rowsOf(places, 2, measured),
      Math.min(NEIGHBOURS, (measured.length >> 1) - 1),
    ),
  }
}

const rowsOf = (matrix: Float32Array, width: number, rows: Int32Array): Float32Array => {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => out.set(matrix.subarray(row * width, (row + 1) * width), i * width))
  return out
}
/** Draws from [0, 1). */
function uniform(seed: number): () => number {
  const next = mersenneTwister(seed)
  return () => next() / 2 ** 32
}

interface Vectors {
  /** (n, dim) rows of length 1, or 0 */
  readonly vectors: Float32Array
  readonly dim: number
}
/** TF-IDF on the largest singular vectors of some rows (latent semantic analysis: Deerwester et al., 1990). */
function reduced(words: Csr, rows: Int32Array, seed: number): Vectors {
  const dim = Math.min(DIMENSIONS, rows.length - 1, words.columns)
  const { right } = singularVectors(pick(words, rows.slice().sort()), dim, mixSeed(seed, 2))
  return { vectors: unitRows(Float32Array.from(product(words, right, dim)), dim), dim }
}
/** Some rows of a matrix. */
function pick(matrix: Csr, rows: Int32Array): Csr {
  const indptr = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => (indptr[i + 1] = indptr[i]! + matrix.indptr[row + 1]! - matrix.indptr[row]!))
  const [indices, values] = [new Int32Array(indptr[rows.length]!), new Float32Array(indptr[rows.length]!)]
  rows.forEach((row, i) => {
    indices.set(matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1]), indptr[i])
    values.set(matrix.values.subarray(matrix.indptr[row], matrix.indptr[row + 1]), indptr[i])
  })
  return { rows: rows.length, columns: matrix.columns, indptr, indices, values }
}
/**
 * Vectors less their mean. Otherwise all movies would be similar: most genres are rare, and vectors of texts share a direction (Ethayarajh,
 * arXiv:1909.00512).
 */
function centred(dense: Float32Array, n: number): Vectors {
  const dim = dense.length / n
  const means = new Float64Array(dim)
  dense.forEach((z, at) => (means[at % dim]! += z / n))
  return { vectors: unitRows(dense.map((z, at) => z - means[at % dim]!), dim), dim } // prettier-ignore
}
function unitRows(matrix: Float32Array, dim: number): Float32Array {
  for (let from = 0; from < matrix.length; from += dim) {
    const row = matrix.subarray(from, from + dim)
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
    if (length > 0) row.forEach((x, d) => (row[d] = x / length))
  }
  return matrix
}

/** The nearest rows of a row by the dot product, the nearest first; on a tie the earlier one. */
class Nearest {
  readonly rows
  readonly cosines
  readonly #vectors
  readonly #dim
  readonly #among
  constructor({ vectors, dim }: Vectors, among: Int32Array, count: number) {
    this.rows = new Int32Array(count)
    this.cosines = new Float64Array(count)
    this.#dim = dim
    this.#vectors = vectors
    this.#among = rowsOf(vectors, dim, among)
  }
  /** Writes the places in `among` to {@link rows}. */
  of(row: number): void {
    const { rows, cosines } = this
    const [dim, among, count] = [this.#dim, this.#among, this.rows.length]
    const own = this.#vectors.subarray(row * dim, (row + 1) * dim)
    cosines.fill(-Infinity)
    for (let j = 0, from = 0; from < among.length; j++, from += dim) {
      let dot = 0
      for (let d = 0; d < dim; d++) dot += own[d]! * among[from + d]!
      if (dot <= cosines[count - 1]!) continue
      let at = count - 1
      for (; at > 0 && cosines[at - 1]! < dot; at--) {
        cosines[at] = cosines[at - 1]!
        rows[at] = rows[at - 1]!
      }
      cosines[at] = dot
      rows[at] = j
    }
  }
}
/** Euclidean distance of two rows of length 1. */
const distance = (cosine: number): number => Math.sqrt(Math.max(0, 2 - 2 * cosine))

/** UMAP (McInnes, Healy and Melville, 2018) of some rows: (sample, 2). It is initialised with the first two dimensions, to keep the global structure. */
async function umap(
  vectors: Float32Array,
  dim: number,
  sample: Int32Array,
  seed: number,
  progress: Progress,
  turn: Turn,
): Promise<Float32Array> {
  const count = Math.min(NEIGHBOURS, sample.length - 1)
  const nearest = new Nearest({ vectors, dim }, sample, count)
  const [rows, distances]: [number[][], number[][]] = [[], []]
  for (let i = 0; i < sample.length; i++) {
    if (i % TURN === 0) {
      progress(REDUCED + (i / sample.length) * (SEARCHED - REDUCED), 'looking for similar movies')
      await turn()
    }
    nearest.of(sample[i]!)
    rows.push([...nearest.rows])
    distances.push(Array.from(nearest.cosines, distance))
  }
  const model = new UMAP({ nNeighbors: count, minDist: 0.1, random: uniform(mixSeed(seed, 4)) })
  model.setPrecomputedKNN(rows, distances)
  const epochs = model.initializeFit(Array.from(sample, (row) => [...vectors.subarray(row * dim, (row + 1) * dim)]))
  const places = model.getEmbedding()
  places.forEach((place, i) =>
    place.forEach((noise, axis) => (place[axis] = 10 * vectors[sample[i]! * dim + Math.min(axis + 1, dim - 1)]! + noise / 1e4)),
  )
  for (let epoch = 0; epoch < epochs; epoch++) {
    model.step()
    progress(SEARCHED + ((epoch + 1) / epochs) * (LAID - SEARCHED), 'laying out the sample')
    await turn()
  }
  return Float32Array.from(model.getEmbedding().flat())
}

/** (n, 2) the places of the sample, and those of the other rows: means of their nearest in the sample, weighted by 1 / distance squared. */
async function placeAll(
  vectors: Float32Array,
  dim: number,
  sample: Int32Array,
  laid: Float32Array,
  rows: Int32Array,
  progress: Progress,
  turn: Turn,
): Promise<Float32Array> {
  const places = new Float32Array((2 * vectors.length) / dim).fill(NaN)
  sample.forEach((row, i) => places.set(laid.subarray(2 * i, 2 * i + 2), 2 * row))
  const nearest = new Nearest({ vectors, dim }, sample, Math.min(PLACED_BY, sample.length))
  for (const [i, row] of rows.entries()) {
    if (i % TURN === 0) {
      progress(LAID + (i / rows.length) * (PLACED - LAID), 'placing the other movies')
      await turn()
    }
    if (!Number.isNaN(places[2 * row]!)) continue
    nearest.of(row)
    const weights = nearest.cosines.map((cosine) => 1 / (distance(cosine) ** 2 + 1e-3))
    const sum = weights.reduce((a, b) => a + b, 0)
    for (const axis of [0, 1])
      places[2 * row + axis] = weights.reduce((mean, weight, j) => mean + (weight / sum) * laid[2 * nearest.rows[j]! + axis]!, 0)
  }
  return places
}

/** Moves the places into the unit square, with the same scale on both axes. */
function scale(places: Float32Array): void {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]] // prettier-ignore
  places.forEach((value, at) => {
    if (Number.isNaN(value)) return
    low[at % 2] = Math.min(low[at % 2]!, value)
    high[at % 2] = Math.max(high[at % 2]!, value)
  })
  const size = Math.max(high[0]! - low[0]!, high[1]! - low[1]!, 1e-9)
  places.forEach((value, at) => (places[at] = 0.5 + (value - (low[at % 2]! + high[at % 2]!) / 2) / size))
}
