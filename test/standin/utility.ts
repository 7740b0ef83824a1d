/** Runs in a child process that replaces a utility process: provides `process.parentPort` over the child's IPC. */
import { EventEmitter } from 'node:events'
import { PortLink, type Wire } from './port.ts'

const send = process.send?.bind(process)
// the parent may have ended already: `disconnect` follows
const link = new PortLink((m) => void send?.(m, undefined, {}, () => undefined), 1)
class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    link.post(message)
  }
}
const parentPort = new ParentPort()
Object.defineProperty(process, 'parentPort', { value: parentPort })
process.on('message', (m: Wire) => {
  const event = link.accept(m)
  if (event) parentPort.emit('message', event)
})
process.on('disconnect', () => process.exit(1))
// a utility process has no `process.send`: code that tests for it must not find it
Object.defineProperty(process, 'send', { value: undefined, configurable: true })
