import { expect, test } from 'vitest'
import { cooccurrence } from '../../src/main/analysis/confusion.ts'
import { clusteredOrder, confusions, predictedAlone } from '../../src/main/analysis/matrices.ts'
import { predict } from '../../src/main/analysis/thresholds.ts'
import { readGoldenJson } from '../support/paths.ts'
import { bits } from './support.ts'

const given = readGoldenJson('metrics/multilabel_metrics.json') as {
  labels: number[][]
  probabilities: number[][]
  per_label_thresholds: number[]
}
const golden = readGoldenJson('metrics/genre_matrices.json') as { confusions: number[]; clusters: number[][] }
const [n, k] = [given.labels.length, given.labels[0]!.length]
const y = bits(given.labels)

test('confusions are those that counting movie by movie gives', () => {
  const h = predict(Float64Array.from(given.probabilities.flat()), Float64Array.from(given.per_label_thresholds), n, k, {
    atLeastOne: false,
  })
  expect([...confusions(y, h, n, k)]).toEqual(golden.confusions)
})

test('every cluster of the reference is one stretch of the order', () => {
  const order = [...clusteredOrder(cooccurrence(y, n, k), k)]
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: k }, (_, g) => g))
  for (const cluster of golden.clusters) {
    const places = cluster.map((g) => order.indexOf(g)).sort((a, b) => a - b)
    expect(places.at(-1)! - places[0]!).toBe(cluster.length - 1)
  }
})

test('a genre that is predicted alone: by the genres that the movies have in its place', () => {
  const labels = bits([[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]]) // prettier-ignore
  const predictions = bits([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]]) // prettier-ignore
  // the first movie has genre 0; the second has 1 and 2 in its place, the third nothing; the others are not predicted one genre alone
  expect([...predictedAlone(labels, predictions, 5, 3)]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 2, 0, 0])
})

test('one genre, and no genre', () => {
  expect([...clusteredOrder(Int32Array.of(3), 1)]).toEqual([0])
  expect([...clusteredOrder(new Int32Array(0), 0)]).toEqual([])
})
