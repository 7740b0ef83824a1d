import { expect, test } from 'vitest'
import { cooccurrence } from '../../src/main/analysis/confusion.ts'
import { clusteredOrder, confusions } from '../../src/main/analysis/matrices.ts'
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

test('one genre, and no genre', () => {
  expect([...clusteredOrder(Int32Array.of(3), 1)]).toEqual([0])
  expect([...clusteredOrder(new Int32Array(0), 0)]).toEqual([])
})
