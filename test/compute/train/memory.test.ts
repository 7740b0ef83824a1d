import { describe, expect, test } from 'vitest'
import type { TransformerConfig } from '../../../src/contract/models.ts'
import { FAMILIES } from '../../../src/main/compute/models/families/index.ts'
import { parseConfig } from '../../../src/main/compute/models/open-model.ts'
import { libraryDefaults, scratchDefaults } from '../../../src/main/compute/train/defaults.ts'
import { trainingCost, type TrainingSize } from '../../../src/main/compute/train/memory.ts'
import { smallConfig } from '../../../src/main/compute/train/source.ts'

const DISTILBERT = { model_type: 'distilbert', vocab_size: 30_522, dim: 768, n_layers: 6, n_heads: 12, hidden_dim: 3072, max_position_embeddings: 512, num_labels: 19 } // prettier-ignore
function sizeOf(raw: Record<string, unknown>): TrainingSize {
  const model = parseConfig(raw, 'the test')
  return { model, tensors: FAMILIES[model.architecture].tensors(model), movies: 200, training: 160, genres: 19, characters: 300 }
}
const size = sizeOf(DISTILBERT)
const recipe = (mode: TransformerConfig['mode'], rows: number, width: number): TransformerConfig => ({
  ...libraryDefaults({ source: 'library', id: 'x', digest: '' }, 'distilbert', mode),
  batch: rows,
  maxTokens: width,
  microTokens: rows * width,
})
const peakMb = (config: TransformerConfig): number => trainingCost(size, config).peakBytes / 2 ** 20

describe('the estimate', () => {
  // peak resident memory of real steps, docs/transformer-defaults.md
  test.each([
    ['lora', 8, 128, 1, 988],
    ['lora', 16, 256, 1, 2604],
    ['top', 8, 128, 1, 996],
    ['full', 8, 128, 1, 2318],
    ['full', 8, 128, 2, 3480],
  ] as const)('%s, %i x %i tokens, %i micro-batches: somewhat more than the measured %i MB', (mode, rows, width, micros, measured) => {
    const estimated = peakMb({ ...recipe(mode, rows, width), batch: micros * rows })
    expect(estimated).toBeGreaterThan(measured)
    expect(estimated).toBeLessThan(1.35 * measured)
  })
  test('grows with the number of trained parameters', () => {
    const [head, top, lora, full] = (['head', 'top', 'lora', 'full'] as const).map((mode) => peakMb(recipe(mode, 8, 128)))
    expect(head).toBeLessThan(top!)
    expect(top).toBeLessThan(full!)
    expect(lora).toBeLessThan(full!)
  })
  test('counts predictions, which compute as many tokens at once as the recipe allows, however small an update is', () => {
    const many = { ...size, movies: 100_000 }
    const bytes = (microTokens: number): number => trainingCost(many, { ...recipe('lora', 8, 128), microTokens }).peakBytes
    expect(bytes(1_000_000)).toBeGreaterThan(3e10)
    expect(bytes(2048)).toBe(bytes(1024))
  })
  test('of time: a full step takes longer than adapters, adapters longer than a head', () => {
    const work = (['head', 'lora', 'full'] as const).map((mode) => trainingCost(size, { ...recipe(mode, 8, 128), epochs: 3 }).operations)
    expect(work).toEqual(work.toSorted((a, b) => a - b))
  })
  test('of the small transformer is small', () => {
    const config = scratchDefaults()
    if (config.model.source !== 'scratch') throw new Error('not small')
    const small = sizeOf(smallConfig(config.model, config.model.vocabulary, config.maxTokens))
    expect(trainingCost(small, config).peakBytes).toBeLessThan(1.5e9)
  })
})
