/** Writes a classifier as an .onnx file for other programs: standard operators only, ids and mask in, logits out. */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { elements } from '../../graph/dims.ts'
import { encodeModel } from '../../graph/encode.ts'
import { GraphBuilder } from '../../graph/builder.ts'
import type { Graph, TensorData, Value } from '../../graph/types.ts'
import type { ModelConfig } from '../config.ts'
import { forward } from '../forward.ts'
import type { Parameters } from '../family.ts'
import { bindParameters } from '../parameters.ts'
import { writeAll } from '../../../model-folder/safetensors.ts'
import type { Weights } from '../weights.ts'

/** Opset of all operators. */
const EXPORT_OPSET = 17
/** Larger weights are stored in a file beside the graph, because a protobuf is limited to 2 GB. */
const INLINE_BYTES = 1_500_000_000
/** Runtimes map ranges that start at a page. */
const PAGE = 4096

/** Names follow Optimum and transformers.js: `input_ids`, `attention_mask` (batch, tokens) to `logits` (batch, labels). */
export function onnxGraph(config: ModelConfig, bind: (b: GraphBuilder) => Parameters): Graph {
  const inputs: Value[] = []
  const b = new GraphBuilder('classifier', (builder) => {
    inputs.push(builder.input('input_ids', 'int64', ['batch', 'tokens']))
    return inputs[0]!
  })
  const mask = b.input('attention_mask', 'int64', ['batch', 'tokens'])
  b.output(forward(b, { config, parameters: bind(b), batch: { ids: inputs[0]!, mask }, lowering: 'portable' }), 'logits')
  return b.finish()
}

/** Writes a new file, and `<path>_data` beside it if the weights have more than `inlineBytes`. */
export function writeOnnx(path: string, config: ModelConfig, weights: Weights, inlineBytes = INLINE_BYTES): void {
  const bytes = weights.names.reduce((sum, name) => sum + 4 * elements(weights.shape(name)), 0)
  const save = (graph: Graph): void => writeFileSync(path, encodeModel(graph, { opset: EXPORT_OPSET }), { flag: 'wx', flush: true })
  if (bytes <= inlineBytes) return void save(onnxGraph(config, (b) => bindParameters(b, weights)))
  const file = openSync(`${path}_data`, 'wx')
  try {
    save(onnxGraph(config, (b) => besideGraph(b, weights, file, `${basename(path)}_data`)))
  } finally {
    closeSync(file)
  }
}

/** Tensors that are written to an open file when they are requested. */
function besideGraph(b: GraphBuilder, weights: Weights, file: number, name: string): Parameters {
  let end = 0
  const bound = new Map<string, Value>()
  const bind = (tensor: string): Value => {
    const data = weights.read(tensor)
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const offset = Math.ceil(end / PAGE) * PAGE
    end = offset + writeAll(file, bytes, offset)
    const place: TensorData = { file: name, offset, bytes: bytes.length }
    return b.initializer(tensor, 'float32', weights.shape(tensor), place)
  }
  return {
    has: (tensor) => weights.has(tensor),
    get: (tensor) => {
      const value = bound.get(tensor) ?? bind(tensor)
      bound.set(tensor, value)
      return value
    },
  }
}
