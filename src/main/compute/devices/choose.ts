/** Chooses the device of a training: the recipe's device if it works on this machine, else the processor, with the reason. */
import { availableParallelism } from 'node:os'
import type { DeviceInfo, DeviceName, TransformerConfig } from '../../../contract/models.ts'
import { many } from '../../../contract/words.ts'
import { deviceVerdict } from './self-test.ts'
import type { Device, SessionOptions } from '../runtime/session.ts'

export interface Chosen {
  readonly options: SessionOptions
  /** Description such as `CPU, 2 threads`; includes the reason if another device was requested. */
  readonly words: string
}
const NAMES: Readonly<Record<Device, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA' }

type Requested = { readonly device: DeviceName; readonly threads: TransformerConfig['threads'] }

/** `auto` uses a graphics card if it multiplies at least this many times as fast as the processor: transfers cost time, too. */
const MIN_SPEEDUP = 1.5

/**
 * `auto` uses a graphics card that passes the self-test and is fast enough, else the processor. A device requested by name is used if it
 * passes.
 * @param folder where results of self-tests are cached
 */
export async function chooseSession({ device, threads }: Requested, folder: string | null = null): Promise<Chosen> {
  const used = threads ?? availableParallelism()
  const onCpu = { options: { device: 'cpu', threads: used }, words: `CPU, ${many(used, 'thread')}` } as const
  if (device === 'cpu') return onCpu
  if (device === 'auto') {
    const { verdict, speed } = await deviceVerdict('webgpu', folder)
    return verdict === 'trains' && speed >= MIN_SPEEDUP ? { options: { device: 'webgpu', threads: used }, words: NAMES.webgpu } : onCpu
  }
  const { verdict, why } = await deviceVerdict(device, folder)
  if (verdict === 'trains') return { options: { device, threads: used }, words: NAMES[device] }
  return { ...onCpu, words: `${onCpu.words} (instead of ${NAMES[device]}: ${why})` }
}

/** The devices of this machine, each tested. Call this in a process that may die: a failing driver takes it down. */
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
