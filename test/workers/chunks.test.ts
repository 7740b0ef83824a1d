import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertRoom, CHUNK_BYTES, expire, fetchFile, sendFile } from '../../src/main/workers/chunks.ts'
import { connect, type Redis } from '../../src/main/workers/connection.ts'
import { needs } from '../support/needs.ts'
import { scratch } from '../support/project.ts'
import { haveRedis, NO_REDIS, startRedis, type TestRedis } from '../support/redis.ts'

describe('files on a queue', needs(haveRedis, NO_REDIS), () => {
  let server: TestRedis
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis('--maxmemory', '20mb', '--maxmemory-policy', 'noeviction')
    redis = await connect(server.access)
  })
  afterAll(() => {
    redis.disconnect()
    server.stop()
  })
  const bytes = Buffer.alloc(CHUNK_BYTES + 100, 'plots')
  const fileWith = (contents: Buffer): string => {
    const path = join(scratch(), 'data')
    writeFileSync(path, contents)
    return path
  }
  const keyOf = (digest: string): string => `reelabel:chunk:${digest}`

  test('arrive as they were, in chunks named by their digests, which expire', async () => {
    const sent = await sendFile(redis, fileWith(bytes))
    const sha = (of: Buffer): string => createHash('sha256').update(of).digest('hex')
    expect(sent).toEqual({ name: 'data', chunks: [sha(bytes.subarray(0, CHUNK_BYTES)), sha(bytes.subarray(CHUNK_BYTES))] })
    expect(readFileSync(await fetchFile(redis, sent, scratch())).equals(bytes)).toBe(true)
    for (const digest of sent.chunks) expect(await redis.ttl(keyOf(digest))).toBeGreaterThan(47 * 3600)
    await expire(redis, [sent], 60)
    expect(await redis.ttl(keyOf(sent.chunks[0]!))).toBeLessThanOrEqual(60)
  })

  test('are sent once', async () => {
    const sent = await sendFile(redis, fileWith(Buffer.from('once')))
    await redis.set(keyOf(sent.chunks[0]!), 'what is there')
    await sendFile(redis, fileWith(Buffer.from('once')))
    expect(await redis.get(keyOf(sent.chunks[0]!))).toBe('what is there')
  })

  test('that were changed or have expired are refused, and leave no file', async () => {
    const sent = await sendFile(redis, fileWith(Buffer.from('text')))
    const folder = scratch()
    await redis.set(keyOf(sent.chunks[0]!), 'Text')
    await expect(fetchFile(redis, sent, folder)).rejects.toThrow('was changed on the queue')
    await redis.del(keyOf(sent.chunks[0]!))
    await expect(fetchFile(redis, sent, folder)).rejects.toThrow('is not on the queue any more')
    expect(() => readFileSync(join(folder, 'data'))).toThrow('ENOENT')
  })

  test('that are larger than the memory of the queue are refused before they are sent, or by Redis', async () => {
    const large = fileWith(Buffer.alloc(50_000_000, 1))
    await expect(assertRoom(redis, [large])).rejects.toThrow(/take 50 MB, and the queue has room for \d+ MB/)
    await assertRoom(redis, [fileWith(bytes)])
    const noise = fileWith(randomBytes(32 << 20))
    await expect(sendFile(redis, noise)).rejects.toThrow('no memory left')
  })

  test('of an address without a queue, or with a wrong password, fail in words', async () => {
    const wrong = { ...server.access, address: server.access.address.replace(/:\w+@/, ':wrong@') }
    await expect(connect(wrong)).rejects.toThrow(/The queue at 127\.0\.0\.1:\d+ cannot be used \(.*(?:WRONGPASS|NOAUTH|invalid)/)
    await expect(connect({ ...server.access, address: 'redis://127.0.0.1:1' })).rejects.toThrow('ECONNREFUSED')
  })
})
