import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cohensKappa, fleissKappa, krippendorffsAlpha, masiDistance } from '../../src/main/analysis/agreement.ts'
import { root } from '../support/paths.ts'

interface Case {
  readonly k: number
  readonly a: number[]
  readonly b: number[]
  readonly kappa: number
  readonly error: number
}
const cases = JSON.parse(readFileSync(join(root, 'test/golden/values/metrics/agreement.json'), 'utf8')) as Case[]

test.each(cases)("Cohen's kappa and its interval are those of scikit-learn and of the delta method", ({ k, a, b, kappa, error }) => {
  const found = cohensKappa(a, b, k)
  expect(found.kappa).toBeCloseTo(kappa, 12)
  expect((found.kappa - found.low) / 1.959964).toBeCloseTo(error, 6)
  expect(found).toMatchObject({ n: a.length, high: expect.any(Number) as number })
})
test('without chance disagreement kappa is not defined', () => expect(cohensKappa([1, 1], [1, 1], 2).kappa).toBeNaN())

// the example of Wikipedia's article on Fleiss' kappa
test("Fleiss' kappa of the example of 14 raters and 10 subjects", () => {
  const counts = [
    '0 0 0 0 14',
    '0 2 6 4 2',
    '0 0 3 5 6',
    '0 3 9 2 0',
    '2 2 8 1 1',
    '7 7 0 0 0',
    '3 2 6 3 0',
    '2 5 3 2 2',
    '6 5 2 1 0',
    '0 2 2 3 7',
  ]
  expect(fleissKappa(counts.map((row) => row.split(' ').map(Number)))).toBeCloseTo(0.21, 3)
})

test("Krippendorff's alpha of the example of four observers and twelve units with gaps", () => {
  // Krippendorff 2011, section C; a point: no answer
  const observers = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.']
  const units = Array.from({ length: 12 }, (_, u) => observers.map((line) => line[u]).filter((v) => v !== undefined && v !== '.'))
  expect(
    krippendorffsAlpha(
      units,
      (a, b) => Number(a !== b),
      (v) => String(v),
    ),
  ).toBeCloseTo(0.743, 3)
})

test.each([
  [[1, 2], [1, 2], 0],
  [[], [], 0],
  [[1], [2], 1],
  [[1, 2], [1], 1 - (1 / 2) * (2 / 3)],
  [[1, 2], [2, 3], 1 - (1 / 3) * (1 / 3)],
])('the MASI distance of %j and %j', (a, b, distance) => expect(masiDistance(new Set(a), new Set(b))).toBeCloseTo(distance, 12))

interface Sets {
  readonly fleiss: readonly { readonly counts: number[][]; readonly kappa: number }[]
  readonly alpha: readonly { readonly units: number[][][]; readonly alpha: number }[]
}
const sets = JSON.parse(readFileSync(join(root, 'test/golden/values/metrics/agreement_sets.json'), 'utf8')) as Sets
test.each(sets.fleiss)("Fleiss' kappa is that of an implementation in NumPy ($kappa)", ({ counts, kappa }) =>
  expect(fleissKappa(counts)).toBeCloseTo(kappa, 12),
)
test.each(sets.alpha)("Krippendorff's alpha of sets with the MASI distance is that of nltk ($alpha)", ({ units, alpha }) => {
  const answers = units.map((unit) => unit.map((set) => new Set(set)))
  expect(krippendorffsAlpha(answers, masiDistance, (set) => [...set].join())).toBeCloseTo(alpha, 12)
})
