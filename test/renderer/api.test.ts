import { expect, test } from 'vitest'
import { MAX_MESSAGE_BYTES } from '../../src/contract/web.ts'
import { RpcClient } from '../../src/contract/rpc.ts'
import { toText } from '../../src/renderer/api.ts'

const record = (raw: string) => ({ records: [{ record: 1, raw }] })

test('a call that the host would not take is refused in the window, by its bytes, and no other call suffers', async () => {
  const sent: string[] = []
  const client = new RpcClient({ post: (message) => void sent.push(toText(message)), onMessage: () => undefined })
  await expect(client.call('rejected.retry', record('x'.repeat(MAX_MESSAGE_BYTES)))).rejects.toMatchObject({ code: 'message-too-large' })
  await expect(client.call('rejected.retry', record('€'.repeat(MAX_MESSAGE_BYTES / 3)))).rejects.toMatchObject({
    code: 'message-too-large',
    message: expect.stringContaining('6 MB') as string,
  })
  void client.call('rejected.retry', record('x'.repeat(MAX_MESSAGE_BYTES - 200)))
  void client.call('rejected.retry', record('é'.repeat(MAX_MESSAGE_BYTES / 2 - 200)))
  expect(sent).toHaveLength(2)
})
