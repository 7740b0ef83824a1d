/** The reading thread of an import. */
import { parentPort, workerData } from 'node:worker_threads'
import { toReply } from '../../../contract/errors.ts'
import { recordBatches, type FromReader, type ReaderInput } from './record-batches.ts'

const port = parentPort
if (!port) throw new Error('this file runs in a worker thread')
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
port.close()
