import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crowdlab } from '../../src/main/analysis/crowdlab.ts'
import { root } from '../support/paths.ts'

interface Case {
  readonly m: number
  readonly answers: number[]
  readonly model: number[]
  readonly p: number[]
  readonly weights: number[]
  readonly modelWeight: number
}
const cases = JSON.parse(readFileSync(join(root, 'test/golden/values/metrics/crowdlab.json'), 'utf8')) as Case[]

test.each(cases)('consensus and weights are those of the paper, written again in NumPy ($m people)', (c) => {
  const found = crowdlab(Uint8Array.from(c.answers), c.m, Float64Array.from(c.model))
  c.p.forEach((p, i) => expect(found.p[i]).toBeCloseTo(p, 12))
  c.weights.forEach((w, j) => expect(found.weights[j]).toBeCloseTo(w, 12))
  expect(found.modelWeight).toBeCloseTo(c.modelWeight, 12)
})

test('without a model people decide, and who agrees more often counts more', () => {
  // the third person often contradicts the two others
  const rows = ['110', '111', '001', '111', '000', '000', '111', '...']
  const answers = Uint8Array.from(rows.join(''), (c) => (c === '.' ? 255 : Number(c)))
  const { p, weights, modelWeight } = crowdlab(answers, 3, new Float64Array(rows.length).fill(NaN))
  expect(modelWeight).toBe(0)
  expect(weights[0]).toBeGreaterThan(weights[2]!)
  expect(p[0]).toBeGreaterThan(0.5)
  expect(p[2]).toBeLessThan(0.5)
  expect(p[7]).toBeNaN()
})
