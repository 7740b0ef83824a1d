import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { ARCHITECTURES } from '../../../src/contract/models.ts'
import { FAMILIES } from '../../../src/main/compute/models/families/index.ts'
import { openModel, parseConfig, randomModel } from '../../../src/main/compute/models/open-model.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { safetensors, SMALL, stored, storedOf, writeModel, type Stored } from './support.ts'

const { folder } = scratchFolder()
let made = 0
const fresh = (): string => join(folder, `model-${made++}`)
const BERT = randomModel(SMALL.bert, { seed: 3 })
const BERT_FILE = storedOf(BERT.weights)
const renamed = (tensors: Record<string, Stored>, rename: (name: string) => string | null): Record<string, Stored> =>
  Object.fromEntries(Object.entries(tensors).flatMap(([name, tensor]) => (rename(name) === null ? [] : [[rename(name)!, tensor]])))
const without = (pattern: RegExp): Record<string, Stored> => renamed(BERT_FILE, (name) => (pattern.test(name) ? null : name))

describe.each(ARCHITECTURES)('%s', (architecture) => {
  const { weights, config } = randomModel(SMALL[architecture], { seed: 3 })
  it('opens as it was saved', () => {
    const model = openModel(writeModel(fresh(), SMALL[architecture], storedOf(weights)))
    expect(model.fresh).toEqual([])
    expect(model.config).toEqual(config)
    for (const { name, shape } of model.specs) {
      expect(model.weights.shape(name)).toEqual(shape)
      expect(model.weights.read(name)).toEqual(weights.read(name))
    }
    model.close()
  })
  it('opens without a head and gets a new one', () => {
    const family = FAMILIES[architecture].prefix
    const bare = renamed(storedOf(weights), (name) =>
      name.startsWith(family) && !name.includes('pooler') ? name.slice(family.length) : null,
    )
    const path = writeModel(fresh(), SMALL[architecture], bare)
    const labels = ['Drama', 'Comedy']
    const model = openModel(path, { labels, seed: 1 })
    const heads = model.specs.filter((s) => s.part === 'head').map((s) => s.name)
    expect(model.fresh).toEqual(heads)
    expect(model.config.labels).toEqual(labels)
    const last = heads.findLast((name) => name.endsWith('weight'))!
    expect(model.weights.shape(last)).toEqual([2, 8])
    expect(model.weights.read(last)).toEqual(openModel(path, { labels, seed: 1 }).weights.read(last))
    expect(model.weights.read(last)).not.toEqual(openModel(path, { labels, seed: 2 }).weights.read(last))
    // words cannot be predicted without their head
    expect(model.specs.some((s) => s.part === 'language')).toBe(false)
  })
  it('keeps a head for the same labels only', () => {
    const path = writeModel(fresh(), { ...SMALL[architecture], id2label: { 0: 'a', 1: 'b', 2: 'c' } }, storedOf(weights))
    expect(openModel(path, { labels: ['a', 'b', 'c'] }).fresh).toEqual([])
    const other = openModel(path, { labels: ['a', 'b', 'd'] })
    expect(other.fresh.every((name) => /^(?:classifier|score)\./.test(name))).toBe(true)
    expect(other.fresh.length).toBeGreaterThan(0)
    const fewer = openModel(path, { labels: ['x'] })
    expect(fewer.weights.shape(fewer.fresh[0]!)[0]).toBe(1)
  })
})

test('accepts old names of norms, and ignores unknown tensors', () => {
  const old = renamed(BERT_FILE, (name) => name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'))
  const extra = { ...old, 'bert.embeddings.position_ids': { dtype: 'I64', shape: [1, 9], bytes: new Uint8Array(72) } }
  const model = openModel(writeModel(fresh(), SMALL.bert, extra))
  expect(model.fresh).toEqual([])
  expect(model.weights.read('bert.embeddings.LayerNorm.weight')).toEqual(new Float32Array(8).fill(1))
})

describe('weights that do not fit are refused', () => {
  const bad: [string, Record<string, Stored>, RegExp][] = [
    [
      'missing tensors',
      without(/layer\.1\.output/),
      /lack 4 tensors .*: bert\.encoder\.layer\.1\.output\.dense\.weight; .*layer\.1\.output\.LayerNorm\.bias\. They have/,
    ],
    ['many missing tensors', without(/layer\.1/), /lack 16 tensors .*; and 12 more/],
    ['a whole other model', { x: stored([1], Float32Array.of(1)) }, /They have 1 others, such as x/],
    [
      'wrong shapes',
      { ...BERT_FILE, 'bert.embeddings.LayerNorm.bias': stored([7], new Float32Array(7)) },
      /bert\.embeddings\.LayerNorm\.bias is 7 instead of 8/,
    ],
    [
      'a wrong head',
      { ...BERT_FILE, 'classifier.weight': stored([4, 8], new Float32Array(32)) },
      /classifier\.weight is 4 x 8 instead of 3 x 8/,
    ],
    [
      'whole numbers',
      { ...BERT_FILE, 'classifier.bias': { dtype: 'I32', shape: [3], bytes: new Uint8Array(12) } },
      /"classifier\.bias" .* holds I32/,
    ],
  ]
  it.each(bad)('%s', (_, tensors, message) => {
    const path = writeModel(fresh(), SMALL.bert, tensors)
    expect(() => openModel(path)).toThrow(message)
    expect(() => openModel(path)).toThrow(UserError)
  })
  it('no weights, pickles, no folder', () => {
    const path = writeModel(fresh(), SMALL.bert, BERT_FILE)
    renameSync(join(path, 'model.safetensors'), join(path, 'pytorch_model.bin'))
    expect(() => openModel(path)).toThrow(/pytorch_model\.bin only\. Such files can run programs .*convert the model to safetensors/)
    renameSync(join(path, 'pytorch_model.bin'), join(path, 'other'))
    expect(() => openModel(path)).toThrow('has no model.safetensors')
    expect(() => openModel(join(folder, 'none'))).toThrow('config.json does not exist')
  })
})

describe('several files', () => {
  const names = Object.keys(BERT_FILE)
  const shardOf = (name: string): string => `model-0000${1 + (names.indexOf(name) % 2)}-of-00002.safetensors`
  const map = Object.fromEntries(names.map((name) => [name, shardOf(name)]))
  const sharded = (weightMap: object = map, extra: Record<string, Stored> = {}): string => {
    const path = writeModel(fresh(), SMALL.bert, {})
    renameSync(join(path, 'model.safetensors'), join(path, 'unused'))
    writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }))
    for (const shard of new Set(names.map(shardOf))) {
      const own = renamed(BERT_FILE, (name) => (shardOf(name) === shard ? name : null))
      writeFileSync(join(path, shard), safetensors(shard.includes('00001-') ? { ...own, ...extra } : own))
    }
    return path
  }
  const first = names[0]!
  it('are one model', () => {
    const model = openModel(sharded())
    for (const name of names) expect(model.weights.read(name)).toEqual(BERT.weights.read(name))
  })
  it.each([
    ['a missing file', { ...map, [first]: 'model-00003-of-00002.safetensors' }, {}, /names 3 files, of which 1 are missing/],
    ['a tensor in the wrong file', { ...map, [first]: shardOf(names[1]!) }, {}, /which does not have it/],
    ['a tensor in two files', map, { [names[1]!]: BERT_FILE[names[1]!]! }, /has one, too/],
    ['a path', { ...map, [first]: '../model.safetensors' }, {}, /not the name of a file of weights/],
    ['an absolute path', { ...map, [first]: '/etc/passwd' }, {}, /not the name of a file of weights/],
    ['a Windows path', { ...map, [first]: 'C:\\x.safetensors' }, {}, /not the name of a file of weights/],
    ['an empty list', {}, {}, /names 0 files/],
    ['no names', { a: 1 }, {}, /wrong value \(weight_map\.a: /],
  ])('%s is refused', (_, weightMap, extra, message) => {
    expect(() => openModel(sharded(weightMap, extra))).toThrow(message)
  })
})

describe('configurations that cannot be used are refused', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      'an unknown type',
      { model_type: 'gpt2' },
      /type "gpt2"\. Models of these types can be used: bert, distilbert, roberta, .*, llama, .*, gemma3_text\./,
    ],
    ['no type', {}, /has no model_type/],
    ['relative positions', { ...SMALL.bert, position_embedding_type: 'relative_key' }, /relative_key.*relative position embeddings/],
    ['quantised weights', { ...SMALL.llama, quantization_config: { bits: 4 } }, /quantised weights/],
    ['experts', { ...SMALL.llama, num_local_experts: 8 }, /mixture of experts/],
    ['a decoder', { ...SMALL.bert, is_decoder: true }, /decoder attention/],
    ['pruned heads', { ...SMALL.bert, pruned_heads: { 1: [0] } }, /pruned/],
    ['heads that do not divide', { ...SMALL.bert, num_attention_heads: 3 }, /3 attention heads of width 8/],
    ['groups that do not divide', { ...SMALL.llama, num_key_value_heads: 3 }, /4 query heads in 3 groups/],
    ['odd heads', { ...SMALL.llama, head_dim: 3 }, /even whole number/],
    ['an unknown activation', { ...SMALL.bert, hidden_act: 'constructor' }, /"constructor" is not one of gelu/],
    ['an unknown rope', { ...SMALL.llama, rope_scaling: { rope_type: 'yarn', factor: 2 } }, /"yarn" is not one of default/],
    ['a rope without its factor', { ...SMALL.llama, rope_scaling: { type: 'linear' } }, /wrong value \(factor: /],
    ['partly rotated heads', { ...SMALL.llama, partial_rotary_factor: 0.5 }, /partly rotated/],
    ['the same in new files', { ...SMALL.llama, rope_parameters: { partial_rotary_factor: 0.5 } }, /partly rotated/],
    ['a kind of layer', { ...SMALL.gemma3_text, layer_types: ['full_attention', 'chunked_attention'] }, /"chunked_attention" for layer 1/],
    ['a list that is too short', { ...SMALL.modernbert, layer_types: ['full_attention'] }, /null for layer 1 in layer_types/],
    ['capped logits', { ...SMALL.gemma3_text, final_logit_softcapping: 30 }, /capped logits/],
    ['another number of buckets', { ...SMALL.mpnet, relative_attention_num_buckets: 64 }, /another number of distances than 32/],
    ['too few positions', { ...SMALL.roberta, max_position_embeddings: 2 }, /max_position_embeddings: 2, of which 2 are not used/],
    ['a huge model', { ...SMALL.bert, vocab_size: 1e12 }, /wrong value \(vocab_size: /],
    ['a missing size', { ...SMALL.bert, hidden_size: undefined }, /wrong value \(hidden_size: /],
    ['labels with a gap', { ...SMALL.bert, id2label: { 0: 'a', 2: 'b' } }, /2 labels, but none with the number 1/],
  ]
  it.each(cases)('%s', (_, raw, message) => {
    expect(() => parseConfig(raw, 'x/config.json')).toThrow(message)
    expect(() => parseConfig(raw, 'x/config.json')).toThrow(UserError)
  })
  it('with an error for users, whatever values their fields have', () => {
    const fields = [...new Set(ARCHITECTURES.flatMap((a) => Object.keys(SMALL[a]))), 'layer_types', 'no_rope_layers', 'id2label', 'rope_scaling', 'rope_parameters', 'head_dim', 'pruned_heads', 'pad_token_id', 'hidden_act', 'activation', 'layer_norm_eps', 'classifier_dropout'] // prettier-ignore
    const change = fc.tuple(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(fc.constantFrom(...ARCHITECTURES), fc.array(change, { minLength: 1, maxLength: 3 }), (architecture, changes) => {
        try {
          const raw = { ...SMALL[architecture], ...Object.fromEntries(changes), model_type: architecture }
          expect(parseConfig(raw, 'config.json').labels.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
      { numRuns: 1000 },
    )
  })
  it('what is not JSON', () => {
    const path = writeModel(fresh(), {}, {})
    writeFileSync(join(path, 'config.json'), '{')
    expect(() => openModel(path)).toThrow('config.json is not JSON')
    expect(existsSync(path)).toBe(true)
  })
})

describe('random models', () => {
  it('follow the initialisation of the published classes', () => {
    const { config, weights, specs } = randomModel(
      { ...SMALL.bert, vocab_size: 2000, hidden_size: 32, initializer_range: 0.05 },
      { seed: 9 },
    )
    const words = weights.read('bert.embeddings.word_embeddings.weight')
    expect(words.subarray(0, 32)).toEqual(new Float32Array(32)) // padding
    const rest = words.subarray(32)
    const mean = rest.reduce((a, b) => a + b, 0) / rest.length
    const deviation = Math.sqrt(rest.reduce((a, b) => a + (b - mean) ** 2, 0) / rest.length)
    expect(Math.abs(mean)).toBeLessThan(0.001)
    expect(Math.abs(deviation / config.initializerRange - 1)).toBeLessThan(0.01)
    // kurtosis of a normal distribution is 3
    expect(Math.abs(rest.reduce((a, b) => a + (b / deviation) ** 4, 0) / rest.length - 3)).toBeLessThan(0.1)
    const norm = specs.find((s) => s.initial === 'ones')!
    expect(weights.read(norm.name)).toEqual(new Float32Array(32).fill(1))
    expect(weights.read('classifier.bias')).toEqual(new Float32Array(3))
    // no two tensors share their numbers
    expect(weights.read('bert.encoder.layer.0.attention.self.query.weight')).not.toEqual(
      weights.read('bert.encoder.layer.0.attention.self.key.weight'),
    )
  })
})
