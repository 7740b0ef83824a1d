import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claim, CLAIM_FILE } from '../../src/main/hub/claim.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'claim-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const path = (): string => join(dir, CLAIM_FILE)
const dead = spawnSync(process.execPath, ['-e', '']).pid

test('a folder is claimed by one at a time, and given back', () => {
  const release = claim(dir, 'x')
  expect(() => claim(dir, 'x')).toThrow(/x is being downloaded already/)
  release()
  expect(existsSync(path())).toBe(false)
  claim(dir, 'x')()
})
test.each([
  ['a living process of this machine', { host: hostname(), pid: process.pid }, 1, true],
  ['a dead process of this machine', { host: hostname(), pid: dead }, 1, false],
  ['a process of another machine, heard of lately', { host: 'elsewhere', pid: dead }, 1, true],
  ['a process of another machine, silent for long', { host: 'elsewhere', pid: process.pid }, 100, false],
  // another process may have its number by now
  ['a process of this machine, silent for long', { host: hostname(), pid: process.pid }, 100, false],
])('the claim of %s', (_, owner, silentSeconds, held) => {
  writeFileSync(path(), JSON.stringify(owner))
  const at = new Date(Date.now() - silentSeconds * 1000)
  utimesSync(path(), at, at)
  if (held) expect(() => claim(dir, 'x')).toThrow(/already/)
  else claim(dir, 'x')()
})
test('a claim that is half written is one, for a while', () => {
  writeFileSync(path(), '{"host":')
  expect(() => claim(dir, 'x')).toThrow(/already/)
})
test('what another program took over is not given back', () => {
  const release = claim(dir, 'x')
  writeFileSync(path(), 'another one')
  release()
  expect(existsSync(path())).toBe(true)
})
