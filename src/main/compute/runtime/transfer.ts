/** Copies tensors to a device and back through graphs: reading a device tensor's data directly ends the whole process. */
import { GraphBuilder } from '../graph/builder.ts'
import { encodeModel } from '../graph/encode.ts'
import type { DType, Shape } from '../graph/types.ts'
import { createSession, type Device, type Session } from './session.ts'
import { isOnDevice, zeros, type DeviceTensor, type HostTensor, type Tensor } from './tensors.ts'

function copyGraph(dtype: DType, rank: number): Uint8Array<ArrayBuffer> {
  const b = new GraphBuilder('copy')
  const shape: Shape = Array.from({ length: rank }, (_, axis) => `d${axis}`)
  b.output(b.op('Identity', [b.input('from', dtype, shape)]), 'to')
  return encodeModel(b.finish())
}

/** Copies between this machine's memory and that of one device; its small sessions are created on first use. */
export class Transfer {
  readonly device: Device
  readonly #sessions = new Map<string, Promise<Session>>()

  constructor(device: Device) {
    this.device = device
  }

  /** A copy on the device. Without a separate device the tensor itself. */
  async upload(tensor: HostTensor): Promise<Tensor> {
    if (this.device === 'cpu') return tensor
    const session = await this.#session(tensor, 'up')
    return (await session.run({ from: tensor }))['to']!
  }
  /** Reads a tensor back, into `into` if given. */
  async download(tensor: Tensor, into?: HostTensor): Promise<HostTensor> {
    const to = into ?? zeros(tensor.dtype, tensor.shape)
    if (isOnDevice(tensor)) await (await this.#session(tensor, 'down')).run({ from: tensor }, { to })
    else to.data.set(tensor.data as never)
    return to
  }
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release()
    this.#sessions.clear()
  }

  #session(tensor: HostTensor | DeviceTensor, way: 'up' | 'down'): Promise<Session> {
    const rank = tensor.shape.length
    const key = `${way} ${tensor.dtype} ${rank}`
    const known = this.#sessions.get(key)
    if (known) return known
    const options = { device: this.device, threads: 1, ...(way === 'up' ? { keepOnDevice: ['to'] } : {}) }
    const made = createSession(copyGraph(tensor.dtype, rank), options)
    this.#sessions.set(key, made)
    return made
  }
}
