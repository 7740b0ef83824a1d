import { expect, test } from 'vitest'
import type { UserError } from '../../src/contract/errors.ts'
import type { RunConfig } from '../../src/contract/records.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { scratchDefaults } from '../../src/main/compute/train/defaults.ts'
import type { Context } from '../../src/main/handlers/context.ts'
import { assertFits, trainingShare } from '../../src/main/handlers/memory-budget.ts'
import type { Workspace } from '../../src/main/workspace.ts'

/** A catalogue of 19 genres and plots of 464 characters, four fifths of it for training. */
function catalogueOf(movies: number): Workspace {
  const rows = Int32Array.from({ length: 0.8 * movies }, (_, i) => i)
  const genres = Array.from({ length: 19 }, (_, id) => ({ id, name: `genre ${id}` }))
  return { catalogue: { n: movies, k: 19, genres, rowsOf: () => rows, plotLengths: new Int32Array(movies).fill(464) } } as never
}
const MILLION = catalogueOf(1_000_000)
/** @param memory what earlier trainings of a kind took, as a multiple of their estimates */
function refusal(w: Workspace, config: RunConfig, free: number, memory: Readonly<Record<string, number>> = {}): UserError | null {
  const measuredCosts = { of: (kind: string) => ({ time: 1, memory: memory[kind] ?? 1, runs: 1 }) }
  try {
    assertFits({ measuredCosts } as unknown as Context, w, config, null, free)
    return null
  } catch (error) {
    return error as UserError
  }
}

test('a training that fits is not refused', () => {
  expect(refusal(MILLION, LINEAR_DEFAULTS, 16e9)).toBeNull()
  expect(refusal(MILLION, LINEAR_DEFAULTS, 3e9)!.code).toBe('too-little-memory')
})

test('a refusal gives the needed and the free memory, and a recipe that fits', () => {
  expect(refusal(MILLION, LINEAR_DEFAULTS, 3e9)!.message).toMatch(
    /^This training needs about \d\.\d GB of memory, and 3\.0 GB are free: .*no parts of words( and at most [\d,]+ words)? \(\d\.\d GB\)\.$/,
  )
  expect(refusal(MILLION, LINEAR_DEFAULTS, 0.3e9)!.message).toMatch(/or choose a smaller model, or a machine with more memory\.$/)
})

test('a small transformer is not told to train its head alone', () => {
  const config = { ...scratchDefaults(), microTokens: 200_000, batch: 2000 }
  expect(refusal(catalogueOf(1000), config, 2e9)!.message).toMatch(/choose at most 512 tokens at once \(0\.\d GB\)\.$/)
  expect(refusal(catalogueOf(1000), config, 0.2e9)!.message).toMatch(/or choose a smaller model/)
})

test('what such trainings took on this machine counts, for the suggested recipes as well', () => {
  const free = 9e9
  expect(refusal(MILLION, LINEAR_DEFAULTS, free)).toBeNull()
  const refused = refusal(MILLION, LINEAR_DEFAULTS, free, { linear: 3 })!
  expect(refused.code).toBe('too-little-memory')
  expect(refusal(MILLION, LINEAR_DEFAULTS, free, { 'scratch full auto': 3 })).toBeNull()
  expect(refusal(MILLION, LINEAR_DEFAULTS, free, { linear: 0.1 })).toBeNull()
  const bytesOf = (message: string): number => Number(/\((\d+\.\d) GB\)/.exec(message)![1])
  const plain = refusal(MILLION, LINEAR_DEFAULTS, 3e9)!
  expect(bytesOf(refused.message) / bytesOf(plain.message)).toBeCloseTo(3, 0)
})

test('the search for suspects has a share of the progress by its time: much of a linear training, little of a transformer', () => {
  const context = { measuredCosts: { of: () => ({ time: 1, memory: 1, runs: 1 }) } } as unknown as Context
  const share = (w: Workspace, config: RunConfig): number => trainingShare(context, w, config, null)
  expect(share(catalogueOf(5000), LINEAR_DEFAULTS)).toBeLessThan(0.8)
  expect(share(catalogueOf(5000), scratchDefaults())).toBeGreaterThan(0.95)
  expect(share(MILLION, LINEAR_DEFAULTS)).toBe(1)
})
