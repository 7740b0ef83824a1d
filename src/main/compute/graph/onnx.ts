/** The messages of ONNX's format that Reelabel writes, after https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
import { WireType, type BinaryWriter } from '@bufbuild/protobuf/wire'

/** Writes one field with its tag, or the fields of a message. */
type Write<T> = (writer: BinaryWriter, value: T) => void

const int =
  (field: number): Write<number> =>
  (w, value) =>
    void w.tag(field, WireType.Varint).int64(value)
const float =
  (field: number): Write<number> =>
  (w, value) =>
    void w.tag(field, WireType.Bit32).float(value)
const bytes =
  (field: number): Write<Uint8Array> =>
  (w, value) =>
    void w.tag(field, WireType.LengthDelimited).bytes(value)
const text =
  (field: number): Write<string> =>
  (w, value) =>
    void w.tag(field, WireType.LengthDelimited).string(value)
const nested =
  <T>(field: number, write: Write<T>): Write<T> =>
  (w, value) => {
    w.tag(field, WireType.LengthDelimited).fork()
    write(w, value)
    w.join()
  }
const repeated =
  <T>(write: Write<T>): Write<readonly T[]> =>
  (w, values) => {
    for (const value of values) write(w, value)
  }
/** A message: its fields in the order of their numbers. Fields without a value are not written. */
const message =
  <T extends object>(fields: { readonly [K in keyof T]: Write<T[K]> }): Write<Partial<T>> =>
  (w, values) => {
    for (const name in fields) {
      const value = values[name]
      if (value !== undefined) fields[name](w, value)
    }
  }
export type Fields<W> = W extends Write<infer T> ? T : never

/** `AttributeProto.AttributeType` */
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const
/** `TensorProto.DataLocation.EXTERNAL` */
export const EXTERNAL = 1

const ENTRY = message({ key: text(1), value: text(2) })
export const TENSOR = message({
  dims: repeated(int(1)),
  dataType: int(2),
  name: text(8),
  rawData: bytes(9),
  externalData: repeated(nested(13, ENTRY)),
  dataLocation: int(14),
})
const DIMENSION = message({ dimValue: int(1), dimParam: text(2) })
const SHAPE = message({ dim: repeated(nested(1, DIMENSION)) })
const TENSOR_TYPE = message({ elemType: int(1), shape: nested(2, SHAPE) })
const TYPE = message({ tensorType: nested(1, TENSOR_TYPE) })
export const VALUE_INFO = message({ name: text(1), type: nested(2, TYPE) })
export const ATTRIBUTE = message({
  name: text(1),
  float: float(2),
  int: int(3),
  string: text(4),
  floats: repeated(float(7)),
  ints: repeated(int(8)),
  type: int(20),
})
export const NODE = message({
  input: repeated(text(1)),
  output: repeated(text(2)),
  name: text(3),
  opType: text(4),
  attribute: repeated(nested(5, ATTRIBUTE)),
  domain: text(7),
})
const GRAPH = message({
  node: repeated(nested(1, NODE)),
  name: text(2),
  initializer: repeated(nested(5, TENSOR)),
  input: repeated(nested(11, VALUE_INFO)),
  output: repeated(nested(12, VALUE_INFO)),
})
const OPERATOR_SET = message({ domain: text(1), version: int(2) })
export const MODEL = message({
  irVersion: int(1),
  producerName: text(2),
  graph: nested(7, GRAPH),
  opsetImport: repeated(nested(8, OPERATOR_SET)),
})
