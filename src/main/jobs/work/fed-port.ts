/** The thread's end of a {@link FedThread}. */
import { parentPort } from 'node:worker_threads'
import { toReply } from '../../../contract/errors.ts'
import { toUserError } from '../../store/database.ts'
import type { MovieBatch } from './columns.ts'
import type { FromFed, ToFed } from './fed-thread.ts'

const port = parentPort!

/** Messages that nobody has waited for yet. */
const held: { readonly t: string }[] = []
let wake: ((m: { readonly t: string }) => void) | null = null
port.on('message', (m: { readonly t: string }) => {
  if (wake) wake(m)
  else held.push(m)
})

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what is told, where it is told
export function tell<M extends { readonly t: string }>(message: M): void {
  port.postMessage(message)
}
/** The next message. Throws where it is of another kind. */
export async function next<M extends { readonly t: string }>(...kinds: M['t'][]): Promise<M> {
  const m = held.shift() ?? (await new Promise<{ readonly t: string }>((resolve) => (wake = resolve)))
  wake = null
  if (!kinds.includes(m.t)) throw new Error(`expected ${kinds.join(' or ')}, got ${m.t}`)
  return m as M
}
/** The batches of one pass, until its end. */
export async function* batches(): AsyncGenerator<MovieBatch> {
  for (;;) {
    const m = await next<ToFed>('movies', 'end')
    if (m.t === 'end') return
    yield m.batch
    tell({ t: 'taken' })
  }
}
/** Does the thread's work, tells its result, and lets the thread end. @param path of the file that it writes, for messages */
export async function serve<R>(path: string, work: () => Promise<R>): Promise<void> {
  try {
    tell<FromFed<R>>({ t: 'made', result: await work() })
  } catch (error) {
    tell<FromFed<R>>({ t: 'error', error: toReply(toUserError(path, error)) })
  }
  port.close()
}
