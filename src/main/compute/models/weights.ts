/** Tensors by their published names, wherever they are stored. */

/** A range of a file that holds a tensor in the runtime's format. */
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
  /** Row-major. A tensor in a file is read on every call; do not modify it. */
  read(name: string): Float32Array<ArrayBuffer>
  /** Its location in a file; null if it is not in one. */
  place(name: string): FilePlace | null
}

/** One tensor in memory. */
export interface HeldTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}

const missing = (name: string): Error => new Error(`there is no tensor "${name}"`)

/** Tensors in memory. `absent`: the error for a missing one. */
export function heldWeights(tensors: ReadonlyMap<string, HeldTensor>, absent: (name: string) => Error = missing): Weights {
  const at = (name: string): HeldTensor => {
    const tensor = tensors.get(name)
    if (!tensor) throw absent(name)
    return tensor
  }
  return {
    names: [...tensors.keys()],
    has: (name) => tensors.has(name),
    shape: (name) => at(name).shape,
    read: (name) => at(name).data,
    place: () => null,
  }
}

/** Several collections as one: the first that has a name is used. */
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
