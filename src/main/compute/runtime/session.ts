/**
 * Sessions: a graph, loaded on a device, that computes. The one place that calls ONNX Runtime.
 * A run blocks its thread until it is done, so sessions belong in the compute process.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type * as Ort from 'onnxruntime-node'
import type { DeviceName } from '../../../contract/models.ts'
import { toUserError } from './errors.ts'
import { isOnDevice, type DeviceTensor, type Tensor, type TensorData, type TensorType } from './tensors.ts'
import { messageOf, UserError } from '../../../contract/errors.ts'

export type Device = Exclude<DeviceName, 'auto'>

/** A graph in memory (an encoded `ModelProto`) or in a file. External data of a file lies beside it. */
export type ModelSource = Uint8Array | { readonly path: string }

export interface SessionOptions {
  readonly device: Device
  /** Threads of the processor; 0: as many as it has cores. */
  readonly threads: number
  /**
   * Names of outputs that stay on the device as new tensors; no effect on `cpu`. Such a session must fetch all of its outputs and cannot
   * write into given tensors: updates in place need sessions without it (docs/decisions/0009).
   */
  readonly keepOnDevice?: readonly string[]
  /** Values of symbolic dimensions that never change, so that the runtime plans its memory once. */
  readonly dimensions?: Readonly<Record<string, number>>
  /** Level of the runtime's own graph optimiser. */
  readonly optimisation?: 'disabled' | 'basic' | 'extended' | 'all'
  /** Fail rather than compute parts of the graph on the processor. */
  readonly wholeOnDevice?: boolean
  /** Bytes of the files that initializers with external data name. */
  readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[]
  /** Folder below which external data lies, for a model in memory. Links that lead out of it are refused. */
  readonly dataFolder?: string
  /**
   * Whether constant weights are packed for each of their uses: faster below some 200 rows, but takes memory and a slow start. Default:
   * true.
   */
  readonly packWeights?: boolean
  /**
   * Whether the second run with the same shapes reserves all of its memory in one piece. What the first run kept is mostly not used for it, so
   * that a training step would take half a gigabyte more. Default: true.
   */
  readonly planMemory?: boolean
  /** Whether freed memory is kept for the next run. Default: true. */
  readonly keepMemory?: boolean
  /** Other options of the runtime by their full names, such as `session.disable_prepacking`. */
  readonly config?: Readonly<Record<string, string>>
  /** Write a profile to a file whose name starts with this. */
  readonly profile?: string
  /** Write the optimised graph to this file. */
  readonly optimisedPath?: string
}

/** Names of wanted outputs, or tensors to write them into; `null` lets the runtime allocate one. */
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>

export interface Session {
  readonly device: Device
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /**
   * Runs the graph once. A fetch that is a tensor is written in place and is itself the result.
   * The same memory may be fed and fetched if nothing in the graph reads the old value after the new one is written.
   * @throws {UserError} `runtime-memory`, `runtime-device` or `runtime-failed`
   */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: Fetches): Promise<Record<string, Tensor>>
  /** Frees the session, which must not run afterwards. */
  release(): Promise<void>
}

/** The runtime's tensors behind our device tensors. */
const behind = new WeakMap<DeviceTensor, OrtTensor>()

function toOrt(ort: typeof Ort, tensor: Tensor): OrtTensor {
  if (!isOnDevice(tensor)) return new ort.Tensor(tensor.dtype, tensor.data as Float32Array, tensor.shape)
  const known = behind.get(tensor)
  if (!known) throw new Error('this device tensor was disposed or comes from elsewhere')
  return known
}

function fromOrt(tensor: OrtTensor): Tensor {
  const dtype = tensor.type as TensorType
  const shape = tensor.dims
  if (tensor.location !== 'gpu-buffer') return { dtype, shape, data: tensor.data as TensorData }
  const device: DeviceTensor = {
    dtype,
    shape,
    location: 'device',
    dispose: () => {
      behind.get(device)?.dispose()
      behind.delete(device)
    },
  }
  behind.set(device, tensor)
  return device
}

/** Turns `session.x` and `ep.y.z` into the nested objects that the binding expects. */
function nested(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(config)) {
    const parts = name.split('.')
    const last = parts.pop() ?? name
    let level = root
    for (const part of parts) level = (level[part] ??= {}) as Record<string, unknown>
    level[last] = value
  }
  return root
}

const PROVIDERS: Readonly<Record<Device, readonly string[]>> = { cpu: ['cpu'], webgpu: ['webgpu', 'cpu'], cuda: ['cuda', 'cpu'] }

function optionsOf(
  options: SessionOptions,
): InferenceSession.SessionOptions & { externalData?: readonly { path: string; data: Uint8Array }[] } {
  const { device, threads, keepOnDevice = [], optimisation = 'all', externalData } = options
  const config: Record<string, string> = {
    ...(options.wholeOnDevice ? { 'session.disable_cpu_ep_fallback': '1' } : {}),
    ...(options.packWeights === false ? { 'session.disable_prepacking': '1' } : {}),
    ...(options.dataFolder === undefined ? {} : { 'session.model_external_initializers_file_folder_path': options.dataFolder }),
    ...options.config,
  }
  return {
    executionProviders: options.wholeOnDevice ? [device] : PROVIDERS[device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimisation,
    // errors are thrown as exceptions
    logSeverityLevel: 4,
    enableCpuMemArena: options.keepMemory ?? true,
    enableMemPattern: options.planMemory ?? true,
    ...(options.dimensions ? { freeDimensionOverrides: options.dimensions } : {}),
    ...(device === 'webgpu' && keepOnDevice.length > 0
      ? { preferredOutputLocation: Object.fromEntries(keepOnDevice.map((name) => [name, 'gpu-buffer' as const])) }
      : {}),
    ...(Object.keys(config).length > 0 ? { extra: nested(config) } : {}),
    ...(externalData ? { externalData } : {}),
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    ...(options.optimisedPath === undefined ? {} : { optimizedModelFilePath: options.optimisedPath }),
  }
}

const isNames = (fetches: Fetches): fetches is readonly string[] => Array.isArray(fetches)

class OrtSession implements Session {
  readonly device: Device
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly #ort: typeof Ort
  readonly #session: InferenceSession
  readonly #keepsOutputs: boolean

  constructor(ort: typeof Ort, session: InferenceSession, { device, keepOnDevice }: SessionOptions) {
    this.#ort = ort
    this.#session = session
    this.#keepsOutputs = device !== 'cpu' && (keepOnDevice?.length ?? 0) > 0
    this.device = device
    this.inputs = session.inputNames
    this.outputs = session.outputNames
  }

  async run(feeds: Readonly<Record<string, Tensor>>, fetches: Fetches = this.outputs): Promise<Record<string, Tensor>> {
    const wrapped = (tensors: Readonly<Record<string, Tensor | null>>): Record<string, OrtTensor | null> =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor && toOrt(this.#ort, tensor)]))
    if (this.#keepsOutputs && !isNames(fetches))
      throw new Error('a session that keeps outputs on its device takes no tensors to write into')
    try {
      const given = isNames(fetches) ? {} : fetches
      const results = await this.#session.run(
        wrapped(feeds) as Record<string, OrtTensor>,
        isNames(fetches) ? [...fetches] : wrapped(fetches),
      )
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, given[name] ?? fromOrt(tensor)]))
    } catch (error) {
      throw toUserError(error, 'computing', this.device)
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

/**
 * Loads a graph on a device.
 * @throws {UserError} `runtime-missing`, `runtime-memory`, `runtime-device` (no such device; there is no automatic fall-back) or
 *   `runtime-failed`
 */
export async function createSession(model: ModelSource, options: SessionOptions): Promise<Session> {
  const ort = await loadRuntime()
  try {
    const settings = optionsOf(options)
    const session = await (model instanceof Uint8Array
      ? ort.InferenceSession.create(model, settings)
      : ort.InferenceSession.create(model.path, settings))
    return new OrtSession(ort, session, options)
  } catch (error) {
    throw toUserError(error, 'loading a graph', options.device)
  }
}

let loading: Promise<typeof Ort> | undefined

/**
 * Imports onnxruntime-node on first use (its library is 45 MB, and most processes never compute), with its telemetry disabled before the
 * library is read; afterwards would be too late.
 * @throws {UserError} `runtime-missing` if there is no library for this system
 */
function loadRuntime(): Promise<typeof Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  loading ??= import('onnxruntime-node').then(quiet, (error: unknown) => {
    loading = undefined
    throw new UserError(
      'runtime-missing',
      `Transformers need ONNX Runtime, which cannot be loaded on ${process.platform} ${process.arch}: ` +
        `${messageOf(error)}. The linear family works without it.`,
    )
  })
  return loading
}

/** Errors are thrown as exceptions, so nothing is written to the standard error output as well. */
function quiet(ort: typeof Ort): typeof Ort {
  ort.env.logLevel = 'fatal'
  return ort
}
