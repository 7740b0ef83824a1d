/** A browser host in a process of its own. The first message names the data folder, the page's folder and the project. */
import { Engine } from '../../../src/main/engine.ts'
import { startHost } from '../../../src/main/host/serve.ts'
import { forkProcess } from '../../../src/main/processes/work-process.ts'

export interface Begin {
  readonly dataDir: string
  readonly rendererDir: string
  readonly open: string
}
export interface Resources {
  /** Resident memory in bytes. */
  readonly rss: number
  /** Open connections. */
  readonly sockets: number
}
process.once('disconnect', () => process.exit(0))
process.once('message', ({ rendererDir, ...begin }: Begin) => {
  void (async () => {
    const engine = await Engine.start({ ...begin, spawn: forkProcess })
    const { origin, token } = await startHost({ engine, rendererDir })
    process.on('message', () => {
      const sockets = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length
      process.send?.({ rss: process.memoryUsage().rss, sockets } satisfies Resources)
    })
    process.send?.({ origin, token })
  })()
})
