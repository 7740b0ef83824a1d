import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thisProcess } from '../../../src/main/files/process-identity.ts'
import { temporaryName } from '../../../src/main/files/temporary.ts'
import { cacheKey, prefixCache } from '../../../src/main/compute/train/prefix-cache.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'prefix-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const numbers = (n: number, x = 1): Float32Array => Float32Array.from({ length: n }, (_, i) => x / (i + 1))
const entry = (key: string): string => join(folder, `${key}.activations`)

test('numbers are restored bit by bit', async () => {
  await prefixCache(folder, 1e6).write('a', numbers(100))
  expect(await prefixCache(folder, 1e6).read('a')).toEqual(numbers(100))
  expect(await prefixCache(folder, 1e6).read('b')).toBeNull()
})
describe('damaged entries are ignored', () => {
  test.each<[string, (path: string) => void]>([
    ['a bit', (path) => writeFileSync(path, readFileSync(path).fill(7, 300, 301))],
    ['cut', (path) => truncateSync(path, 400)],
    ['a bit of the header', (path) => writeFileSync(path, readFileSync(path).fill(7, 60, 61))],
    ['empty', (path) => truncateSync(path, 0)],
  ])('%s', async (_, damage) => {
    const cache = prefixCache(folder, 1e6)
    await cache.write('a', numbers(100))
    damage(entry('a'))
    expect(await cache.read('a')).toBeNull()
    await cache.write('a', numbers(100))
    expect(await cache.read('a')).toEqual(numbers(100))
  })
})
describe('the budget', () => {
  test('is kept: the least recently used entry is removed', async () => {
    const cache = prefixCache(folder, 2000)
    for (const key of ['a', 'b', 'c']) {
      await cache.write(key, numbers(100))
      utimesSync(entry(key), 1000 + key.charCodeAt(0), 1000 + key.charCodeAt(0))
    }
    expect(await cache.read('a')).not.toBeNull()
    await cache.write('d', numbers(100))
    expect(readdirSync(folder).toSorted()).toEqual(['a', 'c', 'd'].map((key) => `${key}.activations`))
  })
  test('is limited by the free disk space, minus a reserve', async () => {
    const room = (budget: number, free: number): Promise<number> => prefixCache(folder, budget, () => free).room()
    expect(await Promise.all([room(5e9, 9e9), room(5e9, 3e9), room(5e9, 1e8), room(0, 9e9)])).toEqual([5e9, 2e9, 0, 0])
    // the space of its own entries can be reused
    await prefixCache(folder, 1e6).write('a', numbers(100))
    expect(await room(5e9, 3e9)).toBe(2e9 + 656)
  })
  test('of 0 stores nothing', async () => {
    const cache = prefixCache(folder, 0)
    await cache.write('a', numbers(1))
    expect(readdirSync(folder)).toEqual([])
  })
})
test('files of a killed process are removed', async () => {
  writeFileSync(temporaryName(join(folder, 'x.activations'), { ...thisProcess(), pid: 999_999_999 }), 'half')
  await prefixCache(folder, 1e6).write('a', numbers(1))
  expect(readdirSync(folder)).toEqual(['a.activations'])
})
test('a key depends on where its parts are separated', () => {
  const keys = [
    cacheKey('ab', 'c'),
    cacheKey('a', 'bc'),
    cacheKey('a', 1),
    cacheKey('a', Int32Array.of(1)),
    cacheKey('a', Int32Array.of(1, 0)),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})
