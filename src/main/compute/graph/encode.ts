/** Encodes graphs as ONNX files. */
import { basename } from 'node:path'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { ATTRIBUTE_TYPES, EXTERNAL, MODEL, type ATTRIBUTE, type Fields, type NODE, type TENSOR, type VALUE_INFO } from './onnx.ts'
import { OPS } from './ops.ts'
import type { Attribute, DType, Graph, Initializer, Node, Shape, TensorData } from './types.ts'

const OPSET = 20
/** The first version of the format that knows an opset (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
const irVersion = (opset: number): number => (opset <= 18 ? 8 : opset <= 20 ? 9 : 10)
/** Codes of TensorProto.DataType. */
export const TYPE_CODES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
}

export interface EncodeOptions {
  readonly opset?: number
  /** Name of an external file for the model, relative to the model's own folder; by default its last path component. */
  readonly locate?: (file: string) => string
}

/** The protobuf of an ONNX model, at most 2 GB. Tensors in other files stay there. */
export function encodeModel(graph: Graph, { opset = OPSET, locate = basename }: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const domains = new Set(graph.nodes.map((n) => n.domain).filter((d) => d !== ''))
  const { rename, copies } = outputNames(graph)
  const nodes = [...graph.nodes.map((n) => nodeOf(n, rename)), ...copies]
  const writer = new BinaryWriter()
  MODEL(writer, {
    irVersion: irVersion(opset),
    producerName: 'Reelabel',
    opsetImport: [{ domain: '', version: opset }, ...[...domains].map((domain) => ({ domain, version: 1 }))],
    graph: {
      name: graph.name,
      node: nodes,
      initializer: graph.initializers.map((i) => tensorOf(i, locate)),
      input: graph.inputs.map((v) => infoOf(v.name, v.dtype, v.shape)),
      output: graph.outputs.map((o) => infoOf(o.name, o.value.dtype, o.value.shape)),
    },
  })
  return writer.finish()
}

/** Renames a tensor that is an output; only an output that is also fed, or requested twice, needs a copy. */
function outputNames(graph: Graph): { rename: (name: string) => string; copies: Fields<typeof NODE>[] } {
  const made = new Set(graph.nodes.flatMap((n) => n.outputs.map((v) => v.name)))
  const names = new Map<string, string>()
  const rename = (name: string): string => names.get(name) ?? name
  const copied = graph.outputs.filter(({ name, value }) => {
    if (!made.has(value.name) || names.has(value.name)) return true
    names.set(value.name, name)
    return false
  })
  return {
    rename,
    copies: copied.map((o) => ({ name: `output/${o.name}`, opType: 'Identity', input: [rename(o.value.name)], output: [o.name] })),
  }
}

function nodeOf(node: Node, rename: (name: string) => string): Fields<typeof NODE> {
  const inputs = node.inputs.map((v) => (v ? rename(v.name) : ''))
  while (inputs.at(-1) === '') inputs.pop()
  return {
    name: node.name,
    opType: node.op,
    domain: node.domain,
    input: inputs,
    output: node.outputs.map((v) => rename(v.name)),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeOf(node.op, name, value)),
  }
}

const attributeOf = (op: string, name: string, value: Attribute): Fields<typeof ATTRIBUTE> => {
  const kind = OPS[op]!.attributes![name]!
  return { name, type: ATTRIBUTE_TYPES[kind], [kind]: value }
}

function tensorOf({ value, data }: Initializer, locate: (file: string) => string): Fields<typeof TENSOR> {
  const head = { name: value.name, dataType: TYPE_CODES[value.dtype], dims: value.shape.map(Number) }
  if (!('file' in data)) return { ...head, rawData: bytesOf(data) }
  const external = { location: locate(data.file), offset: String(data.offset), length: String(data.bytes) }
  return {
    ...head,
    dataLocation: EXTERNAL,
    externalData: Object.entries(external).map(([key, text]) => ({ key, value: text })),
  }
}
const bytesOf = (data: Exclude<TensorData, { readonly file: string }>): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const infoOf = (name: string, dtype: DType, shape: Shape): Fields<typeof VALUE_INFO> => ({
  name,
  type: {
    tensorType: {
      elemType: TYPE_CODES[dtype],
      shape: { dim: shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
    },
  },
})
