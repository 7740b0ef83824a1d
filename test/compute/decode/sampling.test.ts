import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextToken } from '../../../src/main/compute/decode/sampling.ts'

const never = (): never => {
  throw new Error('nothing is drawn')
}
/** Probabilities 0.5, 0.1, 0.3 and 0.1. */
const LOGITS = Float32Array.from([0.5, 0.1, 0.3, 0.1], Math.log)

test('at temperature 0 the most probable token is taken, the first of equal ones', () => {
  expect(nextToken(LOGITS, { temperature: 0, topP: 1 }, never)).toBe(0)
  expect(nextToken(Float32Array.of(1, 3, 3), { temperature: 0, topP: 1 }, never)).toBe(1)
})
describe('a token is drawn in proportion to its probability', () => {
  const shares = (temperature: number, topP: number): number[] => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 1000; i++) counts[nextToken(LOGITS, { temperature, topP }, () => (i + 0.5) / 1000)]!++
    return counts.map((n) => n / 1000)
  }
  test('of all', () => expect(shares(1, 1)).toEqual([0.5, 0.1, 0.3, 0.1]))
  test('of the most probable ones that together reach topP', () => expect(shares(1, 0.6)).toEqual([0.625, 0, 0.375, 0]))
  test('raised to 1 / temperature', () => {
    // squares: 0.25, 0.01, 0.09, 0.01 of 0.36
    expect(shares(0.5, 1)).toEqual([0.694, 0.028, 0.25, 0.028])
  })
})
test('any draw gives a token', () => {
  const logits = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 9 })
  const unit = fc.double({ min: 0, max: 0.999999999, noNaN: true })
  fc.assert(
    fc.property(logits, unit, unit, (list, draw, topP) => {
      const token = nextToken(Float32Array.from(list), { temperature: 0.7, topP }, () => draw)
      expect(list[token]).toBeDefined()
    }),
  )
})
