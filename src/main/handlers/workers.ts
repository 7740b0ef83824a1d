import type { QUEUE_METHODS } from '../../contract/workers.ts'
import { UserError } from '../../contract/errors.ts'
import { infoOf } from '../workers/access.ts'
import { storeQueue } from '../workers/queue-file.ts'
import type { Context, Handlers } from './context.ts'

export function workerHandlers(c: Context): Handlers<typeof QUEUE_METHODS> {
  return {
    'queue.get': () => infoOf(c.queue()),
    'queue.set': async ({ address, secret }) => {
      await storeQueue(c.queueFile, address === null ? null : { address, secret: secret || (c.queue()?.secret ?? '') })
      return infoOf(c.queue())
    },
    'queue.test': async () => {
      const queue = c.queue()
      if (!queue) throw new UserError('no-queue', 'No queue is set: save its address and its secret first.')
      const { testQueue } = await import('../workers/client.ts')
      return { workers: await testQueue(queue) }
    },
  }
}
