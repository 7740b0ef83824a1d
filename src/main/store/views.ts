/** Results of SQLite in other shapes: blobs as typed arrays (everything in a project file is little endian), and pages of rows. */

import { damagedValue } from './values.ts'

/** The bytes of a typed array, not copied. */
export const bytesOf = (a: ArrayBufferView): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)

/** Pages of rows in the order of their ids: `read` returns the rows after an id, and none at the end. */
export function* pagesOf<R>(read: (after: number) => R[], idOf: (row: R) => number): Generator<R[]> {
  let after = 0
  for (;;) {
    const rows = read(after)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = idOf(last)
  }
}

interface ViewType<T> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T
}

/** A view of bytes without a copy; a view of a copy if they are not aligned to the element's size. */
function viewOf<T>(type: ViewType<T>, bytes: Uint8Array): T {
  const size = type.BYTES_PER_ELEMENT
  const length = bytes.byteLength / size
  if (!Number.isInteger(length)) throw damagedValue('a column of numbers')
  return bytes.byteOffset % size === 0
    ? new type(bytes.buffer, bytes.byteOffset, length)
    : new type(new Uint8Array(bytes).buffer, 0, length)
}
export const uint16Of = (bytes: Uint8Array): Uint16Array => viewOf<Uint16Array>(Uint16Array, bytes)
export const int32Of = (bytes: Uint8Array): Int32Array => viewOf<Int32Array>(Int32Array, bytes)
export const float32Of = (bytes: Uint8Array): Float32Array => viewOf<Float32Array>(Float32Array, bytes)
