import { expect, test } from 'vitest'
import { caveatOf } from '../../../src/main/compute/train/job.ts'

test.each([
  ['head', 'lora', true],
  ['folds', 'lora', false],
  ['head', 'head', false],
] as const)('figures of %s for %s are not those of the final model: %s', (outOfFold, mode, said) => {
  expect(caveatOf({ outOfFold, mode }) !== null).toBe(said)
})
