import { expect, test } from 'vitest'
import type { TransformerConfig } from '../../../src/contract/models.ts'
import { randomModel } from '../../../src/main/compute/models/open-model.ts'
import { microBatches, type Update } from '../../../src/main/compute/train/batches.ts'
import { Classifier } from '../../../src/main/compute/train/classifier.ts'
import { pack } from '../../../src/main/compute/train/corpus.ts'
import { scratchDefaults } from '../../../src/main/compute/train/defaults.ts'
import { planOf } from '../../../src/main/compute/train/plan.ts'

// more words than a gradient of small tables is computed for
const CONFIG = { model_type: 'distilbert', vocab_size: 1500, dim: 16, n_layers: 1, n_heads: 2, hidden_dim: 16, max_position_embeddings: 32, dropout: 0, attention_dropout: 0, seq_classif_dropout: 0 } // prettier-ignore
const K = 3
const ROWS = 12
const corpus = pack(Array.from({ length: ROWS }, (_, i) => Int32Array.from({ length: 4 + (i % 5) }, (_, t) => (i * 131 + t * 7) % 1500)), 0) // prettier-ignore
const labels = Uint8Array.from({ length: ROWS * K }, (_, i) => (i * 7) % 2)
const excluded = Uint8Array.from({ length: ROWS * K }, (_, i) => (i % 11 === 0 ? 1 : 0))
const rows = Int32Array.from({ length: ROWS }, (_, i) => i)

const open = (part: Partial<TransformerConfig> = {}): Promise<Classifier> => {
  const recipe = { ...scratchDefaults(), ...part }
  const model = randomModel(CONFIG, { labels: ['a', 'b', 'c'], seed: 3 })
  const targets = { k: K, labels, excluded, rowWeight: null }
  return Classifier.open({ model, plan: planOf(recipe, model.config), lora: null, corpus, features: null, targets, recipe, session: { device: 'cpu', threads: 1 } }) // prettier-ignore
}
const updateOf = (microTokens: number): Update => ({ micros: microBatches(rows, corpus.lengths, microTokens), rows: ROWS })

test('micro-batches add up to the update of one batch', async () => {
  const [whole, parts] = [await open(), await open()]
  for (let step = 0; step < 3; step++) {
    const a = await whole.update(updateOf(1000), { step, epoch: 1, learningRate: 1e-3 })
    const b = await parts.update(updateOf(20), { step, epoch: 1, learningRate: 1e-3 })
    expect(b.loss).toBeCloseTo(a.loss, 5)
    expect(b.norm).toBeCloseTo(a.norm, 4)
    expect(b.weight).toBe(ROWS * K - excluded.reduce((n, x) => n + x, 0))
  }
  const other = await parts.parameters()
  for (const [name, { data }] of await whole.parameters()) data.forEach((x, i) => expect(other.get(name)!.data[i]).toBeCloseTo(x, 3))
  await Promise.all([whole.release(), parts.release()])
})

test('with LL-Ct, labels are corrected from the second epoch on, and nothing in an evaluation', async () => {
  const [plain, large] = [await open(), await open({ loss: 'large-loss', largeLoss: 0.1 })]
  const [micro] = updateOf(1000).micros
  expect((await large.evaluate(micro!)).loss).toBe((await plain.evaluate(micro!)).loss)
  const first = (of: Classifier, epoch: number) =>
    of.load(null).then(() => of.update(updateOf(1000), { step: 0, epoch, learningRate: 1e-3 }))
  expect((await first(large, 1)).loss).toBe((await first(plain, 1)).loss)
  expect((await first(large, 2)).loss).not.toBe((await first(plain, 2)).loss)
  await Promise.all([plain.release(), large.release()])
})

test('a loaded state continues with the same bits; without one the training starts new', async () => {
  const learner = await open()
  const begun = await learner.parameters()
  await learner.update(updateOf(1000), { step: 0, epoch: 1, learningRate: 1e-3 })
  const state = new Map(Array.from(await learner.state(), ([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
  const next = await learner.update(updateOf(1000), { step: 1, epoch: 1, learningRate: 1e-3 })
  await learner.load(state)
  expect(await learner.update(updateOf(1000), { step: 1, epoch: 1, learningRate: 1e-3 })).toEqual(next)
  await learner.load(null)
  expect(await learner.parameters()).toEqual(begun)
  await learner.release()
})
