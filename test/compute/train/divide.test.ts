import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import { divide, MIN_VALIDATION } from '../../../src/main/compute/train/divide.ts'

const recipe = { folds: 3, validation: 0.2, seed: 5 }
const parts = fc.record({
  fold: fc.array(fc.constantFrom(0, 1, 2, NOT_TRAINING), { minLength: 1, maxLength: 400 }).map((f) => Uint8Array.from(f)),
  own: fc.integer({ min: 0, max: 60 }),
})
const others = (fold: Uint8Array): Int32Array => Int32Array.from(fold.keys()).filter((row) => fold[row] === NOT_TRAINING)

test('no training learns from the rows that it predicts or is validated on', () => {
  fc.assert(
    fc.property(parts, ({ fold, own }) => {
      const valid = others(fold).slice(0, own)
      for (const division of divide({ fold, valid }, recipe)) {
        const train = new Set(division.train)
        for (const row of division.valid) expect(train.has(row)).toBe(false)
        if (division.fold !== null) for (const row of [...division.train, ...division.valid]) expect(fold[row]).not.toBe(division.fold)
        for (const row of train) expect(fold[row]).not.toBe(NOT_TRAINING)
        for (const row of division.predict) expect(train.has(row)).toBe(false)
      }
    }),
  )
})
test('no validation row has a near-duplicate that the training learns from', () => {
  const fold = Uint8Array.from({ length: 300 }, (_, row) => row % 3)
  const group = Int32Array.from({ length: 300 }, (_, row) => Math.floor(row / 5))
  for (const { train, valid } of divide({ fold, group, valid: new Int32Array() }, recipe)) {
    const learnt = new Set(train.map((row) => group[row]!))
    expect(valid.length).toBeGreaterThan(MIN_VALIDATION)
    for (const row of valid) expect(learnt.has(group[row]!)).toBe(false)
  }
})
test('every row is predicted once', () => {
  fc.assert(
    fc.property(parts, ({ fold }) => {
      const predicted = divide({ fold, valid: new Int32Array() }, recipe).flatMap(({ predict }) => [...predict])
      expect(predicted.toSorted((a, b) => a - b)).toEqual([...fold.keys()])
    }),
  )
})
describe('the validation part', () => {
  const fold = Uint8Array.from({ length: 300 }, (_, row) => (row < 240 ? row % 3 : NOT_TRAINING))
  test("is the catalogue's validation part", () => {
    const valid = Int32Array.from({ length: 30 }, (_, i) => 250 + i)
    for (const division of divide({ fold, valid }, recipe)) expect(division.valid).toEqual(valid)
  })
  test('or a share of the training rows, a different one for each training', () => {
    const [first, second, , final] = divide({ fold, valid: new Int32Array() }, recipe)
    expect(first!.valid).toHaveLength(32)
    expect(first!.train).toHaveLength(128)
    expect(final!.valid).toHaveLength(48)
    expect(first!.valid).not.toEqual(second!.valid)
  })
  test('or empty, if that would be too few rows', () => {
    const few = fold.map((f, row) => (row < 60 ? f : NOT_TRAINING))
    for (const { valid } of divide({ fold: few, valid: new Int32Array(MIN_VALIDATION - 1) }, recipe)) expect(valid).toHaveLength(0)
  })
})
