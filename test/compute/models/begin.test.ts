import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TransformerConfig } from '../../../src/contract/models.ts'
import { exportAdapter } from '../../../src/main/compute/models/export/folders.ts'
import { adaptersOf, initialLora, loraA, planLora, type LoraConfig } from '../../../src/main/compute/models/lora/adapters.ts'
import { checkModel, openStart, loraSettingsOf } from '../../../src/main/compute/models/lora/begin.ts'
import { mergedWeights } from '../../../src/main/compute/models/lora/merge.ts'
import { readAdapter, type Adapter } from '../../../src/main/compute/models/lora/peft.ts'
import { openModel, randomModel } from '../../../src/main/compute/models/open-model.ts'
import { heldWeights, layeredWeights, type Weights } from '../../../src/main/compute/models/weights.ts'
import { loadTokenizer } from '../../../src/main/compute/tokenize/load.ts'
import { openArtifact, writeTrainedTensors } from '../../../src/main/compute/model-artifact.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { difference, predict, SMALL, storedOf, TEXTS, writeModel } from './support.ts'

const { folder } = scratchFolder()
let made = 0
const fresh = (): string => join(folder, `f${made++}`)
const GENRES = ['Drama', 'War', 'Comedy']
const settings = { rank: 2, alpha: 5, dropout: 0, targets: [] }

const random = randomModel(SMALL.bert, { seed: 2 })
const modelFolder = writeModel(fresh(), SMALL.bert, storedOf(random.weights))
writeFileSync(join(modelFolder, 'vocab.txt'), ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a'].join('\n'))
const base = openModel(modelFolder, { labels: GENRES, seed: 1 })
const waves = (weights: Weights, k: number): Weights =>
  heldWeights(
    new Map(
      weights.names.map((name, n) => {
        const shape = weights.shape(name)
        return [name, { shape, data: weights.read(name).map((_, i) => Math.sin(i + n * k) / 3) }]
      }),
    ),
  )
const heads = heldWeights(
  new Map(base.specs.filter((s) => s.part === 'head').map((s) => [s.name, { shape: s.shape, data: base.weights.read(s.name) }])),
)
/** Adapters that change something, and a trained head. */
const adapter = (more: object = {}, k = 1): Adapter => {
  const lora: LoraConfig = planLora(base.config, base.specs, { ...settings, ...more })
  return { lora, weights: layeredWeights(waves(initialLora(lora, base.specs, 7), k), waves(heads, k + 1)) }
}
const out = async (a: Adapter, labels = GENRES): Promise<string> => {
  const path = fresh()
  await exportAdapter(path, a, { ...base.config, labels }, 'base', { files: {} })
  return path
}
const logits = async (weights: Weights, lora: LoraConfig | null = null): Promise<Float32Array> =>
  (await predict(base.config, weights, TEXTS, lora ? { adapters: adaptersOf(lora) } : {})).data as Float32Array
const expected = (a: Adapter): Promise<Float32Array> => logits(mergedWeights(layeredWeights(a.weights, base.weights), a.weights, a.lora))

describe('a training from an adapter', () => {
  it.each<[string, object, typeof settings | null, boolean]>([
    ['goes on with its tensors', {}, settings, true],
    ['of other scale merges it', {}, { ...settings, alpha: 4 }, false],
    ['of other rank merges it', {}, { ...settings, rank: 3 }, false],
    ['of other layers merges it', { targets: ['key'] }, settings, false],
    ['in another mode merges it', {}, null, false],
  ])('%s', async (_, more, plan, goesOn) => {
    const a = adapter(more)
    const { model, whole, merged } = openStart({ modelFolder, adapterFolder: await out(a) }, { labels: GENRES }, plan)
    expect([model.weights.has(loraA(a.lora.layers[0]!.linear)), merged === null]).toEqual([goesOn, goesOn])
    expect(model.fresh).toEqual([])
    const asked = await expected(a)
    expect(difference(asked, await logits(base.weights))).toBeGreaterThan(0.1)
    expect(difference(await logits(whole.weights), asked)).toBeLessThan(1e-5)
    // as the learner binds them: new adapters start with B = 0 where the model has none
    const lora = plan && planLora(model.config, model.specs, plan)
    const begun = lora ? layeredWeights(model.weights, initialLora(lora, model.specs, 3)) : model.weights
    expect(difference(await logits(begun, lora), asked)).toBeLessThan(1e-5)
    model.close()
  })
  it('is offered the plan of the existing adapter', async () => {
    const adapterFolder = await out(adapter({ rank: 3, alpha: 7, targets: ['value', 'layer.0.intermediate.dense'] }))
    const offered = loraSettingsOf({ modelFolder, adapterFolder })!
    expect([offered.rank, offered.alpha]).toEqual([3, 7])
    expect(openStart({ modelFolder, adapterFolder }, { labels: GENRES }, offered).merged).toBeNull()
    expect(loraSettingsOf({ modelFolder, adapterFolder: null })).toBeNull()
  })
})

describe('its head', () => {
  it('is used in whatever order it has the genres', async () => {
    const a = adapter()
    const adapterFolder = await out(a)
    const [x, y, z] = GENRES as [string, string, string]
    const { model } = openStart({ modelFolder, adapterFolder }, { labels: [z, x, y] }, null)
    const [given, asked] = [await logits(model.weights), await expected(a)]
    expect(difference(given, asked.map((_, i) => asked[i - (i % 3) + [2, 0, 1][i % 3]!]!))).toBeLessThan(1e-5) // prettier-ignore
  })
  it('starts new for other genres; the layers before it are kept', async () => {
    const a = adapter()
    for (const labels of [['Drama', 'War', 'Crime'], ['Drama']]) {
      const { model } = openStart({ modelFolder, adapterFolder: await out(a) }, { labels, seed: 4 }, null)
      expect(model.fresh).toEqual(['classifier.weight', 'classifier.bias'])
      expect(model.weights.read('bert.pooler.dense.weight')).toEqual(a.weights.read('bert.pooler.dense.weight'))
    }
  })
  it('without genre names is not reused', async () => {
    const adapterFolder = await out(adapter())
    renameSync(join(adapterFolder, 'labels.json'), join(adapterFolder, 'other.json'))
    expect(openStart({ modelFolder, adapterFolder }, { labels: GENRES }, null).model.fresh).toContain('classifier.weight')
  })
})

describe('a run', () => {
  const recipe = { mode: 'lora', lora: settings, outOfFold: 'folds', model: { source: 'library', id: 'x', digest: '' } } as Pick<
    TransformerConfig,
    'mode' | 'lora' | 'model' | 'outOfFold'
  >
  const runOf = (a: Adapter): string => {
    const path = fresh()
    mkdirSync(path)
    writeTrainedTensors(path, new Map(a.weights.names.map((name) => [name, { shape: a.weights.shape(name), data: a.weights.read(name) }])))
    return path
  }
  it.each<[string, object, number[]]>([
    ['that went on with an adapter', {}, [2, 2]],
    ['that put another one beside it', { rank: 1, targets: ['key', 'value'] }, [2, 1, 3]],
  ])('%s exports one that comes back with its logits', async (_, more, ranks) => {
    const adapterFolder = await out(adapter(more, 3))
    const trained = openArtifact({ config: recipe, folder: runOf(adapter()), modelFolder, adapterFolder, genreNames: GENRES })
    const asked = await logits(trained.weights)
    const again = await out(trained.adapters!)
    const { model } = openStart({ modelFolder, adapterFolder: again }, { labels: GENRES }, null)
    expect(difference(await logits(model.weights), asked)).toBeLessThan(1e-5)
    expect(readAdapter(again, base.config, base.specs).lora.layers.map((l) => l.rank)).toEqual([...ranks, ...ranks])
    trained.close()
  })
})

it('an adapter of another base is refused, naming what does not fit', async () => {
  const adapterFolder = await out(adapter())
  checkModel({ modelFolder, adapterFolder })
  const wider = randomModel({ ...SMALL.bert, hidden_size: 16 })
  const other = writeModel(fresh(), { ...SMALL.bert, hidden_size: 16 }, storedOf(wider.weights))
  expect(() => checkModel({ modelFolder: other, adapterFolder })).toThrow(
    /query\.lora_A of 2 x 8 instead of 2 x 16: it belongs to another base model/,
  )
  const llama = writeModel(fresh(), SMALL.llama, storedOf(randomModel(SMALL.llama).weights))
  expect(() => checkModel({ modelFolder: llama, adapterFolder })).toThrow(/has the tensor "base_model.*has no place in a llama model/)
})

const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a']
it.each<[string, readonly string[], object, RegExp]>([
  [
    'entries that the model lacks',
    [...WORDS, ...Array.from({ length: 9 }, (_, i) => `w${i}`)],
    {},
    /cannot be used as a tokenizer: it has 2 entries beyond the 13 words of the model, such as "w7"/,
  ],
  [
    'no padding token but one entry too many',
    [...WORDS.slice(1), ...Array.from({ length: 8 }, (_, i) => `w${i}`), '[NEW]'],
    {},
    /1 entry beyond/,
  ],
  ['relative positions', WORDS, { position_embedding_type: 'relative_key' }, /Models with relative position embeddings cannot be used/],
  ['no family', WORDS, { model_type: undefined }, /has no model_type/],
])('a model with %s is refused as a training would refuse it', (_, words, more, why) => {
  const path = writeModel(fresh(), { ...SMALL.bert, ...more }, storedOf(random.weights))
  writeFileSync(join(path, 'vocab.txt'), words.join('\n'))
  expect(() => checkModel({ modelFolder: path, adapterFolder: null })).toThrow(why)
})

it('padding needs no word of the model', () => {
  const path = writeModel(fresh(), SMALL.bert, storedOf(random.weights))
  const names = [...WORDS.slice(1), ...Array.from({ length: 8 }, (_, i) => `w${i}`)]
  writeFileSync(join(path, 'vocab.txt'), [...names, '[PAD]'].join('\n'))
  checkModel({ modelFolder: path, adapterFolder: null })
  expect(loadTokenizer(path).padId).toBe(13)
  expect(loadTokenizer(path, 13)).toMatchObject({ padId: 0, vocabularySize: 14 })
})
