/** Tensors as they are fed and fetched, independent of the runtime's own classes. */

import { elements } from '../graph/dims.ts'

/** Element types of tensors by their ONNX names, and the arrays that hold them. `float16` is held as its bits. */
export interface Arrays {
  float32: Float32Array
  float64: Float64Array
  float16: Uint16Array
  int64: BigInt64Array
  int32: Int32Array
  bool: Uint8Array
  uint8: Uint8Array
}
export type TensorType = keyof Arrays
export type TensorData = Arrays[TensorType]

/** A tensor in ordinary memory. Given as a fetch, the result is written into `data`, which may be a view of a larger array. */
export interface HostTensor<T extends TensorType = TensorType> {
  readonly dtype: T
  readonly shape: readonly number[]
  readonly data: Arrays[T]
}
/** A tensor that lives on the device it was computed on. Feeding it again copies nothing; `dispose` frees its memory. */
export interface DeviceTensor {
  readonly dtype: TensorType
  readonly shape: readonly number[]
  readonly location: 'device'
  dispose(): void
}
export type Tensor = HostTensor | DeviceTensor

export const isOnDevice = (tensor: Tensor): tensor is DeviceTensor => 'location' in tensor

const ARRAYS: { readonly [T in TensorType]: new (length: number) => Arrays[T] } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
  uint8: Uint8Array,
}

/** A tensor of zeros. */
export const zeros = <T extends TensorType>(dtype: T, shape: readonly number[]): HostTensor<T> => ({
  dtype,
  shape,
  data: new ARRAYS[dtype](elements(shape)),
})
export const float32 = (shape: readonly number[], data: Float32Array | readonly number[]): HostTensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
})
/** An int64 tensor, such as token ids. */
export const int64 = (shape: readonly number[], data: BigInt64Array | readonly number[]): HostTensor<'int64'> => ({
  dtype: 'int64',
  shape,
  data: data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt),
})
/** The value of a tensor with one element, such as a loss. */
export function scalar(tensor: Tensor): number {
  if (isOnDevice(tensor) || tensor.data.length !== 1)
    throw new Error(`expected one number in memory, got a tensor of shape [${tensor.shape.join(', ')}]`)
  return Number(tensor.data[0])
}
