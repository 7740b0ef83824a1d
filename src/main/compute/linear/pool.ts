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

/** Threads that load their code while the plots are being read, and then wait for one training run. */
export interface Pool {
  readonly threads: number
  /**
   * Solves every (fold or final) x genre problem and resolves with what the threads wrote. `solved` is called with each
   * problem's number (fold * k + genre; the final model is fold number `folds`). Once for each pool.
   */
  fit(matrix: Csr, counts: Csr, rows: TrainingRows, config: FitConfig, solved: (problem: number) => void): Promise<FitOutput>
  /** Ends the threads, finished or not. */
  close(): Promise<void>
}

export function openPool(threads: number): Pool {
  const workers = Array.from({ length: threads }, () => new Worker(workerEntry()))
  const ended = workers.map(whenEnded)
  // a thread may fail before anybody waits for it; `fit` still sees the failure
  for (const end of ended) end.catch(() => undefined)
  return {
    threads,
    async fit(matrix, counts, rows, config, solved) {
      const input = shareInput(matrix, counts, rows, config, threads)
      workers.forEach((worker, thread) => {
        worker.on('message', (message: Solved) => solved(message.problem))
        worker.postMessage({ ...input, thread } satisfies WorkerInput)
      })
      await Promise.all(ended)
      return input.output
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function shareInput(matrix: Csr, counts: Csr, rows: TrainingRows, config: FitConfig, threads: number): Omit<WorkerInput, 'thread'> {
  const n = rows.fold.length
  return {
    ...placeOperator(matrix, counts, threads),
    rows: shareRows(rows),
    config: { c: config.c, classWeight: config.classWeight, folds: config.folds },
    queue: new Int32Array(new SharedArrayBuffer(4)),
    output: { linear: allocateFamily(n, rows.k, matrix.columns), bayes: allocateFamily(n, rows.k, counts.columns) },
  }
}

const whenEnded = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`a training thread ended with code ${code}`))
    })
  })
