import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { ARCHITECTURES } from '../../../src/contract/models.ts'
import { exportAdapter } from '../../../src/main/compute/models/export/folders.ts'
import {
  adaptersOf,
  initialLora,
  loraA,
  loraB,
  loraScale,
  planLora,
  type LoraConfig,
} from '../../../src/main/compute/models/lora/adapters.ts'
import { mergedWeights } from '../../../src/main/compute/models/lora/merge.ts'
import { readAdapter, type Adapter } from '../../../src/main/compute/models/lora/peft.ts'
import { openModel, randomModel } from '../../../src/main/compute/models/open-model.ts'
import { SafetensorsFile } from '../../../src/main/model-folder/safetensors.ts'
import { heldWeights, layeredWeights, type HeldTensor, type Weights } from '../../../src/main/compute/models/weights.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { goldenModels } from '../../support/paths.ts'
import { difference, predict, safetensors, SMALL, stored, storedOf, TEXTS } from './support.ts'

const { folder } = scratchFolder()
let made = 0
const fresh = (): string => join(folder, `adapter-${made++}`)

describe('adapters of the published classes', () => {
  test.each(ARCHITECTURES)('%s', async (architecture) => {
    const path = join(goldenModels, `${architecture}-tiny`)
    const { config, weights, specs } = openModel(path)
    const golden = new SafetensorsFile(join(path, 'lora_r4_alpha8.safetensors'))
    const names = [...golden.header.tensors.keys()].filter((name) => /^(?!grad\.).*lora_/.test(name))
    const held = new Map(names.map((name): [string, HeldTensor] => [name, { shape: golden.entry(name).shape, data: golden.float32(name) }]))
    const lora = planLora(config, specs, { rank: 4, alpha: 8, dropout: 0, targets: [] })
    expect(lora.layers.flatMap((l) => [loraA(l.linear), loraB(l.linear)]).toSorted()).toEqual(names.toSorted())
    const io = new SafetensorsFile(join(path, 'io.safetensors'))
    const width = io.entry('input_ids').shape[1]!
    const rows = (data: BigInt64Array): number[][] =>
      Array.from({ length: data.length / width }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width), Number))
    const texts = { ids: rows(io.int64('input_ids')), mask: rows(io.int64('attention_mask')) }
    const adapters = heldWeights(held)
    const beside = await predict(config, layeredWeights(weights, adapters), texts, { adapters: adaptersOf(lora) })
    expect(difference(beside.data, golden.float32('logits'))).toBeLessThan(1e-6)
    const merged = await predict(config, mergedWeights(weights, adapters, lora), texts)
    expect(difference(merged.data, golden.float32('logits'))).toBeLessThan(1e-6)
  })
})

const { config, weights, specs } = randomModel(SMALL.llama, { seed: 2 })
const settings = { rank: 3, alpha: 6, dropout: 0.1, targets: [] }
/** Adapters whose B is not 0. */
const filled = (lora: LoraConfig, base: Weights = initialLora(lora, specs, 7)): Weights =>
  heldWeights(
    new Map(
      base.names.map((name, k) => {
        const shape = base.shape(name)
        const data = Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => Math.sin(i + k) / 4)
        return [name, { shape, data }]
      }),
    ),
  )

describe('a plan', () => {
  it('targets queries and values by default', () => {
    const { layers } = planLora(config, specs, settings)
    expect(layers.map((l) => l.linear)).toEqual([0, 1].flatMap((i) => ['q', 'v'].map((x) => `model.layers.${i}.self_attn.${x}_proj`)))
  })
  it('accepts suffixes of names, full names, and all', () => {
    const some = planLora(config, specs, { ...settings, targets: ['mlp.up_proj', 'model.layers.1.self_attn.k_proj'] })
    expect(some.layers.map((l) => l.linear)).toEqual([
      'model.layers.0.mlp.up_proj',
      'model.layers.1.self_attn.k_proj',
      'model.layers.1.mlp.up_proj',
    ])
    expect(planLora(config, specs, { ...settings, targets: ['all-linear'] }).layers).toHaveLength(14)
  })
  it('names targets that do not exist', () => {
    expect(() => planLora(config, specs, { ...settings, targets: ['query', 'q_proj', 'proj'] })).toThrow(
      /no linear layer query, proj\. It has: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj/,
    )
    // all of the head is trained
    expect(() => planLora(config, specs, { ...settings, targets: ['score'] })).toThrow(UserError)
  })
})

test('a new adapter changes nothing, a trained one does, and merging gives the same result', async () => {
  const lora = { ...planLora(config, specs, { ...settings, targets: ['all-linear'] }), rankStabilised: true }
  expect(loraScale(lora.layers[0]!, lora)).toBeCloseTo(6 / Math.sqrt(3))
  const plain = await predict(config, weights, TEXTS)
  const begun = initialLora(lora, specs, 7)
  const a = begun.read(loraA(lora.layers[0]!.linear))
  expect(Math.max(...a)).toBeLessThanOrEqual(1 / Math.sqrt(8))
  expect(Math.max(...a)).toBeGreaterThan(0.6 / Math.sqrt(8))
  const adapters = adaptersOf(lora)
  const first = await predict(config, layeredWeights(weights, begun), TEXTS, { adapters })
  expect(first.data).toEqual(plain.data)
  const trained = filled(lora)
  const beside = await predict(config, layeredWeights(weights, trained), TEXTS, { adapters })
  expect(difference(beside.data, plain.data as Float32Array)).toBeGreaterThan(0.01)
  const merged = await predict(config, mergedWeights(weights, trained, lora), TEXTS)
  expect(difference(merged.data, beside.data as Float32Array)).toBeLessThan(1e-5)
})

describe("PEFT's layout", () => {
  const lora: LoraConfig = planLora(config, specs, settings)
  const adapter = (more: Partial<LoraConfig> = {}): Adapter => {
    const head = heldWeights(new Map([['score.weight', { shape: [3, 8], data: weights.read('score.weight') }]]))
    return { lora: { ...lora, ...more }, weights: layeredWeights(filled({ ...lora, ...more }), head) }
  }
  it('is written and read back', async () => {
    const path = fresh()
    const [first, ...others] = lora.layers
    const layers = [first!, { ...others[0]!, rank: 5, alpha: 1 }, ...others.slice(1)]
    const out = adapter({ layers, rankStabilised: true })
    await exportAdapter(path, out, config, 'org/base', { files: { 'vocab.txt': '[PAD]\n' } })
    const back = readAdapter(path, config, specs)
    expect(back.lora).toEqual(out.lora)
    for (const name of out.weights.names) expect(back.weights.read(name)).toEqual(out.weights.read(name))
    expect(readFileSync(join(path, 'vocab.txt'), 'utf8')).toBe('[PAD]\n')
    const file = JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8')) as Record<string, unknown>
    expect(file).toMatchObject({
      peft_type: 'LORA',
      task_type: 'SEQ_CLS',
      base_model_name_or_path: 'org/base',
      r: 3,
      lora_alpha: 6,
      target_modules: ['q_proj', 'v_proj'],
      modules_to_save: ['score'],
      rank_pattern: { 'model.layers.0.self_attn.v_proj': 5 },
      alpha_pattern: { 'model.layers.0.self_attn.v_proj': 1 },
      use_rslora: true,
    })
    const names = [...new SafetensorsFile(join(path, 'adapter_model.safetensors')).header.tensors.keys()]
    expect(names).toContain('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight')
    expect(names).toContain('base_model.model.score.weight')
  })

  const usual = { peft_type: 'LORA', r: 3, lora_alpha: 6, target_modules: ['q_proj', 'v_proj'] }
  const tensors = storedOf(adapter().weights)
  const write = (file: object, rename = (name: string): string => `base_model.model.${name}`, own = tensors): string => {
    const path = fresh()
    mkdirSync(path)
    writeFileSync(join(path, 'adapter_config.json'), JSON.stringify(file))
    writeFileSync(
      join(path, 'adapter_model.safetensors'),
      safetensors(Object.fromEntries(Object.entries(own).map(([name, t]) => [rename(name), t]))),
    )
    return path
  }
  it.each<[string, (name: string) => string]>([
    ['of a model without a head', (name) => `base_model.model.${name.replace(/^model\./, '')}`],
    [
      'of a trainer',
      (name) => `base_model.model.${name.replace(/\.weight$/, '.default.weight').replace('score', 'score.modules_to_save')}`,
    ],
  ])('names %s', (_, rename) => {
    const own = Object.fromEntries(Object.entries(tensors))
    const { lora: read, weights: held } = readAdapter(write(usual, rename, own), config, specs)
    expect(read.layers).toEqual(lora.layers)
    expect(held.read('score.weight')).toEqual(weights.read('score.weight'))
  })
  it('patterns that are names', () => {
    const file = { ...usual, alpha_pattern: { '^model\\.layers\\.1\\.self_attn\\.q_proj': 2, 'layers.0.self_attn.v_proj': 4 } }
    expect(readAdapter(write(file), config, specs).lora.layers.map((l) => l.alpha)).toEqual([6, 4, 2, 6])
  })
  it.each<[string, object, RegExp]>([
    ['other kinds', { peft_type: 'IA3' }, /adapter_config\.json says peft_type: "IA3".*other than LoRA/],
    ['DoRA', { use_dora: true }, /DoRA/],
    ['biases', { bias: 'lora_only' }, /trained biases/],
    ['changed bases', { init_lora_weights: 'pissa' }, /changed the base weights/],
    ['a rank that does not fit', { r: 4 }, /has model\.layers\.0\.self_attn\.q_proj\.lora_A of 3 x 8 instead of 4 x 8/],
    ['no rank', { r: undefined }, /wrong value \(r: /],
    ['patterns that are expressions', { rank_pattern: { 'layers\\.[01].*': 3 } }, /only names of layers are understood/],
  ])('%s are refused', (_, change, message) => {
    const path = write({ ...usual, ...change })
    expect(() => readAdapter(path, config, specs)).toThrow(message)
    expect(() => readAdapter(path, config, specs)).toThrow(UserError)
  })
  it('tensors without a target or without their counterpart are refused', () => {
    const dora = { ...tensors, 'model.layers.0.self_attn.q_proj.lora_magnitude_vector': stored([8], new Float32Array(8)) }
    expect(() => readAdapter(write(usual, undefined, dora), config, specs)).toThrow(
      /lora_magnitude_vector", which has no place in a llama model/,
    )
    const half = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.endsWith('q_proj.lora_B.weight')))
    expect(() => readAdapter(write(usual, undefined, half), config, specs)).toThrow('lacks model.layers.0.self_attn.q_proj.lora_B')
    const head = Object.fromEntries(Object.entries(tensors).filter(([name]) => name === 'score.weight'))
    expect(() => readAdapter(write(usual, undefined, head), config, specs)).toThrow('no adapter of any linear layer')
    const labels = { ...tensors, 'score.weight': stored([5, 8], new Float32Array(40)) }
    expect(() => readAdapter(write(usual, undefined, labels), config, specs)).toThrow('score.weight of 5 x 8 instead of 3 x 8')
  })
})
