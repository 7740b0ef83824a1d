import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storedQueue, storeQueue } from '../../src/main/workers/queue-file.ts'
import { scratch } from '../support/project.ts'

const access = { address: 'rediss://:hush@queue.example:6379', secret: 'a secret of sixteen' }

test('a queue is stored for its owner only, and forgotten', async () => {
  const path = join(scratch(), 'queue.json')
  expect(storedQueue(path)).toBeNull()
  await storeQueue(path, access)
  expect(storedQueue(path)).toEqual(access)
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0)
  await storeQueue(path, null)
  expect(existsSync(path)).toBe(false)
  await storeQueue(path, null)
})

test('a queue that cannot be used is not stored; a damaged file is no queue', async () => {
  const path = join(scratch(), 'queue.json')
  await storeQueue(path, access)
  await expect(storeQueue(path, { ...access, secret: 'short' })).rejects.toThrow('at least 16 characters')
  await expect(storeQueue(path, { ...access, address: 'queue.example' })).rejects.toThrow('redis://HOST')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(access)
  writeFileSync(path, '{"address": 1')
  expect(storedQueue(path)).toBeNull()
})
