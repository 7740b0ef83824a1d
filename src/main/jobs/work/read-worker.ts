/** The reading thread of an import. */
import { parentPort, workerData } from 'node:worker_threads'
import { toReply } from '../../../contract/errors.ts'
import { recordBatches } from './batches.ts'
import type { FromReader, ReaderInput } from './reading.ts'

const port = parentPort!
const { plan, mostWaiting } = workerData as ReaderInput
const send = (m: FromReader): void => port.postMessage(m)

let waiting = 0
let wake = (): void => undefined
port.on('message', () => {
  waiting--
  wake()
})

try {
  for await (const batch of recordBatches(plan)) {
    send({ t: 'batch', batch })
    waiting++
    while (waiting >= mostWaiting) await new Promise<void>((resolve) => (wake = resolve))
  }
  send({ t: 'end' })
} catch (error) {
  send({ t: 'error', error: toReply(error) })
}
// nothing more is asked of it
port.close()
