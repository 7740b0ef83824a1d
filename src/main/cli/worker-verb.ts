import { Option, type Command } from 'commander'
import { join } from 'node:path'
import type { Sends } from '../../contract/training.ts'
import { count } from '../../contract/words.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import { forkProcess } from '../processes/work-process.ts'
import { checkAccess, hostOf } from '../workers/access.ts'
import { wholeNumber } from './arguments.ts'
import { defaultDataDir, verb } from './with-engine.ts'

/** The queue at an address, with the secret of the environment. @throws UserError `bad-queue` */
export function queueAt(address: string): QueueAccess {
  const access = { address, secret: process.env['REELABEL_QUEUE_SECRET'] ?? '' }
  checkAccess(access)
  return access
}

/** Option of verbs that can give their work to workers. */
export const onQueue = (): Option => new Option('--on <url>', 'train on the workers of this queue (redis:// or rediss://)')

/** What a verb is about to send, said before it does. */
export const sendsText = ({ to, encrypted, movies, labels }: Sends): string =>
  `Sends what the model reads of ${count(movies)} movies, ${count(labels)} labels, the names of the genres and, if it starts from one, the files of a base model to the queue at ${to ?? ''}, ${encrypted ? 'over TLS' : 'unencrypted'}. They expire there.`

interface Options {
  readonly queue: string
  readonly threads?: number
  readonly lockSeconds: number
  readonly json?: boolean
}

/** `worker`: computes parts of trainings of a queue, until Ctrl-C. */
export function workerVerb(program: Command): void {
  verb(program, 'worker', 'compute parts of the trainings on a queue, until Ctrl-C')
    .addOption(
      new Option('--queue <url>', 'address of Redis or Valkey (redis:// or rediss://)').env('REELABEL_QUEUE').makeOptionMandatory(),
    )
    .option('--threads <n>', 'CPU threads (default: one per core)', wholeNumber)
    .option('--lock-seconds <n>', 'seconds after which the work of a worker that has gone is given to another', wholeNumber, 30)
    .action(work)
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
