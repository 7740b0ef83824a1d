/** The runtime's module, loaded when it is first needed: its library is 45 MB, and most processes never compute. */
import type * as Ort from 'onnxruntime-node'
import { UserError } from '../../../contract/errors.ts'

let loading: Promise<typeof Ort> | undefined

/**
 * onnxruntime-node, with its telemetry switched off before its library is read (afterwards would be too late).
 * @throws {UserError} `runtime-missing` where there is no library for this system
 */
export function loadRuntime(): Promise<typeof Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  loading ??= import('onnxruntime-node').then(quiet, (error: unknown) => {
    loading = undefined
    throw new UserError(
      'runtime-missing',
      `Transformers need ONNX Runtime, which cannot be loaded on ${process.platform} ${process.arch}: ` +
        `${error instanceof Error ? error.message : String(error)}. The linear family works without it.`,
    )
  })
  return loading
}

/** Errors come back as exceptions: nothing is written to the standard error output as well. */
function quiet(ort: typeof Ort): typeof Ort {
  ort.env.logLevel = 'fatal'
  return ort
}
