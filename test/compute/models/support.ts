/** Small models, their files, and the results of their graphs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from '../../../src/contract/models.ts'
import { resolve } from '../../../src/main/compute/graph/dims.ts'
import { encodeModel } from '../../../src/main/compute/graph/encode.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { Graph, Value } from '../../../src/main/compute/graph/types.ts'
import type { ModelConfig } from '../../../src/main/compute/models/config.ts'
import { forward, type ForwardOptions } from '../../../src/main/compute/models/forward.ts'
import { bindParameters } from '../../../src/main/compute/models/parameters.ts'
import type { Weights } from '../../../src/main/compute/models/weights.ts'
import { createSession } from '../../../src/main/compute/runtime/session.ts'
import { float32, int64, type HostTensor, type Tensor } from '../../../src/main/compute/runtime/tensors.ts'

export interface Texts {
  readonly ids: readonly (readonly number[])[]
  readonly mask: readonly (readonly number[])[]
}
const matrix = (rows: readonly (readonly number[])[]): HostTensor => int64([rows.length, rows[0]!.length], rows.flat())

/** Runs a graph; shape inputs are filled from the symbols. */
export async function run(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  symbols: Readonly<Record<string, number>>,
  opset = 20,
): Promise<Record<string, HostTensor>> {
  const session = await createSession(encodeModel(graph, { opset }), { device: 'cpu', threads: 1 })
  const shapes = graph.shapes.map(
    ({ name, dims }) =>
      [
        name,
        int64(
          [dims.length],
          dims.map((d) => resolve(d, symbols)),
        ),
      ] as const,
  )
  const wanted = new Set(graph.inputs.map((v) => v.name))
  const fed = Object.entries(feeds).filter(([name]) => wanted.has(name))
  const results = await session.run({ ...Object.fromEntries(fed), ...Object.fromEntries(shapes) })
  await session.release()
  return results as Record<string, HostTensor>
}

export interface Asked extends Omit<Partial<ForwardOptions>, 'config' | 'parameters' | 'batch' | 'from'> {
  /** Starts at this value instead of the ids. */
  readonly start?: { readonly tensor: HostTensor; readonly at: 'words' | 'features' | { readonly layer: number } }
  readonly rows?: readonly number[]
  readonly floatMask?: boolean
  readonly opset?: number
}

/** One pass through a model: the numbers of its output. */
export async function predict(config: ModelConfig, weights: Weights, texts: Texts, asked: Asked = {}): Promise<HostTensor> {
  const b = new GraphBuilder('test')
  const { start, rows, opset, floatMask = false, ...options } = asked
  const ids = b.input('ids', 'int64', ['batch', 'tokens'])
  const mask = b.input('mask', floatMask ? 'float32' : 'int64', ['batch', 'tokens'])
  const from = start && begin(b, start, config)
  const chosen = rows && b.input('rows', 'int64', ['rows'])
  const to = chosen ? { language: true as const, rows: chosen } : (asked.to ?? 'logits')
  b.output(forward(b, { config, parameters: bindParameters(b, weights), batch: { ids, mask }, ...options, to, ...(from && { from }) }), 'y')
  const symbols = { batch: texts.ids.length, tokens: texts.ids[0]!.length, rows: rows?.length ?? 0 }
  const feeds = {
    ids: matrix(texts.ids),
    mask: floatMask ? float32([texts.mask.length, texts.mask[0]!.length], texts.mask.flat()) : matrix(texts.mask),
    ...(start && { start: start.tensor }),
    ...(rows && { rows: int64([rows.length], rows) }),
  }
  return (await run(b.finish(), feeds, symbols, opset))['y']!
}
function begin(
  b: GraphBuilder,
  { at }: NonNullable<Asked['start']>,
  { dim, embeddingDim }: ModelConfig,
): NonNullable<ForwardOptions['from']> {
  const value = (shape: Value['shape']): Value => b.input('start', 'float32', shape)
  if (at === 'features') return { features: value(['batch', dim]) }
  return at === 'words' ? { words: value(['batch', 'tokens', embeddingDim]) } : { hidden: value(['batch', 'tokens', dim]), layer: at.layer }
}

/** The largest difference, relative to the largest expected value. */
export function difference(actual: ArrayLike<number | bigint>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers instead of ${expected.length}`)
  let [largest, worst] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!))
    const off = Math.abs(Number(actual[i]) - expected[i]!)
    worst = Number.isNaN(off) ? Infinity : Math.max(worst, off)
  }
  return worst / largest
}

export interface Stored {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}
export const stored = (shape: readonly number[], data: Float32Array): Stored => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
})

/** A safetensors file, written without the code under test. */
export function safetensors(tensors: Readonly<Record<string, Stored>>): Buffer {
  let end = 0
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape, data_offsets: [end, (end += bytes.length)] }]),
  )
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, ...Object.values(tensors).map((t) => t.bytes)])
}

/** Every tensor of a collection as a file stores it. */
export const storedOf = (weights: Weights, names = weights.names): Record<string, Stored> =>
  Object.fromEntries(names.map((name) => [name, stored(weights.shape(name), weights.read(name))]))

/** A folder with a model. */
export function writeModel(folder: string, config: object, tensors: Readonly<Record<string, Stored>>): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'model.safetensors'), safetensors(tensors))
  return folder
}

/** Configurations of the smallest models. */
const ENCODER = { vocab_size: 13, hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 12, max_position_embeddings: 9, num_labels: 3 } // prettier-ignore
const DECODER = { ...ENCODER, num_attention_heads: 4, num_key_value_heads: 2 }
export const SMALL: Readonly<Record<Architecture, Readonly<Record<string, unknown>>>> = {
  bert: { ...ENCODER, model_type: 'bert' },
  distilbert: { model_type: 'distilbert', vocab_size: 13, dim: 8, n_layers: 2, n_heads: 2, hidden_dim: 12, max_position_embeddings: 9, num_labels: 3 },
  roberta: { ...ENCODER, model_type: 'roberta' },
  'xlm-roberta': { ...ENCODER, model_type: 'xlm-roberta' },
  mpnet: { ...ENCODER, model_type: 'mpnet' },
  electra: { ...ENCODER, model_type: 'electra', embedding_size: 6 },
  modernbert: { ...ENCODER, model_type: 'modernbert', local_attention: 4, global_attn_every_n_layers: 2, classifier_pooling: 'mean' },
  llama: { ...DECODER, model_type: 'llama' },
  mistral: { ...DECODER, model_type: 'mistral', sliding_window: 3 },
  qwen2: { ...DECODER, model_type: 'qwen2', use_sliding_window: true, sliding_window: 2, max_window_layers: 1, tie_word_embeddings: true },
  qwen3: { ...DECODER, model_type: 'qwen3', head_dim: 4 },
  smollm3: { ...DECODER, model_type: 'smollm3', no_rope_layer_interval: 2 },
  gemma3_text: { ...DECODER, model_type: 'gemma3_text', head_dim: 4, sliding_window: 3, sliding_window_pattern: 2 },
} // prettier-ignore
export const TEXTS: Texts = {
  ids: [[3, 9, 1, 7, 12], [4, 10, 6, 0, 0], [8, 0, 0, 0, 0]],
  mask: [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]],
} // prettier-ignore
export const tensor = (shape: readonly number[], data: Float32Array): HostTensor => float32(shape, data)
