/** The worker threads of one training run. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Csr } from './csr.ts'
import { allocateFamily, type FitOutput } from './output.ts'
import type { FitConfig, TrainingRows } from './problems.ts'
import { placeOperator } from './products.ts'
import type { Solved, WorkerInput } from './worker.ts'

/** The entry from source, beside the bundled entry, and beside a bundled chunk. */
const ENTRIES = import.meta.url.endsWith('.ts') ? ['./worker.ts'] : ['./linear-worker.js', '../linear-worker.js']

function workerEntry(): URL {
  const urls = ENTRIES.map((entry) => new URL(entry, import.meta.url))
  return urls.find((url) => existsSync(url)) ?? urls[0]!
}

/** A copy that threads can share. */
function shareBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}
const shareRows = (rows: TrainingRows): TrainingRows => ({
  ...rows,
  labels: shareBytes(rows.labels),
  excluded: rows.excluded === null ? null : shareBytes(rows.excluded),
  fold: shareBytes(rows.fold),
})

/** As many threads as there are cores or problems, at most 32 (each takes panels of its own). */
export const threadCount = (problems: number): number => Math.max(1, Math.min(availableParallelism(), problems, 32))

/**
 * Solves every (fold or final) x genre problem on `threads` threads and resolves with what they wrote. `solved` is called
 * with each problem's number (fold * k + genre; the final model is fold number `folds`).
 */
export async function fitAll(
  matrix: Csr,
  counts: Csr,
  rows: TrainingRows,
  config: FitConfig,
  threads: number,
  solved: (problem: number) => void,
): Promise<FitOutput> {
  const n = rows.fold.length
  const output: FitOutput = {
    linear: allocateFamily(n, rows.k, matrix.columns),
    bayes: allocateFamily(n, rows.k, counts.columns),
  }
  const shared = {
    ...placeOperator(matrix, counts, threads),
    rows: shareRows(rows),
    config: { c: config.c, classWeight: config.classWeight, folds: config.folds },
    queue: new Int32Array(new SharedArrayBuffer(4)),
    output,
  }
  const workers: Worker[] = []
  try {
    const runs = Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(workerEntry(), { workerData: { ...shared, thread } satisfies WorkerInput })
      workers.push(worker)
      return finished(worker, solved)
    })
    await Promise.all(runs)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return output
}

const finished = (worker: Worker, solved: (problem: number) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.on('message', (message: Solved) => solved(message.problem))
    worker.once('error', reject)
    worker.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`a training thread ended with code ${code}`))
    })
  })
