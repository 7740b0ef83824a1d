/** The connection of a process that works for the engine, whether Node or Electron started it. */
import type { MessagePortMain, ParentPort } from 'electron'
import type { ProcessMessages, ProcessKind } from '../../contract/jobs.ts'

export interface WorkerPort<K extends ProcessKind> {
  post(message: ProcessMessages[K]['reply']): void
  onMessage(listener: (message: ProcessMessages[K]['request']) => void): void
}

/**
 * Connects to the engine. The process ends when the engine's side of the connection closes.
 * @throws Error if the process was started by neither
 */
export function connect<K extends ProcessKind>(): WorkerPort<K> {
  const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort }
  if (parentPort) return overPort(parentPort)
  if (process.send) return overIpc()
  throw new Error('this process is started by the engine, not by hand')
}

function overIpc<K extends ProcessKind>(): WorkerPort<K> {
  process.once('disconnect', () => process.exit(0))
  return {
    // the engine may have ended before its side is reported as closed
    post: (m) => void process.send?.(m, undefined, undefined, (error) => error && process.exit(0)),
    // if the engine was killed right after it sent a request, `disconnect` is handled before the request is started
    onMessage: (l) => void process.on('message', (m) => setImmediate(() => process.connected && l(m as never))),
  }
}

/** Under Electron the shell hands over a port to the engine; messages that are posted before that wait. */
function overPort<K extends ProcessKind>(parent: ParentPort): WorkerPort<K> {
  const arrival = Promise.withResolvers<MessagePortMain>()
  parent.once('message', (e) => {
    const [port] = e.ports
    if (!port) return
    port.once('close', () => process.exit(0))
    arrival.resolve(port)
  })
  let port: MessagePortMain | undefined
  void arrival.promise.then((p) => (port = p))
  return {
    post: (m) => (port ? port.postMessage(m) : void arrival.promise.then((p) => p.postMessage(m))),
    onMessage: (l) =>
      void arrival.promise.then((p) => {
        p.on('message', (e) => l(e.data as never))
        p.start()
      }),
  }
}
