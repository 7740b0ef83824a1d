/** The end of the line to the engine of a process that works for it, whichever way it was started. */
import type { MessagePortMain, ParentPort } from 'electron'
import type { Lines, ProcessKind } from '../contract/jobs.ts'

export interface ProcessPort<K extends ProcessKind> {
  post(message: Lines[K]['reply']): void
  onMessage(listener: (message: Lines[K]['request']) => void): void
}

/**
 * Connects to the engine; the process ends with the engine's end of the line.
 * Throws where the process was started by neither.
 */
export function connect<K extends ProcessKind>(): ProcessPort<K> {
  const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort }
  if (parentPort) return overPort(parentPort)
  if (process.send) return overIpc()
  throw new Error('this process is started by the engine, not by hand')
}

function overIpc<K extends ProcessKind>(): ProcessPort<K> {
  process.once('disconnect', () => process.exit(0))
  return {
    // the engine may be gone and its end of the line not heard of yet
    post: (m) => void process.send?.(m, undefined, undefined, (error) => error && process.exit(0)),
    // of an engine that was killed right after it asked, the end of the line is heard first: nothing is begun for nobody
    onMessage: (l) => void process.on('message', (m) => setImmediate(() => process.connected && l(m as never))),
  }
}

/** Under Electron the shell hands over a port to the engine; what is posted before that waits. */
function overPort<K extends ProcessKind>(parent: ParentPort): ProcessPort<K> {
  const line = Promise.withResolvers<MessagePortMain>()
  parent.once('message', (e) => {
    const [port] = e.ports
    if (!port) return
    port.once('close', () => process.exit(0))
    line.resolve(port)
  })
  let port: MessagePortMain | undefined
  void line.promise.then((p) => (port = p))
  return {
    post: (m) => (port ? port.postMessage(m) : void line.promise.then((p) => p.postMessage(m))),
    onMessage: (l) =>
      void line.promise.then((p) => {
        p.on('message', (e) => l(e.data as never))
        p.start()
      }),
  }
}
