import { describe, expect, test } from 'vitest'
import { Layout } from '../../../src/main/compute/linear/arena.ts'
import { sigmoid } from '../../../src/main/analysis/matrix.ts'
import { transposedTimes } from '../../../src/main/compute/linear/csr.ts'
import { descent, objective, type Problem } from '../../../src/main/compute/linear/logistic.ts'
import { openOperator, plainOperator, type Operator } from '../../../src/main/compute/linear/products.ts'
import { classWeight, problemMaker } from '../../../src/main/compute/linear/problems.ts'
import { sweep } from '../../../src/main/compute/linear/sweep.ts'
import { transform } from '../../../src/main/compute/linear/vectorise.ts'
import {
  fitTransform,
  golden,
  GOLDEN_CONFIG,
  placedMatrix,
  range,
  sampleMovies,
  solvePlainly,
  times,
  TINY_CONFIG,
  tinyMovies,
} from './support.ts'

const { plots, labels, fold, k } = tinyMovies(60)
const { matrix } = fitTransform(plots, range(0, 60), TINY_CONFIG)
const rows = { k, labels, excluded: null, weight: null, fold }
const tiny = (genre: number, c = 2): Problem => ({
  ...(problemMaker(rows, { c, classWeight: 'balanced' })(0, genre) as Omit<Problem, 'scale'>),
  scale: null,
})

describe.each(['unweighted', 'balanced'] as const)('as scikit-learn, %s', (kind) => {
  const movies = sampleMovies()
  const rowsOfTrain = range(0, golden.train)
  test.each(golden.genres.map((genre, at) => [genre, at] as const))('%s', (genre, at) => {
    const expected = golden[`logistic_regression_C5_${kind}`]
    const { matrix: train, vectoriser } = fitTransform(movies.plots, rowsOfTrain, GOLDEN_CONFIG)
    const mine = Uint8Array.from(rowsOfTrain, (row) => (movies.genres[row]!.includes(genre) ? 1 : 0))
    const make = problemMaker(
      { k: 1, labels: mine, excluded: null, weight: null, fold: new Uint8Array(golden.train) },
      { c: 5, classWeight: kind === 'balanced' ? 'balanced' : 'none' },
    )
    const { dual, intercept } = solvePlainly(train, { ...(make(1, 0) as Problem), scale: null })
    const weights = transposedTimes(train, dual)
    const margins = times(transform(vectoriser, movies.plots.slice(golden.train)), weights)
    expected.test_probabilities_per_genre[at]!.forEach((p, row) =>
      expect(Math.abs(sigmoid(margins[row]! + intercept) - p), `row ${row}`).toBeLessThan(1e-3),
    )
    const model = expected.models[at]!
    expect(Math.abs(intercept - model.intercept)).toBeLessThan(2e-3)
    for (const [word, weight] of model.largest_coefficients)
      expect(Math.abs(weights[vectoriser.blocks[0]!.ids.get(word)!]! - weight), word).toBeLessThan(1e-2)
  })
})

test('the gradient is the slope of the objective', () => {
  const problem = tiny(1)
  const random = (seed: number): Float64Array =>
    Float64Array.from(plots, (_, i) => (problem.cost[i] === 0 ? 0 : Math.sin(seed + i * 12.9898) / 20))
  const scored = (dual: Float64Array, intercept: number) => ({ dual, scores: times(matrix, transposedTimes(matrix, dual)), intercept })
  const [at, move] = [scored(random(1), 0.3), scored(random(2), -0.7)]
  const downhill = scored(new Float64Array(60), 0)
  const curvature = new Float64Array(60)
  descent(problem, at, downhill, curvature)
  // the inner product of two combinations of rows: dual . K dual
  const slope = -downhill.dual.reduce((sum, d, i) => sum + d * move.scores[i]!, downhill.intercept * move.intercept)
  const h = 1e-5
  const measured = (objective(problem, at, h, move) - objective(problem, at, -h, move)) / (2 * h)
  expect(slope).toBeCloseTo(measured, 6)
  // and the curvature is the second derivative, without the penalty's |move|^2
  const loss = (step: number): number => objective(problem, at, step, move)
  const second = (loss(1e-3) - 2 * loss(0) + loss(-1e-3)) / 1e-6
  const bend = curvature.reduce((sum, c, i) => sum + c * (move.scores[i]! + move.intercept) ** 2 + move.dual[i]! * move.scores[i]!, 0)
  expect(bend / second).toBeCloseTo(1, 4)
})

test('the solution is a minimum', () => {
  const problem = { ...tiny(2), tolerance: 1e-8 }
  const { dual, intercept, margins } = solvePlainly(matrix, problem)
  const at = { dual, scores: margins.map((margin) => margin - intercept), intercept }
  const downhill = { dual: new Float64Array(60), scores: new Float64Array(60), intercept: 0 }
  descent(problem, at, downhill, new Float64Array(60))
  expect(Math.max(...downhill.dual.map(Math.abs), Math.abs(downhill.intercept))).toBeLessThan(1e-5)
})

test('the WebAssembly product equals the plain one bit for bit for every number of lanes', () => {
  const fast = openOperator(placedMatrix(plots, TINY_CONFIG), 0)
  const scale = Float32Array.from({ length: matrix.columns }, (_, column) => 0.5 + (column % 7))
  for (const count of [1, 4, 7, 12, 16]) {
    const vectors = range(0, count).map((lane) => Float64Array.from(plots, (_, i) => Math.cos(lane + i * 7.7)))
    const products = (operator: Operator): Float64Array[] => {
      // every second one is scaled
      const requests = vectors.map((vector, lane) => ({ vector, product: new Float64Array(60), scale: lane % 2 === 0 ? null : scale }))
      operator.multiply(requests)
      return requests.map(({ product }) => product)
    }
    expect(products(fast)).toEqual(products(plainOperator(matrix)))
  }
})

test('a matrix that WebAssembly cannot address is refused with advice', () => {
  const layout = new Layout()
  layout.place(2 ** 30)
  expect(() => layout.allocate()).toThrow('4.0 GiB at once, the limit is 4: disable character n-grams')
})

test('solving problems together gives the same bits as solving them alone', () => {
  const solveAll = (genres: number[], lanes: 4 | 16 = 16): Map<number, Float64Array> => {
    const found = new Map<number, Float64Array>()
    const open = [...genres]
    const operator = openOperator(placedMatrix(plots, TINY_CONFIG, lanes), 0)
    sweep(operator, () => {
      const genre = open.shift()
      return genre === undefined ? null : { problem: tiny(genre), solved: ({ dual }) => found.set(genre, dual) }
    })
    return found
  }
  const together = solveAll([0, 1, 2, 3])
  const genres = [0, 1, 2, 3, 0, 1]
  const narrow = solveAll(genres, 4)
  for (const genre of [0, 1, 2, 3]) {
    expect(together.get(genre)).toEqual(solveAll([genre]).get(genre))
    expect(narrow.get(genre)).toEqual(together.get(genre))
  }
})

test.each([
  ['none', { positive: 1, negative: 1 }],
  ['balanced', { positive: 5, negative: 10 / 18 }], // 10 / (2 * 1), 10 / (2 * 9)
  ['log', { positive: Math.log(5) / ((Math.log(5) + Math.log(2)) / 2), negative: 1 }],
] as const)('class weight %s', (kind, expected) => {
  const all = [{ positive: 1, negative: 9 }, { positive: 4, negative: 6 }] // prettier-ignore
  const mine = classWeight(kind, all[0]!, all)
  expect(mine.positive).toBeCloseTo(expected.positive, 12)
  expect(mine.negative).toBeCloseTo(expected.negative, 12)
})
test('class weight log has a lower bound', () => {
  const all = [{ positive: 10, negative: 0 }, { positive: 1, negative: 9 }] // prettier-ignore
  expect(classWeight('log', all[0]!, all).positive).toBe(0.2)
})
