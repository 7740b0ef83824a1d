import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { ARCHITECTURES, type Architecture } from '../../../src/contract/models.ts'
import { exportMerged, exportOnnx } from '../../../src/main/compute/models/export/folders.ts'
import { onnxGraph, writeOnnx } from '../../../src/main/compute/models/export/onnx.ts'
import { openModel, randomModel } from '../../../src/main/compute/models/open-model.ts'
import { bindParameters } from '../../../src/main/compute/models/parameters.ts'
import { createSession } from '../../../src/main/compute/runtime/session.ts'
import { int64, type HostTensor } from '../../../src/main/compute/runtime/tensors.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { difference, predict, SMALL, TEXTS } from './support.ts'

const { folder, write } = scratchFolder()
let made = 0
const fresh = (): string => join(folder, `export-${made++}`)
const LABELS = ['Science Fiction', 'Drama']

async function runFile(path: string): Promise<HostTensor> {
  const session = await createSession({ path }, { device: 'cpu', threads: 1 })
  expect(session.inputs).toEqual(['input_ids', 'attention_mask'])
  expect(session.outputs).toEqual(['logits'])
  const feeds = { input_ids: int64([3, 5], TEXTS.ids.flat()), attention_mask: int64([3, 5], TEXTS.mask.flat()) }
  const { logits } = await session.run(feeds)
  await session.release()
  return logits as HostTensor
}

/** Names of the published classes before `ForSequenceClassification`. */
const CLASSES: Readonly<Record<Architecture, string>> = {
  bert: 'Bert', distilbert: 'DistilBert', roberta: 'Roberta', 'xlm-roberta': 'XLMRoberta', mpnet: 'MPNet', electra: 'Electra', modernbert: 'ModernBert',
  llama: 'Llama', mistral: 'Mistral', qwen2: 'Qwen2', qwen3: 'Qwen3', smollm3: 'SmolLM3', gemma3_text: 'Gemma3Text',
} // prettier-ignore

describe.each(ARCHITECTURES)('%s', (architecture) => {
  const model = randomModel({ ...SMALL[architecture], initializer_range: 0.3, extra: [1] }, { labels: LABELS, seed: 4 })
  write('vocab.txt', 'words')

  it('is exported as a folder and opens again', async () => {
    const path = fresh()
    await exportMerged(path, model, { folder })
    expect(readdirSync(path).toSorted()).toEqual(['config.json', 'model.safetensors', 'vocab.txt'])
    const again = openModel(path, { labels: LABELS })
    expect(again.fresh).toEqual([])
    expect((await predict(again.config, again.weights, TEXTS)).data).toEqual((await predict(model.config, model.weights, TEXTS)).data)
    again.close()
    const file = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as Record<string, unknown>
    expect(file).toMatchObject({
      architectures: [`${CLASSES[architecture]}ForSequenceClassification`],
      model_type: architecture,
      id2label: { 0: 'Science Fiction', 1: 'Drama' },
      label2id: { 'Science Fiction': 0, Drama: 1 },
      problem_type: 'multi_label_classification',
      pad_token_id: model.config.padId,
      extra: [1],
    })
    await expect(exportMerged(path, model, { folder })).rejects.toThrow('not empty')
  })

  it('is exported as .onnx with standard operators only and the same results', async () => {
    const path = fresh()
    await exportOnnx(path, model, { folder })
    expect(readdirSync(path).toSorted()).toEqual(['config.json', 'onnx', 'vocab.txt'])
    const expected = await predict(model.config, model.weights, TEXTS)
    const logits = await runFile(join(path, 'onnx/model.onnx'))
    expect(logits.shape).toEqual([3, 2])
    expect(difference(logits.data, expected.data as Float32Array)).toBeLessThan(1e-6)
    const graph = onnxGraph(model.config, (b) => bindParameters(b, model.weights))
    expect(graph.nodes.filter((n) => n.domain !== '')).toEqual([])
  })

  it('is exported in two files if one would be too large', async () => {
    const path = join(folder, `${architecture}.onnx`)
    writeOnnx(path, model.config, model.weights, 1000)
    expect(statSync(path).size).toBeLessThan(60_000)
    const expected = await predict(model.config, model.weights, TEXTS)
    expect(difference((await runFile(path)).data, expected.data as Float32Array)).toBeLessThan(1e-6)
  })
})

test('an export that fails leaves nothing', async () => {
  const { config, weights, specs } = randomModel(SMALL.bert)
  const path = fresh()
  const broken = { ...weights, read: (name: string) => (name === 'classifier.bias' ? new Float32Array(1) : weights.read(name)) }
  await expect(exportMerged(path, { config, specs, weights: broken }, { files: {} })).rejects.toThrow('classifier.bias')
  expect(existsSync(path)).toBe(false)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})
