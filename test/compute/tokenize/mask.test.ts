import { describe, expect, test } from 'vitest'
import { maskTokens } from '../../../src/main/compute/tokenize/mask.ts'

const vocabulary = { maskId: 4, specials: new Set([0, 1, 2, 3, 4]), vocabularySize: 1000 }
/** Texts of tokens from 5 on, between [CLS] and [SEP], padded to `width`. */
const batch = (rows: number, tokens: number, width: number): Int32Array =>
  Int32Array.from({ length: rows * width }, (_, i) => {
    const at = i % width
    const token = 5 + (((at + Math.floor(i / width) * tokens) * 7) % 995)
    return at === 0 ? 2 : at <= tokens ? token : at === tokens + 1 ? 3 : 0
  })

describe('tokens are hidden', () => {
  const ids = batch(500, 100, 110)
  const masked = maskTokens(ids, vocabulary, { seed: 7, step: 3 })
  const share = (n: number, of: number, expected: number): void => {
    // four standard deviations
    expect(Math.abs(n / of - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / of))
  }

  test('15%, of which 80% are masked, 10% replaced and 10% kept', () => {
    const count = masked.positions.length
    share(count, 50_000, 0.15)
    const now = Array.from(masked.positions, (at) => masked.ids[at]!)
    share(now.filter((id) => id === 4).length, count, 0.8)
    share(now.filter((id, i) => id === masked.targets[i]).length, count, 0.1)
    const exchanged = now.filter((id, i) => id !== 4 && id !== masked.targets[i])
    share(exchanged.length, count, 0.1)
    expect(exchanged.every((id) => id >= 5 && id < 1000)).toBe(true)
    // replacements cover the vocabulary
    expect(new Set(exchanged).size).toBeGreaterThan(400)
  })
  test('never special tokens or padding; other ids are unchanged', () => {
    const hidden = new Set(masked.positions)
    for (const [at, id] of ids.entries()) {
      if (id < 5) expect(hidden.has(at)).toBe(false)
      if (!hidden.has(at)) expect(masked.ids[at]).toBe(id)
    }
    expect(Array.from(masked.targets)).toEqual(Array.from(masked.positions, (at) => ids[at]))
    expect(masked.positions.every((at, i) => i === 0 || at > masked.positions[i - 1]!)).toBe(true)
  })
  test('the given ids are not modified', () => expect(ids).toEqual(batch(500, 100, 110)))
  test('the same for the same seed and step, others otherwise', () => {
    expect(maskTokens(ids, vocabulary, { seed: 7, step: 3 })).toEqual(masked)
    expect(maskTokens(ids, vocabulary, { seed: 7, step: 4 }).positions).not.toEqual(masked.positions)
    expect(maskTokens(ids, vocabulary, { seed: 8, step: 3 }).positions).not.toEqual(masked.positions)
  })
  test('padding makes no difference', () => {
    const wide = maskTokens(batch(500, 100, 130), vocabulary, { seed: 7, step: 3 })
    expect(wide.targets).toEqual(masked.targets)
    expect(wide.positions.map((at) => Math.floor(at / 130) * 110 + (at % 130))).toEqual(masked.positions)
  })
})

test('at least one token is predicted', () => {
  for (let step = 0; step < 30; step++) {
    const { positions, targets } = maskTokens(Int32Array.of(2, 9, 3, 0), vocabulary, { seed: 1, step })
    expect([Array.from(positions), Array.from(targets)]).toEqual([[1], [9]])
  }
})
test('none if there is no ordinary token', () =>
  expect(maskTokens(Int32Array.of(2, 3, 0), vocabulary, { seed: 1, step: 1 }).positions).toHaveLength(0))
test('a vocabulary without a mask token is refused', () =>
  expect(() => maskTokens(Int32Array.of(9), { ...vocabulary, maskId: null }, { seed: 1, step: 1 })).toThrow('no mask token'))
