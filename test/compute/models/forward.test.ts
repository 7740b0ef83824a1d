import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { ARCHITECTURES, type Architecture } from '../../../src/contract/models.ts'
import { FAMILIES } from '../../../src/main/compute/models/families/index.ts'
import type { Lowering } from '../../../src/main/compute/models/family.ts'
import { openModel, parseConfig, randomModel } from '../../../src/main/compute/models/open-model.ts'
import { SafetensorsFile } from '../../../src/main/model-folder/safetensors.ts'
import { heldWeights, layeredWeights, type HeldTensor } from '../../../src/main/compute/models/weights.ts'
import { goldenModels } from '../../support/paths.ts'
import { difference, predict, SMALL, TEXTS, tensor, type Texts } from './support.ts'

const LOWERINGS: readonly Lowering[] = ['train', 'infer', 'portable']
const opsetOf = (lowering: Lowering): number => (lowering === 'portable' ? 17 : 20)

describe('the published classes', () => {
  const rows = (data: BigInt64Array, width: number): number[][] =>
    Array.from({ length: data.length / width }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width), Number))
  const textsOf = (file: SafetensorsFile): Texts => {
    const width = file.entry('input_ids').shape[1]!
    return { ids: rows(file.int64('input_ids'), width), mask: rows(file.int64('attention_mask'), width) }
  }
  test.each(ARCHITECTURES.flatMap((a) => LOWERINGS.map((l) => [a, l] as const)))('%s, %s', async (architecture, lowering) => {
    const folder = join(goldenModels, `${architecture}-tiny`)
    const io = new SafetensorsFile(join(folder, 'io.safetensors'))
    const { config, weights, fresh } = openModel(folder)
    expect(fresh).toEqual([])
    const logits = await predict(config, weights, textsOf(io), { lowering, opset: opsetOf(lowering) })
    expect(difference(logits.data, io.float32('logits'))).toBeLessThan(1e-6)
  })
  test('words predicted by a decoder', async () => {
    const folder = join(goldenModels, 'llama-tiny')
    const io = new SafetensorsFile(join(folder, 'causal_lm.safetensors'))
    const { config, weights } = openModel(folder)
    const head = new Map([['lm_head.weight', { shape: io.entry('lm_head.weight').shape, data: io.float32('lm_head.weight') }]])
    const texts = textsOf(io)
    const all = await predict(config, layeredWeights(weights, heldWeights(head)), texts, { to: { language: true } })
    expect(difference(all.data, io.float32('logits'))).toBeLessThan(1e-6)
  })
})

/** See fixtures/reference.py. */
const reference = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/reference.json'), 'utf8')) as Texts & {
  readonly cases: readonly { readonly name: string; readonly config: Record<string, unknown>; readonly logits: readonly number[][] }[]
}
const LABELS = ['a', 'b', 'c']

/** Weights by the formula of the reference. */
function formulaWeights(raw: Record<string, unknown>): ReturnType<typeof heldWeights> {
  const config = { ...parseConfig(raw, 'config'), labels: LABELS }
  const specs = FAMILIES[config.architecture].tensors(config).filter((s) => s.part !== 'language')
  const tensors = specs
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, shape }, k): [string, HeldTensor] => {
      const base = name.toLowerCase().includes('norm') && name.endsWith('weight') ? 1 : 0
      const size = shape.reduce((n, d) => n * d, 1)
      return [name, { shape, data: Float32Array.from({ length: size }, (_, j) => base + 0.3 * Math.sin(1 + 0.37 * j + k)) }]
    })
  return heldWeights(new Map(tensors))
}

describe('an independent implementation of every variant', () => {
  const cases = reference.cases.flatMap((c) => LOWERINGS.map((lowering) => ({ ...c, lowering })))
  test.each(cases)('$name, $lowering', async ({ config: raw, logits, lowering }) => {
    const config = { ...parseConfig(raw, 'config'), labels: LABELS }
    const result = await predict(config, formulaWeights(raw), reference, { lowering, opset: opsetOf(lowering) })
    expect(result.shape).toEqual([3, 3])
    expect(difference(result.data, logits.flat())).toBeLessThan(1e-5)
  })
})

describe.each(ARCHITECTURES)('parts of %s', (architecture) => {
  const { config, weights } = randomModel({ ...SMALL[architecture], initializer_range: 0.3 }, { seed: 5 })
  const { dim, embeddingDim, layers } = config

  it('join at every layer', async () => {
    const whole = await predict(config, weights, TEXTS)
    for (let layer = 0; layer <= layers; layer++) {
      const hidden = await predict(config, weights, TEXTS, { to: { layer } })
      expect(hidden.shape).toEqual([3, 5, dim])
      const rest = await predict(config, weights, TEXTS, { start: { tensor: hidden, at: { layer } } })
      expect(difference(rest.data, whole.data as Float32Array)).toBeLessThan(1e-6)
    }
  })
  it('join before the head and after the words', async () => {
    const whole = await predict(config, weights, TEXTS)
    const features = await predict(config, weights, TEXTS, { to: 'features' })
    expect(features.shape).toEqual([3, dim])
    const head = await predict(config, weights, TEXTS, { start: { tensor: features, at: 'features' } })
    expect(head.data).toEqual(whole.data)
    const table = weights.read(FAMILIES[architecture].forward.words)
    const words = Float32Array.from(TEXTS.ids.flat().flatMap((id) => [...table.subarray(id * embeddingDim, (id + 1) * embeddingDim)]))
    const again = await predict(config, weights, TEXTS, { start: { tensor: tensor([3, 5, embeddingDim], words), at: 'words' } })
    expect(again.data).toEqual(whole.data)
  })
  it('do not depend on padding', async () => {
    const whole = await predict(config, weights, TEXTS)
    const alone = await predict(config, weights, { ids: [[4, 10, 6]], mask: [[1, 1, 1]] })
    expect(difference(alone.data, (whole.data as Float32Array).subarray(3, 6))).toBeLessThan(1e-6)
    const other = await predict(config, weights, {
      ...TEXTS,
      ids: TEXTS.ids.map((row, r) => row.map((id, t) => (TEXTS.mask[r]![t] ? id : 11))),
    })
    expect(difference(other.data, whole.data as Float32Array)).toBeLessThan(1e-6)
  })
  it('accept texts of one token, and of as many as there are positions', async () => {
    const longest = Array.from({ length: config.positions }, (_, t) => (t * 5) % 13)
    for (const ids of [[3], longest]) {
      const one = await predict(config, weights, { ids: [ids], mask: [ids.map(() => 1)] })
      expect(one.shape).toEqual([1, 3])
      expect((one.data as Float32Array).every(Number.isFinite)).toBe(true)
    }
  })
  it('stay finite for texts without a token', async () => {
    const none = await predict(config, weights, { ids: [[0, 0]], mask: [[0, 0]] })
    expect((none.data as Float32Array).every(Number.isFinite)).toBe(true)
  })
  it('take a mask of floats', async () => {
    const whole = await predict(config, weights, TEXTS)
    expect((await predict(config, weights, TEXTS, { floatMask: true })).data).toEqual(whole.data)
  })
  it('predict words at chosen positions as at all positions', async () => {
    const all = await predict(config, weights, TEXTS, { to: { language: true } })
    expect(all.shape).toEqual([15, config.vocabulary])
    const some = await predict(config, weights, TEXTS, { rows: [7, 0] })
    const expected = [7, 0].flatMap((row) => [...(all.data as Float32Array).subarray(row * 13, row * 13 + 13)])
    expect(difference(some.data, expected)).toBeLessThan(1e-6)
  })
  it('apply dropout where the published model does', async () => {
    const sites: string[] = []
    const rates = { hidden: 0.1, attention: 0.2, head: 0.3 }
    const dropout = (x: never, site: string, rate: number): never => {
      sites.push(`${site} ${rate}`)
      return x
    }
    await predict({ ...config, dropout: rates }, weights, TEXTS, { dropout: dropout as never })
    expect(sites).toEqual(SITES[architecture])
    expect(new Set(sites).size).toBe(sites.length)
  })
})

/** From the forward passes of modeling_bert.py, modeling_distilbert.py and so on. */
const OF_BERT = [
  'embeddings 0.1',
  ...[0, 1].flatMap((i) => [`layer_${i}.attention 0.2`, `layer_${i}.attention_output 0.1`, `layer_${i}.output 0.1`]),
]
const OF_DECODER = ['layer_0.attention 0.2', 'layer_1.attention 0.2']
const SITES: Readonly<Record<Architecture, readonly string[]>> = {
  bert: [...OF_BERT, 'head 0.3'],
  distilbert: ['embeddings 0.1', ...[0, 1].flatMap((i) => [`layer_${i}.attention 0.2`, `layer_${i}.output 0.1`]), 'head 0.3'],
  roberta: [...OF_BERT, 'head_input 0.3', 'head 0.3'],
  'xlm-roberta': [...OF_BERT, 'head_input 0.3', 'head 0.3'],
  mpnet: [...OF_BERT, 'head_input 0.3', 'head 0.3'],
  electra: [...OF_BERT, 'head_input 0.3', 'head 0.3'],
  modernbert: [
    ...[0, 1].flatMap((i) => [`layer_${i}.attention 0.2`, `layer_${i}.attention_output 0.2`, `layer_${i}.hidden 0.1`]),
    'head 0.3',
  ],
  llama: OF_DECODER,
  mistral: OF_DECODER,
  qwen2: OF_DECODER,
  qwen3: OF_DECODER,
  smollm3: OF_DECODER,
  gemma3_text: OF_DECODER,
}
