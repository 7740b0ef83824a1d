import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { LINEAR_MEMBERS, type LinearConfig } from '../../../src/contract/records.ts'
import { transposedTimes, type Csr } from '../../../src/main/compute/linear/csr.ts'
import { solve, type Problem, type Solution } from '../../../src/main/compute/linear/logistic.ts'
import { ownSpace, type MatrixShape } from '../../../src/main/compute/linear/matrix-space.ts'
import { placeOperator, spaceOf, type PlacedOperator } from '../../../src/main/compute/linear/products.ts'
import { trainLinear, type LinearInput, type LinearResult, type PlotSource } from '../../../src/main/compute/linear/train.ts'
import { fitVectoriser, type Vectoriser } from '../../../src/main/compute/linear/vectorise.ts'
import { readGoldenJson, root } from '../../support/paths.ts'

/** A source with all plots in memory. */
export const plotsIn =
  (plots: readonly string[]): PlotSource =>
  (rows) =>
    Array.from(rows, (row) => plots[row]!)

/** scikit-learn's numbers: it learns from the first `train` movies of {@link sampleMovies} and predicts the rest. */
export interface Golden {
  readonly train: number
  readonly genres: string[]
  readonly tfidf: {
    readonly vocabulary_size: number
    readonly idf: Record<string, number>
    readonly nonzeros_per_test_row: number[]
    readonly test_row_0: Record<string, number>
  }
  readonly logistic_regression_C5_unweighted: GoldenFits
  readonly logistic_regression_C5_balanced: GoldenFits
  readonly 'multinomial_nb_alpha_0.05': { readonly test_probabilities_per_genre: number[][] }
  /** The three members together, see python/linear.py. */
  readonly combined: GoldenFits
}
export interface GoldenFits {
  readonly test_probabilities_per_genre: number[][]
  readonly models: { readonly intercept: number; readonly largest_coefficients: [string, number][] }[]
}
export const golden = readGoldenJson('linear/sklearn.json') as Golden

/** Movies of the sample catalogue with a plot and a genre, the first of each plot, in file order: those that scikit-learn saw. */
export function sampleMovies(): { readonly plots: string[]; readonly genres: string[][] } {
  const records = parse<{ overview: string; genres: string }>(readFileSync(join(root, 'resources/sample/movies.csv')), { columns: true })
  const movies = new Map<string, string[]>()
  for (const { overview, genres } of records) {
    const plot = overview.trim()
    const names = genres.split(',').map((genre) => genre.trim()).filter((genre) => genre !== '') // prettier-ignore
    if (plot !== '' && names.length > 0 && !movies.has(plot)) movies.set(plot, names)
  }
  const used = golden.train + golden.tfidf.nonzeros_per_test_row.length
  return { plots: [...movies.keys()].slice(0, used), genres: [...movies.values()].slice(0, used) }
}

/** The settings of scikit-learn's fits. */
export const GOLDEN_CONFIG: LinearConfig = {
  family: 'linear',
  folds: 5,
  reads: 'plot',
  seed: 1,
  c: 5,
  classWeight: 'none',
  ...LINEAR_MEMBERS.logistic,
  wordNgrams: 2,
  charNgrams: null,
  minDf: 2,
  maxFeatures: null,
  sublinearTf: true,
  stopWords: 'none',
  reviewedWeight: 1,
}

/** Settings for a handful of plots. */
export const TINY_CONFIG: LinearConfig = { ...GOLDEN_CONFIG, folds: 3, minDf: 1, charNgrams: [3, 3], ...LINEAR_MEMBERS.combined }

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** Runs a solver with plain products: double precision, one vector at a time. */
export function solvePlainly(matrix: Csr, problem: Problem): Solution {
  const solver = solve(problem)
  let state = solver.next()
  while (state.done !== true) {
    const { vector, product, scale } = state.value
    product.set(
      times(
        matrix,
        transposedTimes(matrix, vector).map((value, column) => value * (scale?.[column] ?? 1)),
      ),
    )
    state = solver.next()
  }
  return state.value
}

/** Learns from some of the plots; their matrix. */
export function fitTransform(
  plots: readonly string[],
  rows: readonly number[],
  config: LinearConfig,
): { vectoriser: Vectoriser; shape: MatrixShape; matrix: Csr } {
  const { vectoriser, shape, fill } = fitVectoriser(rows.map((row) => plots[row]!), config) // prettier-ignore
  const space = ownSpace(shape)
  fill(space)
  return { vectoriser, shape, matrix: { ...shape, ...space } }
}

/** The matrix of all plots in memory that one thread's operator works on. */
export function placedMatrix(plots: readonly string[], config: LinearConfig, lanes: 4 | 16 = 16): PlacedOperator {
  const { shape, fill } = fitVectoriser(plots, config)
  const placed = placeOperator(shape, 1, lanes)
  fill(spaceOf(placed))
  return placed
}

export type InMemory = Omit<LinearInput, 'n' | 'plots'> & { readonly plots: readonly string[] }
/** Trains on plots in memory. */
export const trainOn = (movies: InMemory, config: LinearConfig, threads?: number): Promise<LinearResult> =>
  trainLinear({ ...movies, n: movies.plots.length, plots: plotsIn(movies.plots) }, config, () => undefined, threads)

const THEMES = [
  'a killer hides in the dark house and the blood runs cold',
  'two friends fall in love and laugh at the wedding',
  'a robot from space fights the empire among the stars',
  'the detective follows a murder through the rainy city',
]
/** n short plots over four themes and their labels (n, 4); the fold of row i is i % 3. */
export function tinyMovies(n: number): { plots: string[]; labels: Uint8Array; fold: Uint8Array; k: number } {
  const plots = range(0, n).map((i) => {
    const [a, b] = [THEMES[i % 4]!.split(' '), THEMES[(i * 7 + 3) % 4]!.split(' ')]
    return [...a.slice(0, 4 + (i % 7)), `nr${i % 11}`, ...b.slice(i % 5)].join(' ')
  })
  const labels = new Uint8Array(n * 4)
  plots.forEach((_, i) => {
    labels[i * 4 + (i % 4)] = 1
    if (i % 3 > 0) labels[i * 4 + ((i * 7 + 3) % 4)] = 1
  })
  return { plots, labels, fold: Uint8Array.from(plots, (_, i) => i % 3), k: 4 }
}

/** matrix . dense for one dense vector (columns) -> (rows); sums in double precision. */
export function times(matrix: Csr, dense: ArrayLike<number>): Float64Array {
  const out = new Float64Array(matrix.rows)
  for (let r = 0; r < matrix.rows; r++) {
    let sum = 0
    for (let i = matrix.indptr[r]!; i < matrix.indptr[r + 1]!; i++) sum += matrix.values[i]! * dense[matrix.indices[i]!]!
    out[r] = sum
  }
  return out
}
