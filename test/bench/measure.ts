/** Shared by all benchmarks of a project: the engine on it, and the distribution of many calls. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../../src/main/engine.ts'
import type { SpawnProcess } from '../../src/main/processes/work-process.ts'
import { guessingCompute } from '../support/generate.ts'

/** Milliseconds. */
export interface Spread {
  readonly calls: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

export function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN)
  return { calls: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}
export const round = (x: number, digits = 2): number => Number(x.toFixed(digits))
export const median = (times: readonly number[]): number => spread(times).p50

/** Duration of `work` in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Runs `work` with an engine on a project (null: none yet) and a folder that is deleted afterwards. */
export async function withEngine<T>(
  project: string | null,
  work: (engine: Engine, folder: string) => Promise<T>,
  spawn: SpawnProcess = guessingCompute,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-bench-'))
  const engine = await Engine.start({ dataDir: folder, open: project, spawn })
  try {
    return await work(engine, folder)
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Prints the line for the table. */
export const report = (numbers: Readonly<Record<string, unknown>>): void => console.log(JSON.stringify(numbers))

const PYTHON = '/usr/bin/python3'
/**
 * Standard output of a peer in `peers/`; null where Python or a package of it is missing.
 * OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset, so that OpenBLAS picks the best kernels for this processor.
 */
export function pythonPeer(script: string, args: readonly string[]): string | null {
  if (!existsSync(PYTHON)) return null
  const env = { ...process.env, OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined }
  const { status, stdout } = spawnSync(PYTHON, [join(import.meta.dirname, 'peers', script), ...args], { encoding: 'utf8', env })
  return status === 0 ? stdout : null
}
