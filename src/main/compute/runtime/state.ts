/**
 * The mutable state of a training: parameters and moments. Each is one tensor, fed and fetched in the same run and so updated in place: a
 * typed array of its own on the processor, a tensor that never leaves the device on a graphics card.
 */
import { elements } from '../graph/dims.ts'
import type { Device } from './session.ts'
import { isOnDevice, type HostTensor, type Tensor } from './tensors.ts'
import { Transfer } from './transfer.ts'

/** Maps an input of a graph, and the output that replaces it, to a tensor of the state. */
export interface Slot {
  /** Name of a tensor of the state. */
  readonly state: string
  readonly input: string
  /** null: read only. Written in place where possible: nothing reads the old value after the new one is written. */
  readonly output: string | null
  /** First element if the slot is a part of the tensor; only in ordinary memory. */
  readonly start: number
  readonly shape: readonly number[]
}

/** Tensors that persist from step to step. */
export class State {
  readonly #transfer: Transfer
  readonly #tensors = new Map<string, Tensor>()

  private constructor(device: Device) {
    this.#transfer = new Transfer(device)
  }

  /** A state that starts with `tensors`; on the processor their arrays become the state's own. */
  static async create(device: Device, tensors: ReadonlyMap<string, HostTensor>): Promise<State> {
    const state = new State(device)
    try {
      for (const [name, tensor] of tensors) state.#tensors.set(name, await state.#transfer.upload(tensor))
    } catch (error) {
      await state.release()
      throw error
    }
    return state
  }

  get names(): readonly string[] {
    return [...this.#tensors.keys()]
  }
  /** The tensor to feed, and to fetch into. @throws Error if there is none of that name */
  get(name: string): Tensor {
    const tensor = this.#tensors.get(name)
    if (!tensor) throw new Error(`the state has no tensor "${name}"`)
    return tensor
  }
  /** The feeds of a graph with these slots. */
  feeds(slots: readonly Slot[]): Record<string, Tensor> {
    return Object.fromEntries(slots.map((slot) => [slot.input, this.#part(slot)]))
  }
  /** The fetches: the very same memory. */
  fetches(slots: readonly Slot[]): Record<string, Tensor> {
    return Object.fromEntries(slots.flatMap((slot) => (slot.output === null ? [] : [[slot.output, this.#part(slot)]])))
  }
  #part({ state, start, shape }: Slot): Tensor {
    const tensor = this.get(state)
    const size = elements(shape)
    if (start === 0 && elements(tensor.shape) === size) return tensor
    if (isOnDevice(tensor)) throw new Error(`"${state}" lies on a device: it cannot be updated in parts`)
    if (start + size > tensor.data.length) throw new Error(`"${state}" ends before element ${start + size}`)
    return { dtype: tensor.dtype, shape, data: tensor.data.subarray(start, start + size) }
  }
  /** A copy in ordinary memory. */
  read(name: string): Promise<HostTensor> {
    return this.#transfer.download(this.get(name))
  }
  /** Overwrites a tensor with one of the same type and shape. */
  async write(name: string, tensor: HostTensor): Promise<void> {
    const old = this.get(name)
    if (old.dtype !== tensor.dtype || old.shape.join() !== tensor.shape.join())
      throw new Error(`"${name}" is ${old.dtype} [${old.shape.join(', ')}], not ${tensor.dtype} [${tensor.shape.join(', ')}]`)
    if (!isOnDevice(old)) {
      old.data.set(tensor.data as never)
      return
    }
    this.#tensors.set(name, await this.#transfer.upload(tensor))
    old.dispose()
  }
  /** Frees the tensors on the device. */
  async release(): Promise<void> {
    for (const tensor of this.#tensors.values()) if (isOnDevice(tensor)) tensor.dispose()
    this.#tensors.clear()
    await this.#transfer.release()
  }
}
