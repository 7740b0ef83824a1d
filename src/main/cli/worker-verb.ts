import { Option, type Command } from 'commander'
import { join } from 'node:path'
import type { Sends } from '../../contract/training.ts'
import { count } from '../../contract/words.ts'
import type { QueueAccess, QueueInfo } from '../../contract/workers.ts'
import type { Engine } from '../engine.ts'
import { forkProcess } from '../processes/work-process.ts'
import { checkAccess, hostOf } from '../workers/access.ts'
import { wholeNumber } from './arguments.ts'
import { printResult } from './output.ts'
import { table } from './print.ts'
import { defaultDataDir, onEngine, verb } from './with-engine.ts'

/** The queue at an address, with the secret of the environment; undefined for `saved`, the one in the settings. @throws UserError `bad-queue` */
export function queueFor(address: string): QueueAccess | undefined {
  return address === 'saved' ? undefined : queueAt(address)
}
function queueAt(address: string): QueueAccess {
  const access = { address, secret: process.env['REELABEL_QUEUE_SECRET'] ?? '' }
  checkAccess(access)
  return access
}

/** Option of verbs that can give their work to workers. */
export const onQueue = (): Option =>
  new Option('--on <url>', 'use the workers of this queue (redis:// or rediss://), or of the saved one (saved)')

/** A description of the data that a verb is about to send. */
export const sendsText = ({ to, encrypted, movies, labels }: Sends): string =>
  `Sends what the model reads of ${count(movies)} movies, ${count(labels)} labels, the names of the genres and, if it starts from one, the files of a base model to the queue at ${to ?? ''}, ${encrypted ? 'over TLS' : 'unencrypted'}. They expire there.`

/** A description of the data that `predict --on` is about to send. */
export const sendsPredictions = ({ host, encrypted }: QueueInfo, movies: string): string =>
  `Sends what the model reads of the movies of ${movies}, and the model, to the queue at ${host ?? ''}, ${encrypted ? 'over TLS' : 'unencrypted'}. They expire there.`

interface Options {
  readonly queue: string
  readonly threads?: number
  readonly lockSeconds: number
  readonly json?: boolean
}

/** `worker`: computes parts of trainings of a queue, until Ctrl-C. `queue`: the queue of `--on saved` and of the window. */
export function workerVerb(program: Command): void {
  verb(program, 'worker', 'compute parts of trainings, and predictions, of a queue, until Ctrl-C')
    .addOption(
      new Option('--queue <url>', 'address of Redis or Valkey (redis:// or rediss://)').env('REELABEL_QUEUE').makeOptionMandatory(),
    )
    .option('--threads <n>', 'CPU threads (default: one per core)', wholeNumber)
    .option('--lock-seconds <n>', 'seconds after which the work of a worker that has gone is given to another', wholeNumber, 30)
    .action(work)
  const queue = program.command('queue').description('show, set or test the saved queue of workers')
  verb(queue, 'show', 'show the saved queue').action(onEngine((engine, o: Json) => show(engine.call('queue.get', {}), o)))
  verb(queue, 'set', 'save a queue, with the secret in REELABEL_QUEUE_SECRET')
    .argument('<url>')
    .action(onEngine((engine, url: string, o: Json) => show(engine.call('queue.set', { address: url, secret: queueAt(url).secret }), o)))
  verb(queue, 'forget', 'forget the saved queue').action(
    onEngine((engine, o: Json) => show(engine.call('queue.set', { address: null }), o)),
  )
  verb(queue, 'test', 'connect to the saved queue, and list its workers').action(onEngine(test))
}

interface Json {
  readonly json?: boolean
}
async function show(found: Promise<QueueInfo>, o: Json): Promise<void> {
  const info = await found
  printResult(o, info, () => (info.host === null ? 'No queue is saved.' : `${info.host}, ${info.encrypted ? 'over TLS' : 'unencrypted'}`))
}
async function test(engine: Engine, o: Json): Promise<void> {
  const { workers } = await engine.call('queue.test', {})
  const rows = workers.map(({ host, version, fits }) => [host, version, fits ? '' : 'another version than this program'])
  printResult(o, workers, () => (rows.length === 0 ? 'The queue answers. No worker is connected.' : table(['worker', 'version', ''], rows)))
}

async function work({ queue, threads, lockSeconds, json = false }: Options): Promise<void> {
  const access = queueAt(queue)
  const { startWorker } = await import('../workers/worker.ts')
  const tell = (line: string): void => console.log(json ? JSON.stringify({ line }) : line)
  const folder = join(defaultDataDir(), 'worker')
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const stop = await startWorker({ access, spawn: forkProcess, folder, threads: threads ?? null, lockSeconds, tell })
  tell(`Waiting for work at ${hostOf(queue)}. Ctrl-C stops this worker; what it computes goes back to the queue.`)
  await stopped
  await stop()
}
