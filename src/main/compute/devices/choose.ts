/** What computes a training: the device of its recipe where that works here, else the processor, and why. */
import { availableParallelism } from 'node:os'
import type { DeviceInfo, DeviceName, TransformerConfig } from '../../../contract/models.ts'
import { many } from '../../../contract/words.ts'
import { deviceVerdict } from './self-test.ts'
import type { Device, SessionOptions } from '../runtime/session.ts'

export interface Chosen {
  readonly options: SessionOptions
  /** Such as `CPU, 2 threads`; where another device was asked for, with the reason. */
  readonly words: string
}
const NAMES: Readonly<Record<Device, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA' }

type Wish = { readonly device: DeviceName; readonly threads: TransformerConfig['threads'] }

/** A card that `auto` takes multiplies at least so many times as fast as the processor: moving to it and back costs time, too. */
const WORTH = 1.5

/**
 * `auto` takes a graphics card that trains and is worth it, else the processor. Asked for by name, a device is taken if it trains at all.
 * @param folder where verdicts of self-tests are kept
 */
export async function chooseSession({ device, threads }: Wish, folder: string | null = null): Promise<Chosen> {
  const used = threads ?? availableParallelism()
  const onCpu = { options: { device: 'cpu', threads: used }, words: `CPU, ${many(used, 'thread')}` } as const
  if (device === 'cpu') return onCpu
  if (device === 'auto') {
    const { verdict, speed } = await deviceVerdict('webgpu', folder)
    return verdict === 'trains' && speed >= WORTH ? { options: { device: 'webgpu', threads: used }, words: NAMES.webgpu } : onCpu
  }
  const { verdict, why } = await deviceVerdict(device, folder)
  if (verdict === 'trains') return { options: { device, threads: used }, words: NAMES[device] }
  return { ...onCpu, words: `${onCpu.words} (in place of ${NAMES[device]}. ${why})` }
}

/** What may compute here, each tried. In a process that may die: a driver that fails takes it along. */
export async function listDevices(folder: string | null = null): Promise<DeviceInfo[]> {
  const cpu = { name: 'cpu', label: `CPU, ${many(availableParallelism(), 'thread')}`, available: true, note: '' } as const
  const others: DeviceInfo[] = []
  for (const name of ['webgpu', 'cuda'] as const) {
    const { verdict, why, speed } = await deviceVerdict(name, folder)
    const times = `Multiplies ${speed.toPrecision(2)} times as fast as the processor.`
    others.push({ name, label: NAMES[name], available: verdict === 'trains', note: verdict === 'trains' ? times : why })
  }
  return [cpu, ...others]
}
