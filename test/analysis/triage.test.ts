import { describe, expect, test } from 'vitest'
import { backgroundLevels, silentCells, sortedLevels } from '../../src/main/analysis/impossible.ts'
import { predict } from '../../src/main/analysis/thresholds.ts'
import { BUCKET_BITS, KIND_NAMES, movieBuckets, type TriageInput, triageRow } from '../../src/main/analysis/triage.ts'
import { cells, fakeCatalogue, seededUnit } from './support.ts'

/** Triage of a whole catalogue, with the partners of each movie. Whatever was there before is overwritten. */
function triage(input: TriageInput) {
  const { n, k } = input
  const matrix = () => new Uint8Array(n * k).fill(9)
  const out = { kinds: matrix(), impossible: matrix(), buckets: new Uint8Array(n), partner: new Int16Array(n * k).fill(9) }
  for (let movie = 0; movie < n; movie++) triageRow(input, movie, out, out.partner.subarray(movie * k, (movie + 1) * k))
  return out
}
const cellKinds = (y: Uint8Array, h: Uint8Array, p: Float64Array, thresholds: Float64Array, verdicts = new Uint8Array(y.length)) =>
  triage({ n: 1, k: y.length, y, h, p, thresholds, verdicts, silent: null })

/** Kinds of one movie's cells as letters: g(ood), m(issing), s(purious), x for swapped. */
const letters = (kinds: Uint8Array) => [...kinds].map((kind) => 'gmsx'[kind]).join('')

describe('cellKinds of one movie', () => {
  const half = new Float64Array(4).fill(0.5)
  test.each([
    ['agreement', '1010', '1010', [0.9, 0.1, 0.9, 0.1], 'gggg', [-1, -1, -1, -1]],
    ['missing alone', '1000', '1100', [0.9, 0.8, 0.1, 0.1], 'gmgg', [-1, -1, -1, -1]],
    ['spurious alone', '1100', '1000', [0.9, 0.2, 0.1, 0.1], 'gsgg', [-1, -1, -1, -1]],
    ['one of each: swapped', '1000', '0100', [0.2, 0.8, 0.1, 0.1], 'xxgg', [1, 0, -1, -1]],
    ['the strongest missing is paired, the other left over', '1000', '0110', [0.2, 0.6, 0.8, 0.1], 'xmxg', [2, -1, 0, -1]],
    ['the strongest spurious is paired, the other left over', '1100', '0010', [0.3, 0.1, 0.8, 0.1], 'sxxg', [-1, 2, 1, -1]],
    ['two pairs, strongest with strongest', '1100', '0011', [0.3, 0.1, 0.6, 0.9], 'xxxx', [2, 3, 0, 1]],
  ] as const)('%s', (_name, y, h, p, kinds, partner) => {
    const found = cellKinds(cells(y), cells(h), Float64Array.from(p), half)
    expect(letters(found.kinds)).toBe(kinds)
    expect([...found.partner]).toEqual(partner)
  })

  test('a decided cell is good, and nothing is paired with it', () => {
    const p = Float64Array.of(0.3, 0.1, 0.6, 0.9)
    expect(letters(cellKinds(cells('1100'), cells('0011'), p, half, cells('0102')).kinds)).toBe('xgxg')
  })

  test('missing cells are ranked by their distance from their own threshold', () => {
    const found = cellKinds(cells('100'), cells('011'), Float64Array.of(0.1, 0.9, 0.6), Float64Array.of(0.5, 0.8, 0.2))
    expect([...found.partner]).toEqual([2, -1, 0])
  })

  test('kinds have the names of the contract', () => expect(KIND_NAMES).toEqual(['good', 'missing', 'spurious', 'swapped']))
})

describe('the estimate of impossible cells', () => {
  const k = 2
  const names = ['Animation', 'Drama']
  // four movies without either genre set the background: 0.95 quantile 0.5 in e, for both genres
  const background = [0.1, 0.2, 0.3, 0.4]
  const estimate = (
    y: string,
    p: number[],
    e: number[],
    { thresholds = [0.5, 0.5], atLeastOne = false, plotLength = 100, others = '00' } = {},
  ) => {
    // two more movies that have the genres given by `others`, and are predicted to have them
    const n = 3 + background.length
    const carried = [...cells(others), ...cells(others)]
    const sure = carried.map((label) => (label ? 0.9 : 0.1))
    const all = Float64Array.from([...p, ...sure, ...background.flatMap((value) => [value, value])])
    const other = Float64Array.from([...e, ...sure, ...background.flatMap((value) => [value + 0.1, value + 0.1])])
    const labels = Uint8Array.from([...cells(y), ...carried, ...new Uint8Array(2 * background.length)])
    const t = Float64Array.from(thresholds)
    const h = predict(all, t, n, k, { atLeastOne })
    const silent = silentCells({ n, k, y: labels, h, e: other, plotLengths: [plotLength, ...new Array<number>(n - 1).fill(500)] })
    const input: TriageInput = { n, k, y: labels, h, p: all, thresholds: t, verdicts: new Uint8Array(n * k), silent }
    return names.filter((_, g) => triage(input).impossible[g] === 1)
  }

  test.each([
    ['no family finds anything', '11', [0.2, 0.9], [0.3, 0.9], ['Animation']],
    ['the run predicts it', '11', [0.55, 0.9], [0.3, 0.9], []],
    ['the other family finds something', '11', [0.2, 0.9], [0.55, 0.9], []],
    ['another genre is predicted in its place', '10', [0.1, 0.9], [0.1, 0.9], []],
    ['the label is absent', '01', [0.1, 0.9], [0.1, 0.9], []],
    ['two labels at once', '11', [0.1, 0.1], [0.1, 0.1], ['Animation', 'Drama']],
  ])('%s', (_name, y, p, e, expected) => expect(estimate(y, p, e)).toEqual(expected))

  test.each([
    ['a long plot, a genre that others carry', 500, '10', []],
    ['a long plot, a genre that hardly a plot carries', 500, '00', ['Animation']],
    ['a short plot, a genre that others carry', 159, '10', ['Animation']],
    ['a plot just long enough', 160, '10', []],
  ])('%s', (_name, plotLength, others, expected) => {
    expect(estimate('10', [0.2, 0.1], [0.3, 0.1], { plotLength, others })).toEqual(expected)
  })

  test('a predicted label is never impossible, however low its threshold', () => {
    expect(estimate('11', [0.2, 0.9], [0.3, 0.9], { thresholds: [0.15, 0.5] })).toEqual([])
  })

  test('a genre that is predicted only because every movie gets one contradicts nothing', () => {
    expect(estimate('10', [0.1, 0.3], [0.1, 0.3], { atLeastOne: true })).toEqual(['Animation'])
  })

  test('the background is a quantile of the movies without the genre', () => {
    const p = Float64Array.of(0.9, 0.1, 0.2, 0.3, 0.4)
    expect(backgroundLevels(cells('10000'), p, 5, 1, 0.5)[0]).toBe(0.2)
    expect(backgroundLevels(cells('10000'), p, 5, 1, 1)[0]).toBe(0.4)
    expect(backgroundLevels(cells('11111'), p, 5, 1, 0.5)[0]).toBe(-Infinity)
  })
})

test.each([1, 2, 3])('levels counted by their bits are those of sorted columns (seed %i)', (seed) => {
  const unit = seededUnit(seed)
  const [n, k] = [700, 7]
  // ties, zeros, ones, numbers with equal upper bits; one genre that every movie has
  const p = Float32Array.from({ length: n * k }, () => [0, 1, 0.5, 0.3 + unit() * 1e-6, unit(), unit() ** 30][Math.floor(unit() * 6)]!)
  const y = Uint8Array.from({ length: n * k }, (_, c) => (c % k === 3 || unit() < 0.3 ? 1 : 0))
  for (const quantile of [0, 0.01, 0.5, 0.95, 1]) expect(backgroundLevels(y, p, n, k, quantile)).toEqual(sortedLevels(y, p, n, k, quantile))
})

describe('movieBuckets', () => {
  const { good, bad, impossible } = BUCKET_BITS
  test.each([
    // kinds (0 good, 1 missing, 2 spurious), impossible estimates, verdicts (1 keep, 2 impossible)
    ['all good', '000', '000', '000', good],
    ['a bad cell', '010', '000', '000', bad],
    ['a kept bad cell', '010', '000', '010', good],
    ['estimated impossible', '020', '010', '000', impossible],
    ['impossible beside bad', '120', '010', '000', bad | impossible],
    ['the verdict keep overrides the estimate', '020', '010', '010', good],
    ['the verdict impossible stands without an estimate', '020', '000', '020', impossible],
    ['the verdict impossible on a cell that agrees', '000', '000', '200', impossible],
  ])('%s', (_name, kinds, estimates, verdicts, expected) => {
    expect(movieBuckets(cells(kinds), cells(estimates), cells(verdicts), 3, 0)).toBe(expected)
  })
})

/** A catalogue in which every kind, estimate and verdict occurs. */
function fakeInput(n: number, k: number): TriageInput & { y: Uint8Array; verdicts: Uint8Array } {
  const { y, p } = fakeCatalogue(n, k, 21)
  const unit = seededUnit(22)
  const e = p.map((value) => Math.min(1, value * (0.5 + unit())))
  const thresholds = new Float32Array(k).fill(0.5)
  const verdicts = Uint8Array.from({ length: n * k }, () => Math.max(0, Math.floor(unit() * 20) - 17))
  const h = predict(p, thresholds, n, k, { atLeastOne: true })
  return { n, k, y, h, p, thresholds, verdicts, silent: silentCells({ n, k, y, h, e, plotLengths: new Array<number>(n).fill(100) }) }
}

describe('triage', () => {
  test('every kind, estimate and bucket occurs', () => {
    const out = triage(fakeInput(2000, 19))
    expect(new Set(out.kinds)).toEqual(new Set([0, 1, 2, 3]))
    expect(new Set(out.impossible)).toEqual(new Set([0, 1]))
    expect(new Set(out.buckets)).toEqual(new Set([1, 2, 4, 6]))
  })

  test('recomputing one relabelled movie equals recomputing all', () => {
    const input = fakeInput(40, 19)
    const out = triage(input)
    const unit = seededUnit(23)
    for (let step = 0; step < 1000; step++) {
      const movie = Math.floor(unit() * input.n)
      const at = movie * input.k + Math.floor(unit() * input.k)
      input.y[at]! ^= 1
      input.verdicts[at] = Math.floor(unit() * 3)
      triageRow(input, movie, out, out.partner.subarray(movie * 19, (movie + 1) * 19))
    }
    expect(out).toEqual(triage(input))
  })

  test('without evidence nothing is estimated impossible', () => {
    expect(new Set(triage({ ...fakeInput(200, 5), silent: null }).impossible)).toEqual(new Set([0]))
  })
})
