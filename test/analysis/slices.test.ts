import { expect, test } from 'vitest'
import { jaccardPerSample } from '../../src/main/analysis/confusion.ts'
import { figuresOf, findSlices, errorSums, type RowErrors } from '../../src/main/analysis/slices.ts'
import { runToEnd } from '../../src/main/analysis/steps.ts'
import { benjaminiHochberg, fromZero, twoSided } from '../../src/main/analysis/t-test.ts'
import { predict } from '../../src/main/analysis/thresholds.ts'
import { Bits } from '../../src/main/catalogue/bits.ts'
import { readGoldenJson } from '../support/paths.ts'
import { bits } from './support.ts'

const given = readGoldenJson('metrics/multilabel_metrics.json') as {
  labels: number[][]
  probabilities: number[][]
  per_label_thresholds: number[]
}
interface Figures {
  movies: number
  error: number
  restError: number
  microF1: number
  restMicroF1: number
  score: number
  effect: number
  p: number
}
const golden = readGoldenJson('metrics/slices.json') as {
  singles: ({ genre: number } & Figures)[]
  pairs: ({ genres: number[] } & Figures)[]
  paired: number[]
  t: number[][]
  many: number[]
  adjusted: number[]
  adjusted_of_20: number[]
}
const [n, k] = [given.labels.length, given.labels[0]!.length]
const y = bits(given.labels)
const at = (thresholds: number[]) =>
  predict(Float64Array.from(given.probabilities.flat()), Float64Array.from(thresholds), n, k, { atLeastOne: false })

function errorsOf(h: Uint8Array): RowErrors {
  const errors = { error: jaccardPerSample(y, h, n, k, 0).map((j) => 1 - j), hits: new Uint16Array(n), wrong: new Uint16Array(n) }
  for (let cell = 0; cell < n * k; cell++) {
    const row = Math.floor(cell / k)
    if (y[cell] !== h[cell]) errors.wrong[row]!++
    else errors.hits[row]! += y[cell]!
  }
  return errors
}
const errors = errorsOf(at(given.per_label_thresholds))
const having = (...genres: number[]): Bits => Bits.where(n, (row) => genres.every((g) => y[row * k + g] === 1))
const close = (found: object, wanted: object): void => {
  for (const [key, value] of Object.entries(wanted)) if (key !== 'genre' && key !== 'genres') expect((found as never)[key], key).toBeCloseTo(value as number, 10) // prettier-ignore
}

test('figures of slices and of pairs of predicates are those of SciPy', () => {
  const all = errorSums(errors, Bits.all(n), Bits.all(n))
  for (const single of golden.singles) close(figuresOf(errorSums(errors, having(single.genre), having(single.genre)), all, 0.95), single)
  expect(golden.pairs.length).toBeGreaterThan(5)
  for (const pair of golden.pairs) {
    const [a, b] = [having(pair.genres[0]!), having(pair.genres[1]!)]
    close(figuresOf(errorSums(errors, a, b), all, 0.95), pair)
  }
})

test("Student's t, the paired test, and the correction of many tests are those of SciPy", () => {
  for (const [t, df, p] of golden.t) expect(Math.abs(Math.log(twoSided(t!, df!) / p!))).toBeLessThan(1e-7)
  const other = errorsOf(at(Array.from({ length: k }, () => 0.5)))
  const difference = { ...errors, error: errors.error.map((error, row) => error - other.error[row]!) }
  golden.singles.forEach(({ genre }, i) =>
    expect(fromZero(errorSums(difference, having(genre), having(genre)))).toBeCloseTo(golden.paired[i]!, 10),
  )
  benjaminiHochberg(golden.many).forEach((q, i) => expect(q).toBeCloseTo(golden.adjusted[i]!, 12))
  benjaminiHochberg(golden.many, 20).forEach((q, i) => expect(q).toBeCloseTo(golden.adjusted_of_20[i]!, 12))
})

/** 2,000 movies; those with both bits are wrong most of the time, all others rarely. */
const rows = 2000
const planted: RowErrors = {
  error: Float64Array.from({ length: rows }, (_, i) => ((i % 6 === 0 ? i % 5 !== 0 : i % 11 === 0) ? 1 : 0)),
  hits: new Uint16Array(rows).fill(1),
  wrong: new Uint16Array(rows),
}
const predicates = [
  { where: 'even', rows: Bits.where(rows, (i) => i % 2 === 0) },
  { where: 'third', rows: Bits.where(rows, (i) => i % 3 === 0) },
  { where: 'seventh', rows: Bits.where(rows, (i) => i % 7 === 0) },
  { where: 'rare', rows: Bits.where(rows, (i) => i < 4) },
  { where: 'everything', rows: Bits.all(rows) },
]
const options = { alpha: 0.95, least: 20, top: 10, leftOut: 0 }

test('a pair of predicates is found where it errs more than each of them', () => {
  const { slices, tests } = runToEnd(findSlices(planted, Bits.all(rows), predicates, options))
  expect(slices[0]!.where.split(' ').sort()).toEqual(['even', 'third'])
  expect(slices.map(({ where }) => where)).not.toContain('rare')
  expect(slices.map(({ where }) => where)).not.toContain('everything')
  // unrelated to the errors
  expect(slices.map(({ where }) => where)).not.toContain('seventh')
  expect(tests).toBe(15)
  for (const slice of slices) expect(slice.q).toBeGreaterThanOrEqual(slice.p)
})

test('predicates that were left out count as tests', () => {
  const noise = { ...planted, error: Float64Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? Number(i % 4 < 2) : Number(i % 5 < 2))) }
  const find = (leftOut: number) => runToEnd(findSlices(noise, Bits.all(rows), predicates, { ...options, leftOut })).slices
  expect(find(0).map(({ where }) => where)).toContain('seventh')
  expect(find(100)).toEqual([])
})
