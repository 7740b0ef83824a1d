import { expect, test } from 'vitest'
import { ARCHITECTURES, TRAIN_MODES, TRANSFORMER_CONFIG } from '../../../src/contract/models.ts'
import { libraryDefaults, scratchDefaults } from '../../../src/main/compute/train/defaults.ts'

const library = { source: 'library', id: 'x', digest: '' } as const

test('the recipe of the small transformer is one that the contract allows', () => {
  expect(TRANSFORMER_CONFIG.parse(scratchDefaults())).toEqual(scratchDefaults())
  const { model } = scratchDefaults()
  if (model.source === 'scratch') expect(model.dim % model.heads).toBe(0)
})
test.each(ARCHITECTURES.flatMap((a) => TRAIN_MODES.map((mode) => [a, mode] as const)))('%s, %s', (architecture, mode) => {
  const recipe = libraryDefaults(library, architecture, mode)
  expect(TRANSFORMER_CONFIG.parse(recipe)).toEqual(recipe)
  expect(recipe.mode).toBe(mode)
})
