import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bucketOf } from '../../../src/main/compute/models/layers/distances.ts'
import { goldenModels } from '../../support/paths.ts'

test('buckets of distances are those of PyTorch', () => {
  const file = readFileSync(join(goldenModels, 'mpnet-tiny/buckets.json'), 'utf8')
  const { offsets, buckets } = JSON.parse(file) as { readonly offsets: readonly number[]; readonly buckets: readonly number[] }
  expect(offsets.map(bucketOf)).toEqual(buckets)
})
