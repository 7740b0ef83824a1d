import { describe, expect, test } from 'vitest'
import { anytimeMultiplier, estimateMean, unitsFor, Z95, type Estimate } from '../../../src/main/analysis/audit/estimate.ts'
import { drawSample } from '../../../src/main/analysis/audit/sample.ts'
import { readGoldenJson } from '../../support/paths.ts'
import { seededUnit } from '../support.ts'

interface Golden {
  readonly z: number
  readonly cases: readonly {
    readonly kind: string
    readonly sizes: number[]
    readonly stratum: number[]
    readonly y: number[]
    readonly f: number[]
    readonly means: number[]
    readonly stratified: { readonly mean: number; readonly error: number }
    readonly ppi: { readonly lambda: number; readonly mean: number; readonly error: number }
  }[]
  readonly multipliers: readonly { readonly n: number; readonly population: number; readonly planned: number; readonly value: number }[]
}
const golden = readGoldenJson('audit/estimates.json') as Golden

describe('reference values', () => {
  test('the normal quantile', () => expect(Z95).toBeCloseTo(golden.z, 12))
  test.each(golden.cases)('$kind', ({ y, f, stratum, sizes, means, stratified, ppi }) => {
    const plain = estimateMean({ stratum, sizes, y })
    expect([plain.mean, plain.errorAt(y.length), plain.lambda]).toEqual([
      expect.closeTo(stratified.mean, 12),
      expect.closeTo(stratified.error, 12),
      0,
    ])
    const powered = estimateMean({ stratum, sizes, y }, { f, means })
    expect(powered.lambda).toBeCloseTo(ppi.lambda, 4)
    expect(powered.mean).toBeCloseTo(ppi.mean, 6)
    expect(powered.errorAt(y.length)).toBeCloseTo(ppi.error, 6)
  })
  test.each(golden.multipliers)('time-uniform: $n of $population, planned $planned', ({ n, population, planned, value }) => {
    expect(anytimeMultiplier(n, population, planned)).toBeCloseTo(value, 6)
  })
})

/** A population whose movies are wrong with their P(wrong), or with a probability that it misjudges. */
function population(n: number, seed: number, truth: (p: number) => number): { p: Float64Array; wrong: Float64Array; rate: number } {
  const unit = seededUnit(seed)
  const p = Float64Array.from({ length: n }, () => unit() ** 4)
  const wrong = p.map((each) => (unit() < truth(each) ? 1 : 0))
  return { p, wrong, rate: wrong.reduce((a, b) => a + b, 0) / n }
}
/** The audit of a sample's first `n` draws. */
function audited(
  { p, wrong }: ReturnType<typeof population>,
  seed: number,
  n: number,
  planned = n,
): (taken: number) => { powered: Estimate; plain: Estimate } {
  const sample = drawSample(p.length, p, Math.max(n, planned), seed)
  const means = sample.sizes.map((size, h) => p.reduce((sum, each, row) => sum + (sample.stratum[row] === h ? each : 0), 0) / size)
  return (taken) => {
    const rows = sample.order.subarray(0, taken)
    const stratum = Array.from(rows, (row) => sample.stratum[row]!)
    const sampled = { stratum, sizes: sample.sizes, y: Array.from(rows, (row) => wrong[row]!) }
    return { plain: estimateMean(sampled), powered: estimateMean(sampled, { f: Array.from(rows, (row) => p[row]!), means }) }
  }
}
const covers = (estimate: Estimate, n: number, rate: number, multiplier = Z95): boolean =>
  Math.abs(estimate.mean - rate) <= multiplier * estimate.errorAt(n)

describe('coverage', () => {
  const ROUNDS = 400
  /** Three standard errors of a share of 0.95 in so many rounds. */
  const SLACK = 3 * Math.sqrt((0.95 * 0.05) / ROUNDS)
  test.each([
    ['true predictions', 200, (p: number) => p],
    ['misleading predictions', 200, (p: number) => 0.3 * (1 - p)],
    ['few errors', 200, (p: number) => p / 10],
    ['a third of the population', 500, (p: number) => p],
  ] as const)('%s: a fixed interval covers the rate in 95 %% of audits', (_, n, truth) => {
    const hits = { plain: 0, powered: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const world = population(1500, round, truth)
      const estimates = audited(world, round, n)(n)
      for (const name of ['plain', 'powered'] as const) if (covers(estimates[name], n, world.rate)) hits[name]++
    }
    for (const name of ['plain', 'powered'] as const) {
      expect(hits[name] / ROUNDS).toBeGreaterThan(0.95 - SLACK)
      // the added errors make intervals of rare errors wider than needed, and no others
      expect(hits[name] / ROUNDS).toBeLessThan(truth(1) > 0.1 ? 0.95 + SLACK : 1.001)
    }
  })
  test('looking after every fifth answer misses with the anytime interval in at most 5% of audits, with the fixed one in far more', () => {
    const misses = { anytime: 0, fixed: 0 }
    for (let round = 0; round < 150; round++) {
      const world = population(1500, round, (p) => p)
      const at = audited(world, round, 300, 200)
      const looks = Array.from({ length: 55 }, (_, i) => 30 + 5 * i).map((n) => ({ n, ...at(n) }))
      if (!looks.every(({ n, powered }) => covers(powered, n, world.rate, anytimeMultiplier(n, 1500, 200)))) misses.anytime++
      if (!looks.every(({ n, powered }) => covers(powered, n, world.rate))) misses.fixed++
    }
    expect(misses.anytime / 150).toBeLessThan(0.05 + 3 * Math.sqrt((0.95 * 0.05) / 150))
    expect(misses.fixed / 150).toBeGreaterThan(0.11)
  })
})

describe('width', () => {
  const world = population(5000, 3, (p) => p)
  const n = 300
  const sample = audited(world, 3, n)(n)
  test('strata make the interval narrower than plain random sampling does; good predictions do it without strata, too', () => {
    const random = Math.sqrt((world.rate * (1 - world.rate)) / n)
    expect(sample.plain.errorAt(n)).toBeLessThan(0.95 * random)
    expect(sample.powered.errorAt(n)).toBeLessThan(sample.plain.errorAt(n))
    const one = { stratum: new Uint8Array(n), sizes: [5000], y: world.wrong.subarray(0, n) }
    const powered = estimateMean(one, { f: world.p.subarray(0, n), means: [world.p.reduce((a, b) => a + b, 0) / 5000] })
    expect(powered.lambda).toBeGreaterThan(0.8)
    expect(powered.errorAt(n)).toBeLessThan(0.8 * estimateMean(one).errorAt(n))
  })
  test('says how many units are needed, which is all of them at most', () => {
    const needed = unitsFor(0.03, sample.powered, n, 5000, n)
    const reach = (units: number): number => anytimeMultiplier(units, 5000, n) * sample.powered.errorAt(units)
    expect([reach(needed) <= 0.03, reach(needed - 1) <= 0.03, needed > n]).toEqual([true, false, true])
    expect(unitsFor(0.0001, sample.powered, n, 5000, n)).toBeGreaterThan(4900)
  })
  test('a census has no error', () => {
    const whole = audited(world, 1, 5000)(5000).plain
    expect([whole.mean, whole.errorAt(5000)]).toEqual([expect.closeTo(world.rate, 12), 0])
  })
  test('without an error found, the interval reaches as far as the rule of three, about 3 / n', () => {
    const none = estimateMean({ stratum: new Uint8Array(100), sizes: [100_000], y: new Float64Array(100) })
    expect(Z95 * none.errorAt(100)).toBeGreaterThan(0.025)
    expect(Z95 * none.errorAt(100)).toBeLessThan(0.035)
  })
})
