/** The worker threads of one training run. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { entryFile } from '../../processes/entries.ts'
import { allocateFamily, allocateFolds, type FitOutput } from './output.ts'
import type { FitConfig, TrainingRows } from './problems.ts'
import type { Lanes } from './kernel.ts'
import { placeOperator, spaceOf } from './products.ts'
import type { Fitted } from './vectorise.ts'
import type { Solved, WorkerInput } from './worker.ts'

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

/** As many threads as there are cores or problems, at most 32 (each has panels of its own). */
export const threadCount = (problems: number): number => Math.max(1, Math.min(availableParallelism(), problems, 32))

/** Threads that load their code while the plots are being read, and then wait for one training run. */
export interface Pool {
  readonly threads: number
  /**
   * Solves every pass x (fold or final) x genre problem and resolves with the output of each pass: the same texts with other labels or
   * another division into folds. Calls `solved` with each problem's number ((pass * parts + place of the fold) * k + genre; the final model
   * is fold number `folds`). May be called once.
   * @param parts the folds that are solved; the output of others is zero
   */
  fit(
    fitted: Pick<Fitted, 'shape' | 'fill'>,
    passes: readonly TrainingRows[],
    config: FitConfig,
    solved: (problem: number) => void,
    parts?: readonly number[],
  ): Promise<FitOutput[]>
  /** Ends the threads, finished or not. */
  close(): Promise<void>
}

export function openPool(threads: number): Pool {
  const workers = Array.from({ length: threads }, () => new Worker(entryFile('linear-worker')))
  const ended = workers.map(whenEnded)
  // a thread may fail before `fit` waits for it; `fit` still sees the failure
  for (const end of ended) end.catch(() => undefined)
  return {
    threads,
    async fit(fitted, passes, config, solved, parts = [...Array(config.final ? config.folds + 1 : config.folds).keys()]) {
      const input = { ...shareInput(fitted, passes, config, threads), parts }
      workers.forEach((worker, thread) => {
        worker.on('message', (message: Solved) => solved(message.problem))
        worker.postMessage({ ...input, thread } satisfies WorkerInput)
      })
      await Promise.all(ended)
      return input.passes.map(({ output }) => output)
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

/** Bytes that the solvers of all threads may take together, and their share of the free memory. */
const [SOLVER_BYTES, SOLVER_SHARE] = [1.2e9, 0.25]
/** Memory of one problem: eleven vectors of doubles, a panel's lane and the labels, per row. */
export const LANE_BYTES_PER_ROW = 11 * 8 + 4 + 1

/**
 * Problems that a thread solves side by side: more of them mean fewer reads of memory; neither their number nor their choice changes a
 * bit.
 */
export function laneCount(rows: number, threads: number, spare = process.availableMemory()): Lanes {
  const bytes = Math.min(SOLVER_BYTES, SOLVER_SHARE * spare)
  const most = Math.floor(bytes / (rows * LANE_BYTES_PER_ROW * threads) / 4) * 4
  return Math.max(4, Math.min(16, most)) as Lanes
}

function shareInput(
  { shape, fill }: Pick<Fitted, 'shape' | 'fill'>,
  passes: readonly TrainingRows[],
  config: FitConfig,
  threads: number,
): Omit<WorkerInput, 'thread' | 'parts'> {
  const n = shape.rows
  const { c, classWeight, folds, ratioShare, bayesWeight, final } = config
  const operator = placeOperator(shape, threads, laneCount(n, threads))
  fill(spaceOf(operator))
  return {
    operator,
    passes: passes.map((rows) => ({
      rows: shareRows(rows),
      output: {
        linear: allocateFamily(n, rows.k, final ? shape.columns : 0),
        bayes: allocateFamily(n, rows.k, final ? shape.columns : 0),
        folds: final ? allocateFolds(folds, rows.k, shape.columns) : null,
      },
    })),
    config: { c, classWeight, folds, ratioShare, bayesWeight, final },
    queue: new Int32Array(new SharedArrayBuffer(4)),
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
