import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processOf, thisProcess } from '../../src/main/files/process-identity.ts'
import { removeAbandoned, TemporaryFiles, temporaryName } from '../../src/main/files/temporary.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'temporary-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const DAY_S = 24 * 3600
const ended = { ...thisProcess(), pid: 999_999_999 }
const elsewhere = { ...thisProcess(), host: 'elsewhere' }

test.each([
  ['this process', thisProcess(), 0, false],
  ['another running process', processOf(process.ppid), 2 * DAY_S, false],
  ['an ended process', ended, 0, true],
  ['an ended process that had the id of this one', { ...thisProcess(), began: '1' }, 0, process.platform === 'linux'],
  ['another machine, recentYield', elsewhere, 0.5 * DAY_S, false],
  ['another machine, two days ago', elsewhere, 2 * DAY_S, true],
])('a file of %s', (_, owner, ageSeconds, removed) => {
  const path = temporaryName(join(dir, 'x.csv'), owner)
  const at = new Date(Date.now() - ageSeconds * 1000)
  for (const file of [path, `${path}-wal`]) {
    writeFileSync(file, 'half')
    utimesSync(file, at, at)
  }
  expect(removeAbandoned(dir)).toEqual(removed ? [join(dir, 'x.csv')] : [])
  expect(readdirSync(dir)).toHaveLength(removed ? 0 : 2)
})

test('other names are never removed, whatever they look like', () => {
  const names = ['x.csv', '.x.csv.tmp', '.x.csv.0123456789ab.tmp', `${basename(temporaryName('x', ended))}x`]
  for (const name of names) writeFileSync(join(dir, name), '')
  expect(removeAbandoned(dir)).toEqual([])
  expect(readdirSync(dir).sort()).toEqual(names.sort())
})

test('a name of 255 bytes has a temporary name, too', () => {
  const path = temporaryName(join(dir, 'é'.repeat(127)), ended)
  writeFileSync(path, '')
  expect(removeAbandoned(dir)[0]).toContain('éé')
  expect(readdirSync(dir)).toEqual([])
})

test('what is listed is removed from any folder once its process has ended', () => {
  const files = new TemporaryFiles(join(dir, 'list'))
  const folder = temporaryName(join(dir, 'models'), ended)
  mkdirSync(join(folder, 'inside'), { recursive: true })
  const own = temporaryName(join(dir, 'own.csv'))
  writeFileSync(own, 'half')
  for (const path of [folder, own]) files.begin(path)
  files.begin(join(dir, 'x.csv')) // no name of ours
  writeFileSync(join(dir, 'x.csv'), 'whole')
  expect(new TemporaryFiles(join(dir, 'list')).removeAbandoned()).toEqual([join(dir, 'models')])
  expect([folder, own, join(dir, 'x.csv')].map((path) => existsSync(path))).toEqual([false, true, true])
  expect(readdirSync(join(dir, 'list'))).toHaveLength(1)
  files.end(own)
  expect(readdirSync(join(dir, 'list'))).toEqual([])
})
