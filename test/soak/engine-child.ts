/** An engine in a separate process that will be killed. A first message says where to start; it then answers calls over IPC. */
import type { Port } from '../../src/contract/rpc.ts'
import { toReply } from '../../src/contract/errors.ts'
import { Engine } from '../../src/main/engine.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'

export interface Begin {
  readonly dataDir: string
  readonly open: string | null
}
process.once('disconnect', () => process.exit(0))
process.once('message', (begin: Begin) => {
  Engine.start({ ...begin, spawn: forkProcess }).then(
    (engine) => {
      const port: Port = { post: (m) => void process.send?.(m), onMessage: (l) => void process.on('message', l) }
      engine.serve(port)
      process.send?.('ready')
    },
    (error: unknown) => process.send?.({ failed: toReply(error).message }),
  )
})
