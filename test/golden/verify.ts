/**
 * Compares Reelabel's graphs with reference values: `verify.ts DIR [--device cpu|webgpu|cuda]`. Prints one JSON line for each model and
 * quantity; the exit code is 1 if one differs by more than its tolerance or cannot be computed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Device } from '../../src/main/compute/runtime/session.ts'
import { float32 } from '../../src/main/compute/runtime/tensors.ts'
import { Transfer } from '../../src/main/compute/runtime/transfer.ts'
import { TOLERANCES, type Verdict } from './compare.ts'
import { openSubject } from './model.ts'
import { CHECKS } from './quantities.ts'

export interface Line extends Verdict {
  readonly model: string
  readonly device: Device
  readonly tolerance: number
  readonly ok: boolean
}
export interface Failure {
  readonly model: string
  readonly device: Device
  readonly ok: false
  readonly error: string
}

/** Model folders in `dir`, or `dir` itself if it is one. */
export function modelFolders(dir: string): string[] {
  if (existsSync(join(dir, 'io.safetensors'))) return [dir]
  const below = readdirSync(dir, { withFileTypes: true }).map((entry) => join(dir, entry.name))
  return below.filter((folder) => existsSync(join(folder, 'io.safetensors'))).sort()
}

/** Compares every quantity of one model. */
export async function verifyModel(folder: string, device: Device, tell: (line: Line | Failure) => void): Promise<boolean> {
  const model = basename(resolve(folder))
  const tolerance = TOLERANCES[device]
  let ok = true
  const fail = (error: unknown): void => {
    ok = false
    tell({ model, device, ok: false, error: error instanceof Error ? error.message : String(error) })
  }
  try {
    const subject = openSubject(folder, device)
    for (const check of CHECKS) {
      try {
        for (const verdict of await check(subject)) {
          const near = verdict.relative <= tolerance
          ok &&= near
          tell({ model, device, ...verdict, tolerance, ok: near })
        }
      } catch (error) {
        fail(error)
      }
    }
    if (subject.fellBack.size > 0)
      fail(new Error(`parts of these graphs are computed on the processor: ${[...subject.fellBack].join(', ')}`))
    subject.model.close()
  } catch (error) {
    fail(error)
  }
  return ok
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { device: { type: 'string', default: 'cpu' } } })
  const [dir] = positionals
  const device = values.device as Device
  if (dir === undefined || positionals.length > 1 || !(device in TOLERANCES)) {
    console.error('Usage: npm run verify:golden -- DIR [--device cpu|webgpu|cuda]')
    return 2
  }
  if (!existsSync(dir)) {
    console.error(`There is no folder ${dir}.`)
    return 2
  }
  const folders = modelFolders(dir)
  if (folders.length === 0) {
    console.error(`${dir} has no folder with an io.safetensors, as the references of a model have.`)
    return 2
  }
  // a device forgets its compiled kernels with its last session: this one keeps it open
  const held = new Transfer(device)
  await held.upload(float32([1], [0]))
  let ok = true
  for (const folder of folders) ok = (await verifyModel(folder, device, (line) => console.log(JSON.stringify(line)))) && ok
  await held.release()
  return ok ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
