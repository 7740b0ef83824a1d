/** Tensors by their published names, wherever they are kept. */

/** A stretch of a file that holds a tensor as the runtime can read it. */
export interface FilePlace {
  readonly file: string
  readonly offset: number
  readonly bytes: number
  readonly dtype: 'float32' | 'float16' | 'bfloat16'
}

export interface Weights {
  readonly names: readonly string[]
  has(name: string): boolean
  /** @throws Error naming a tensor that is not there */
  shape(name: string): readonly number[]
  /** Row-major. From a file it is read anew each time; do not change it. */
  read(name: string): Float32Array<ArrayBuffer>
  /** Where it lies in a file; null where it does not. */
  place(name: string): FilePlace | null
}

/** One tensor in memory. */
export interface HeldTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}

const missing = (name: string): Error => new Error(`there is no tensor "${name}"`)

/** Tensors in memory. `absent`: the error for one that is not there. */
export function heldWeights(tensors: ReadonlyMap<string, HeldTensor>, absent: (name: string) => Error = missing): Weights {
  const at = (name: string): HeldTensor => {
    const held = tensors.get(name)
    if (!held) throw absent(name)
    return held
  }
  return {
    names: [...tensors.keys()],
    has: (name) => tensors.has(name),
    shape: (name) => at(name).shape,
    read: (name) => at(name).data,
    place: () => null,
  }
}

/** Several collections as one: the first that has a name answers. */
export function layeredWeights(...layers: readonly Weights[]): Weights {
  const at = (name: string): Weights => {
    const layer = layers.find((w) => w.has(name))
    if (!layer) throw missing(name)
    return layer
  }
  return {
    names: [...new Set(layers.flatMap((w) => w.names))],
    has: (name) => layers.some((w) => w.has(name)),
    shape: (name) => at(name).shape(name),
    read: (name) => at(name).read(name),
    place: (name) => at(name).place(name),
  }
}
