import { expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { learnedBy, nearestByContribution } from '../../../src/main/compute/linear/training-examples.ts'
import { transform } from '../../../src/main/compute/linear/vectorise.ts'
import { TINY_CONFIG, tinyMovies, trainOn } from './support.ts'

const { plots, ...rest } = tinyMovies(60)
const input = { plots, ...rest, excluded: null, rowWeight: null }

/** Contributions of every n-gram of a text, as one dense row. */
function contributions(model: Parameters<typeof nearestByContribution>[0], text: string, genre: number): number[] {
  const { columns } = model.vectoriser
  const { indices, values } = transform(model.vectoriser, [text])
  const row = new Array<number>(columns).fill(0)
  indices.forEach((column, i) => (row[column] = values[i]! * model.weights[genre * columns + column]!))
  return row
}
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

test('the nearest are those of the largest cosine of contributions', async () => {
  const { model } = await trainOn(input, TINY_CONFIG, 1)
  const [text = '', ...others] = plots
  for (const genre of [0, 2]) {
    const own = contributions(model, text, genre)
    const cosines = others.map((other) => {
      const row = contributions(model, other, genre)
      return dot(own, row) / Math.sqrt(dot(own, own) * dot(row, row))
    })
    const found = nearestByContribution(model, { text, genre, most: 7 }, others)
    const expected = cosines.toSorted((a, b) => b - a).slice(0, 7)
    expect(found).toHaveLength(7)
    for (const [i, { at, similarity }] of found.entries()) {
      expect(similarity).toBeCloseTo(expected[i]!, 6)
      expect(similarity).toBeCloseTo(cosines[at]!, 6)
    }
  }
  expect(nearestByContribution(model, { text: 'zzz', genre: 0, most: 7 }, others)).toEqual([])
  const many = Array.from({ length: 600 }, (_, i) => (i === 555 ? text : 'zzz'))
  const [only, ...none] = nearestByContribution(model, { text, genre: 0, most: 7 }, many)
  expect([only!.at, none]).toEqual([555, []])
  expect(only!.similarity).toBeCloseTo(1, 9)
})

test('the model of a fold learned from the movies of the other folds', async () => {
  const fold = Uint8Array.from(plots, (_, i) => (i < 50 ? i % 3 : NOT_TRAINING))
  const { model } = await trainOn({ ...input, fold }, TINY_CONFIG, 1)
  const training = Int32Array.from({ length: 50 }, (_, i) => i)
  expect([...learnedBy(model, 4, training)]).toEqual([...training].filter((i) => i % 3 !== 1))
  expect([...learnedBy(model, 55, training)]).toEqual([...training])
  expect([...learnedBy({ ...model, folds: null }, 4, training)]).toEqual([...training])
})
