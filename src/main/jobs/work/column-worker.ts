/** The thread that makes the columns of an import. */
import { parentPort, workerData } from 'node:worker_threads'
import { toReply } from '../../../contract/errors.ts'
import { makeColumns, type ColumnsInput, type MovieBatch } from './columns.ts'
import type { FromColumns, ToColumns } from './column-thread.ts'

const port = parentPort!
const send = (m: FromColumns, transfer: ArrayBuffer[] = []): void => port.postMessage(m, transfer)

/** Messages that nobody has waited for yet. */
const held: ToColumns[] = []
let wake: ((m: ToColumns) => void) | null = null
port.on('message', (m: ToColumns) => {
  if (wake) wake(m)
  else held.push(m)
})
async function next<T extends ToColumns['t']>(...kinds: T[]): Promise<Extract<ToColumns, { t: T }>> {
  const m = held.shift() ?? (await new Promise<ToColumns>((resolve) => (wake = resolve)))
  wake = null
  if (!(kinds as string[]).includes(m.t)) throw new Error(`expected ${kinds.join(' or ')}, got ${m.t}`)
  return m as Extract<ToColumns, { t: T }>
}

async function* read(): AsyncGenerator<MovieBatch> {
  send({ t: 'read' })
  for (;;) {
    const m = await next('movies', 'end')
    if (m.t === 'end') return
    yield m.batch
    send({ t: 'taken' })
  }
}

try {
  const host = {
    read,
    describe: async (movies: readonly number[]) => (send({ t: 'describe', movies }), (await next('names')).names),
    genreIds: async (names: readonly string[]) => (send({ t: 'genres', names }), (await next('genres')).ids),
    changed: (plots: Extract<FromColumns, { t: 'changed' }>['plots']) => send({ t: 'changed', plots }),
  }
  send({ t: 'made', columns: await makeColumns(workerData as ColumnsInput, host, new AbortController().signal) })
} catch (error) {
  send({ t: 'error', error: toReply(error) })
}
// nothing more is asked of it
port.close()
