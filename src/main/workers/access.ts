/** How a queue is reached, and checks of that, which contact nobody. */
import { UserError } from '../../contract/errors.ts'
import { MIN_SECRET, type QueueAccess, type QueueInfo } from '../../contract/workers.ts'
import type { SpawnProcess } from '../processes/work-process.ts'

/** The access of the engine to workers. */
export interface RemoteOptions {
  readonly access: QueueAccess
  /** Starts the process that reads the project. */
  readonly spawn: SpawnProcess
  /** An existing folder for files on their way. */
  readonly folder: string
}

/** The address of a queue without name and password, as messages show it. @throws UserError `bad-queue` */
export function hostOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new UserError('bad-queue', 'The address of a queue is redis://HOST:PORT or, with TLS, rediss://:PASSWORD@HOST:PORT.')
  return `${url.hostname}:${url.port === '' ? 6379 : url.port}`
}

/** The properties of a queue that may be shown; null if none is set. */
export const infoOf = (queue: QueueAccess | null): QueueInfo => ({
  host: queue && hostOf(queue.address),
  encrypted: queue?.address.startsWith('rediss:') ?? false,
})

/** @throws UserError `bad-queue` */
export function checkAccess({ address, secret }: QueueAccess): void {
  hostOf(address)
  if (secret.length < MIN_SECRET)
    throw new UserError(
      'bad-queue',
      `The secret of a queue needs at least ${MIN_SECRET} characters, the same ones for the program and all workers: set it in the environment variable REELABEL_QUEUE_SECRET.`,
    )
}
