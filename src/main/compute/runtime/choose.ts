/** What computes a training: the device of its recipe where that works here, else the processor, and why. */
import { availableParallelism } from 'node:os'
import { UserError } from '../../../contract/errors.ts'
import type { DeviceInfo, DeviceName, TransformerConfig } from '../../../contract/models.ts'
import { many } from '../../../contract/words.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { openProgram } from './program.ts'
import type { Device, SessionOptions } from './session.ts'
import { float32 } from './tensors.ts'

export interface Chosen {
  readonly options: SessionOptions
  /** Such as `CPU, 2 threads`; where another device was asked for, with the reason. */
  readonly words: string
}
const NAMES: Readonly<Record<Device, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA' }

/** Why a device does not compute here, as a sentence; null where it does: a small product comes out right, on it alone. */
async function fault(device: Device): Promise<string | null> {
  const b = new GraphBuilder('probe')
  const x = b.input('x', 'float32', [2, 2])
  b.output(b.op('MatMul', [x, x]), 'y')
  try {
    const program = await openProgram(b.finish(), { device, threads: 1, wholeOnDevice: device !== 'cpu' })
    try {
      const { y } = await program.run({ x: float32([2, 2], [1, 2, 3, 4]) }, ['y'])
      const values = [...(y as { readonly data: Float32Array }).data]
      return values.join() === '7,10,15,22' ? null : `It computes wrongly: ${values.join(', ')} in place of 7, 10, 15, 22.`
    } finally {
      await program.release()
    }
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

type Wish = { readonly device: DeviceName; readonly threads: TransformerConfig['threads'] }

/** `auto` is the processor: a graphics card is taken where the recipe says so. */
export async function chooseSession({ device, threads }: Wish): Promise<Chosen> {
  const used = threads ?? availableParallelism()
  const onCpu = { options: { device: 'cpu', threads: used }, words: `CPU, ${many(used, 'thread')}` } as const
  if (device === 'auto' || device === 'cpu') return onCpu
  const why = await fault(device)
  if (why === null) return { options: { device, threads: used }, words: NAMES[device] }
  return { ...onCpu, words: `${onCpu.words} (in place of ${NAMES[device]}. ${why})` }
}

/** What may compute here, each tried. In a process that may die: a driver that fails takes it along. */
export async function listDevices(): Promise<DeviceInfo[]> {
  const cpu = { name: 'cpu', label: `CPU, ${many(availableParallelism(), 'thread')}`, available: true, note: '' } as const
  const others: DeviceInfo[] = []
  for (const name of ['webgpu', 'cuda'] as const) {
    const why = await fault(name)
    others.push({ name, label: NAMES[name], available: why === null, note: why ?? '' })
  }
  return [cpu, ...others]
}
