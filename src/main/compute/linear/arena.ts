/**
 * Memory that the worker threads share: one WebAssembly memory, so that the kernels reach every matrix in place. Blocks
 * are laid out once, before the threads start; each thread builds its own views.
 */

import { UserError } from '../../../contract/errors.ts'
import { wasm, type SharedMemory } from './kernel.ts'

/** Where a block lies: byte offset and number of 4-byte elements. */
export interface Place {
  readonly at: number
  readonly length: number
}
export interface Arena {
  readonly memory: SharedMemory
  readonly pages: number
}

const PAGE = 65536
const MAX_PAGES = 65536
/** Blocks start on cache lines. */
const LINE = 64

/** Computes the offsets of blocks in the order in which they are added. */
export class Layout {
  private end = LINE

  /** Reserves `length` 4-byte elements. */
  place(length: number): Place {
    const at = this.end
    this.end = Math.ceil((at + length * 4) / LINE) * LINE
    return { at, length }
  }

  /** Allocates the memory of all blocks. @throws UserError `too-large` above the 4 GiB that WebAssembly can address */
  allocate(): Arena {
    const pages = Math.ceil(this.end / PAGE)
    if (pages > MAX_PAGES)
      throw new UserError(
        'too-large',
        `Training would need ${(this.end / 2 ** 30).toFixed(1)} GiB at once, the limit is 4: disable character n-grams, or ignore words that occur in few movies (--min-df).`,
      )
    return { memory: new wasm.Memory({ initial: pages, maximum: pages, shared: true }), pages }
  }
}

export const ints = ({ memory }: Arena, { at, length }: Place): Int32Array<SharedArrayBuffer> => new Int32Array(memory.buffer, at, length)
export const floats = ({ memory }: Arena, { at, length }: Place): Float32Array<SharedArrayBuffer> =>
  new Float32Array(memory.buffer, at, length)
