/**
 * Trainings on three workers that are killed at random moments, as are the connections of Redis: each result must be that of a training on
 * this machine, byte by byte.
 */
import Database from 'better-sqlite3'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ConfigIn } from '../../src/contract/training.ts'
import type { QueueAccess } from '../../src/contract/workers.ts'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { Engine } from '../../src/main/engine.ts'
import { entryFile } from '../../src/main/processes/entries.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { connect } from '../../src/main/workers/connection.ts'
import { tinyProject } from '../support/project.ts'
import { startRedis } from '../support/redis.ts'

/** A worker in a process of its own. */
export class WorkerProcess {
  readonly #child: ChildProcess
  #lines = ''
  constructor({ address, secret }: QueueAccess, folder: string, lockSeconds = 3) {
    const args = ['worker', '--queue', address, '--threads', '1', '--lock-seconds', String(lockSeconds)]
    this.#child = spawn(process.execPath, [entryFile('cli'), ...args], {
      env: { ...process.env, REELABEL_DATA: folder, REELABEL_QUEUE_SECRET: secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const output of [this.#child.stdout, this.#child.stderr]) output?.on('data', (text: Buffer) => (this.#lines += text.toString()))
  }
  get lines(): string {
    return this.#lines
  }
  get isComputing(): boolean {
    return /computing .*\n$/.test(this.#lines)
  }
  async said(words: string): Promise<void> {
    while (!this.#lines.includes(words)) {
      if (this.#child.exitCode !== null) throw new Error(`a worker ended before it said "${words}": ${this.#lines}`)
      await setTimeout(20)
    }
  }
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
  ended(): Promise<void> {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => this.#child.once('exit', () => resolve()))
  }
}

/** A project of 120 movies in three genres. */
export const smallProject = (folder: string): Promise<string> =>
  tinyProject(
    folder,
    Array.from({ length: 120 }, (_, i) => {
      const [genre, what] = [['Western', 'a rider and a horse'], ['Drama', 'a family and its secret'], ['Sci-Fi', 'a robot on a ship']][i % 3]! as [string, string] // prettier-ignore
      return `m${i}: ${genre}${i % 5 === 0 ? ', Drama' : ''} | ${i % 6 === 5 ? 'test' : 'train'} | Number ${i % 17} tells of ${what} in the year ${1900 + i}.`
    }),
  )

export const LINEAR: ConfigIn = { family: 'linear', folds: 3 }
export const TRANSFORMER: ConfigIn = {
  family: 'transformer',
  model: { source: 'scratch', layers: 1, dim: 32, heads: 2, hidden: 32, vocabulary: 300, warmUpEpochs: 1 },
  folds: 2,
  epochs: 2,
  maxTokens: 32,
  threads: 1,
  device: 'cpu',
}

/** Trains a project and returns the digest of everything that is stored of the run but times. */
export async function trained(project: string, folder: string, config: ConfigIn, queue?: QueueAccess): Promise<string> {
  const engine = await Engine.start({ dataDir: folder, spawn: forkProcess, open: project, queue })
  try {
    const ended = new Promise<string>((resolve) => engine.on('job', ({ state, message }) => state !== 'running' && resolve(`${state}: ${message}`))) // prettier-ignore
    const { run } = await engine.call('train.start', { config, workers: queue !== undefined })
    const end = await ended
    if (!end.startsWith('done')) throw new Error(end)
    return digestOfRun(project, run)
  } finally {
    await engine.close()
  }
}

function digestOfRun(project: string, run: number): string {
  const db = new Database(project, { readonly: true })
  const hash = createHash('sha256')
  const rows = [
    ...db.prepare('SELECT config, genres, thresholds, scales, features, summary FROM run WHERE id = ?').raw().all(run),
    ...db.prepare('SELECT bytes FROM model WHERE run = ?').raw().all(run),
    ...db.prepare('SELECT movies, probabilities, evidence FROM prediction WHERE run = ? ORDER BY chunk').raw().all(run),
  ] as unknown[][]
  for (const cell of rows.flat()) hash.update(Buffer.isBuffer(cell) ? cell : String(cell)).update('\n')
  db.close()
  return hash.digest('hex')
}

export interface WorkersSoaked {
  readonly runs: number
  /** Runs with another result than the local one, or with none. */
  readonly failed: number
  /** Workers that were killed while they computed, and times that all connections were cut. */
  readonly killed: number
  readonly cut: number
}

export async function soakWorkers(o: {
  readonly runs: number
  readonly seed: number
  /** An empty folder. */
  readonly folder: string
  readonly config: ConfigIn
  readonly tell: (line: string) => void
}): Promise<WorkersSoaked> {
  const { runs, folder, config, tell } = o
  const draw = seededDraws(o.seed)
  const original = await smallProject(folder)
  const copyOf = (name: string): string => {
    const path = join(folder, `${name}.reel`)
    copyFileSync(original, path)
    return path
  }
  const wanted = await trained(copyOf('local'), join(folder, 'local'), config)
  const redis = await startRedis()
  const control = await connect(redis.access)
  const start = (i: number): WorkerProcess => new WorkerProcess(redis.access, join(folder, `worker-${i}`))
  const workers = [0, 1, 2].map(start)
  let [failed, killed, cut] = [0, 0, 0]
  try {
    for (let run = 0; run < runs; run++) {
      await Promise.all(workers.map((worker) => worker.said('Waiting for work')))
      const over = new AbortController()
      const attacker = async (): Promise<void> => {
        while (!workers.some(({ isComputing }) => isComputing) && !over.signal.aborted) await setTimeout(10)
        await setTimeout(draw(1500))
        if (draw(3) === 0 && !over.signal.aborted) {
          await control.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
          cut++
          await setTimeout(draw(500))
        }
        const victim = workers.findIndex(({ isComputing }) => isComputing)
        if (victim < 0 || over.signal.aborted) return
        workers[victim]!.kill('SIGKILL')
        killed++
        await workers[victim]!.ended()
        workers[victim] = start(victim)
      }
      const attack = attacker()
      try {
        const got = await trained(copyOf(`run-${run}`), join(folder, `engine-${run}`), config, redis.access)
        if (got !== wanted) throw new Error('the result is another one')
      } catch (error) {
        failed++
        tell(`run ${run}: FAILED (${String(error)})\n${workers.map(({ lines }) => lines).join('\n')}`)
      }
      over.abort()
      await attack
      tell(`run ${run + 1} of ${runs}: ${killed} workers killed, connections cut ${cut} times, ${failed} failed`)
    }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    control.disconnect()
    redis.stop()
  }
  return { runs, failed, killed, cut }
}
