import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holders, SharedLock } from '../../src/main/files/locks.ts'
import { thisProcess } from '../../src/main/files/process-identity.ts'
import { needs } from '../support/needs.ts'

let dir: string
let prefix: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'locks-'))
  prefix = join(dir, '.model.lock-')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const dead = spawnSync(process.execPath, ['-e', '']).pid

test('every holder sees the others, and its file goes with it', () => {
  const [one, two] = [new SharedLock(prefix, thisProcess()), new SharedLock(prefix, thisProcess())]
  expect([one.others(), two.others(), holders(prefix)].map((h) => h.length)).toEqual([1, 1, 2])
  two.release()
  expect(one.others()).toEqual([])
  one.release()
  expect(readdirSync(dir)).toEqual([])
})

test.each([
  ['a running process of this machine', { host: hostname(), pid: process.pid, began: null }, 1, true],
  ['a running process of this machine whose start time is known, without a heartbeat', thisProcess(), 1000, true],
  ['an ended process of this machine', { host: hostname(), pid: dead, began: null }, 1, false],
  ['a process of another machine with a heartbeat', { host: 'elsewhere', pid: dead, began: null }, 1, true],
  ['a process of another machine whose heartbeat is in years to come', { host: 'elsewhere', pid: dead, began: null }, -2e9, false],
  ['a process of another machine without a heartbeat', { host: 'elsewhere', pid: process.pid, began: null }, 1000, false],
  // another process may have this id by now
  [
    'a process of this machine whose start time is not known, without a heartbeat',
    { host: hostname(), pid: process.pid, began: null },
    1000,
    false,
  ],
])('the lock of %s', (_, owner, silentSeconds, held) => {
  const path = `${prefix}x`
  writeFileSync(path, JSON.stringify(owner))
  const at = new Date(Date.now() - silentSeconds * 1000)
  utimesSync(path, at, at)
  const lock = new SharedLock(prefix, thisProcess())
  expect(lock.others()).toHaveLength(held ? 1 : 0)
  expect(readdirSync(dir)).toHaveLength(held ? 2 : 1)
  lock.release()
})

test('a lock file is complete as soon as it has its name; what is none is left alone', () => {
  const lock = new SharedLock(prefix, thisProcess())
  const [name = ''] = readdirSync(dir)
  expect(JSON.parse(readFileSync(join(dir, name), 'utf8'))).toEqual(thisProcess())
  const others = ['broken', 'folder', 'dangling', 'pipe', 'large'].map((each) => `${prefix}${each}`)
  const [broken = '', folder = '', dangling = '', pipe = '', large = ''] = others
  writeFileSync(broken, '{"host":')
  mkdirSync(folder)
  symlinkSync('nowhere', dangling)
  if (process.platform !== 'win32') spawnSync('mkfifo', [pipe])
  writeFileSync(large, JSON.stringify({ ...thisProcess(), pid: dead, text: 'x'.repeat(100_000) }))
  const before = readdirSync(dir)
  expect(lock.others()).toEqual([])
  expect(readdirSync(dir)).toEqual(before)
  lock.release()
})

test('a lock makes no folder', () => {
  expect(() => new SharedLock(join(dir, 'none', '.x.open-'), thisProcess())).toThrow('ENOENT')
  expect(readdirSync(dir)).toEqual([])
})

test(
  'the lock of a dead process that may not be removed is in nobody’s way',
  needs(process.getuid?.() !== 0 && process.platform !== 'win32', 'root may do everything'),
  () => {
    writeFileSync(`${prefix}x`, JSON.stringify({ ...thisProcess(), pid: dead }))
    chmodSync(dir, 0o500)
    expect(holders(prefix)).toEqual([])
    chmodSync(dir, 0o700)
  },
)
