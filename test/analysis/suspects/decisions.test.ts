import { expect, test } from 'vitest'
import { learnOffsets, type Answer } from '../../../src/main/analysis/suspects/decisions.ts'

const answers = (count: number, answer: Partial<Answer> = {}): Answer[] =>
  Array.from({ length: count }, () => ({ genre: 0, present: 1, searched: 0.5, wrong: 1, ...answer }))

test('nothing is learnt from no answer', () => expect([...learnOffsets([], 2)]).toEqual([0, 0, 0, 0]))

test.each([
  [10, 0.5, 1],
  [40, 0.3, 0],
  [3, 0.8, 0],
] as const)('%i answers of one kind (P %d, wrong %i) give the maximum of their posterior', (count, searched, wrong) => {
  // the sum of both normal priors is a normal prior too; found by a fine grid
  const variance = 0.5 ** 2 + 0.7 ** 2
  const posterior = (offset: number): number => {
    const p = 1 / (1 + ((1 - searched) / searched) * Math.exp(-offset))
    return count * Math.log(wrong === 1 ? p : 1 - p) - offset ** 2 / (2 * variance)
  }
  let best = -6
  for (let offset = -6; offset < 6; offset += 0.0005) if (posterior(offset) > posterior(best)) best = offset
  const [absent, present] = learnOffsets(answers(count, { searched, wrong }), 1)
  expect(present).toBeCloseTo(best, 2)
  expect(absent).toBe(0)
})

test('ten answers move a little, hundreds as far as they must', () => {
  const of = (count: number): number => learnOffsets([...answers(0.9 * count), ...answers(0.1 * count, { wrong: 0 })], 1)[1]!
  expect(of(10)).toBeGreaterThan(0.5)
  expect(of(10)).toBeLessThan(1.3)
  expect(of(2000)).toBeCloseTo(Math.log(9), 1)
})

test('a genre learns from the others, but most from itself; what is absent learns nothing from what is given', () => {
  const [absent, own, , other] = learnOffsets(answers(30), 2)
  expect(absent).toBe(0)
  expect(other).toBeGreaterThan(0.2)
  expect(own).toBeGreaterThan(2 * other!)
})

test('answers as often wrong as the search says teach nothing', () => {
  const as = [...answers(30, { searched: 0.3 }), ...answers(70, { searched: 0.3, wrong: 0 })]
  expect(learnOffsets(as, 1)[1]).toBeCloseTo(0, 6)
})
