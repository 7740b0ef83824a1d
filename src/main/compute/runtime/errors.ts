/** Translates the runtime's errors for users. */
import { messageOf, UserError } from '../../../contract/errors.ts'

const OUT_OF_MEMORY: readonly RegExp[] = [
  /bad_alloc|bad allocation/i,
  /failed to allocate/i,
  /out of memory|OUT_OF_(?:DEVICE|HOST)_MEMORY|E_OUTOFMEMORY|MemoryAllocation/i,
  /array buffer allocation failed|invalid (?:typed )?array length/i,
  // a device's limit on one buffer: smaller batches need smaller buffers
  /buffer (?:binding )?size.*(?:exceeds|larger|limit)/i,
]
const DEVICE_LOST: readonly RegExp[] = [/device (?:is|was) lost|lost device|device removed|DEVICE_LOST|DXGI_ERROR/i]
const NO_DEVICE: readonly RegExp[] = [
  /no (?:supported )?adapters?\b|failed to (?:get|find|request).*(?:adapter|device)|adapter.*(?:not available|unavailable|not found)/i,
  /backend not found|CUDA.*(?:not available|failed to load|unable to load)|libonnxruntime_providers_cuda/i,
]

const says = (patterns: readonly RegExp[], error: unknown): boolean => patterns.some((p) => p.test(messageOf(error)))

/** True if a smaller batch may help: this machine or the device ran out of memory. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof UserError ? error.code === 'runtime-memory' : says(OUT_OF_MEMORY, error)

const DEVICES: Readonly<Record<string, string>> = {
  cpu: 'the processor',
  webgpu: 'the graphics card (WebGPU)',
  cuda: 'the graphics card (CUDA)',
}

/** Messages for known causes: the runtime's own text is about its source files. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/no supported adapters|failed to get a webgpu adapter/i, 'No graphics card with a working driver was found.'],
  [
    /cuda.*failed to load shared library/i,
    'The CUDA libraries are not installed: "npm run cuda" downloads them (Linux, in a copy of the source code).',
  ],
]

/**
 * Converts an error of the runtime into one that users can act on.
 * @param doing such as `computing a batch`
 */
export function toUserError(error: unknown, doing: string, device: string): UserError {
  if (error instanceof UserError) return error
  const where = DEVICES[device] ?? device
  const message = messageOf(error)
    .replace(/^Error: /, '')
    .trim()
  if (says(OUT_OF_MEMORY, error))
    return new UserError(
      'runtime-memory',
      `Out of memory while ${doing} on ${where}: choose smaller batches or shorter texts. (${message})`,
    )
  if (device !== 'cpu' && (says(DEVICE_LOST, error) || says(NO_DEVICE, error)))
    return new UserError(
      'runtime-device',
      PLAIN.find(([pattern]) => pattern.test(message))?.[1] ??
        `${where[0]?.toUpperCase() ?? ''}${where.slice(1)} cannot be used: ${message}`,
    )
  return new UserError('runtime-failed', `ONNX Runtime failed while ${doing} on ${where}: ${message}`)
}
