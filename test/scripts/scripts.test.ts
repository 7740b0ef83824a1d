import { mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { isRecent, run } from '../../scripts/lib/node.mjs'
import { isStale } from '../../scripts/lib/stale.mjs'
import { closingLine, failures, skips, sum, type Report } from '../../scripts/lib/totals.mjs'
import { needs } from '../support/needs.ts'
import { root } from '../support/paths.ts'

test.each([
  ['20.20.2', false],
  ['22.17.1', false],
  ['22.18.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
])('Node %s runs the sources: %s', (version, expected) => expect(isRecent(version)).toBe(expected))

test('npm runs no script of a dependency and asks for no version of itself; dependencies are audited in continuous integration', () => {
  const npmrc = readFileSync(join(root, '.npmrc'), 'utf8')
  for (const line of ['ignore-scripts=true', 'update-notifier=false']) expect(npmrc.split('\n')).toContain(line)
  expect(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')).toMatch(/^ {6}- run: npm audit --audit-level=high$/m)
})

describe('stale', () => {
  const dir = mkdtempSync(join(tmpdir(), 'reelabel-stale-'))
  const file = (name: string, second: number): string => {
    const path = join(dir, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, '')
    utimesSync(path, second, second)
    return path
  }
  const old = file('out/old.js', 1000)
  const fresh = file('out/fresh.js', 3000)
  file('src/deep/a.ts', 2000)
  for (const d of ['src', 'src/deep']) utimesSync(join(dir, d), 1, 1)
  const src = join(dir, 'src')
  test('newer than every source: no', () => expect(isStale([fresh], [src])).toBe(false))
  test('one output older: yes', () => expect(isStale([fresh, old], [src])).toBe(true))
  test('one output missing: yes', () => expect(isStale([fresh, join(dir, 'none')], [src])).toBe(true))
})

describe('totals', () => {
  const report = (passed: number, failed: number, pending: number, files: Report['testResults'] = []) => ({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 1,
    testResults: files,
  })
  test('are summed over the reports', () =>
    expect(closingLine(sum([report(10, 0, 2), report(5, 1, 0)]))).toBe('15 passed, 1 failed, 4 skipped'))
  test('a file that failed to load is a failure', () =>
    expect(
      sum([
        report(1, 1, 0, [
          { status: 'failed', assertionResults: [] },
          { status: 'failed', assertionResults: [{ fullName: 'a', status: 'failed' }] },
        ]),
      ]).failed,
    ).toBe(2))
  test('every skipped test is named with its reason', () => {
    const tests = [
      { fullName: 'reads', status: 'passed', meta: {} },
      { fullName: 'fills a disk', status: 'skipped', meta: { reason: 'needs root' } },
      { fullName: 'later', status: 'todo' },
    ]
    expect(skips([report(1, 0, 1, [{ status: 'passed', assertionResults: tests }])])).toEqual([
      'Skipped: fills a disk (needs root)',
      'Skipped: later (no reason given)',
    ])
  })
  test('every failed test and every file that failed to load is named with its message', () => {
    const files = [
      { status: 'failed', name: 'a.test.ts', message: 'No test suite found', assertionResults: [] },
      {
        status: 'failed',
        assertionResults: [{ fullName: 'adds', status: 'failed', failureMessages: ['expected 3 to be 2\n    at a.ts:1'] }],
      },
      { status: 'passed', assertionResults: [{ fullName: 'reads', status: 'passed', failureMessages: [] }] },
    ]
    expect(failures([report(1, 1, 0, files)])).toEqual(['Failed: a.test.ts (No test suite found)', 'Failed: adds (expected 3 to be 2)'])
  })
})

describe('run', () => {
  const signals = needs(process.platform !== 'win32', 'Windows has no signals')
  const lib = new URL('../../scripts/lib/node.mjs', import.meta.url).href
  const through = (program: string): string[] => [
    '--input-type=module',
    '-e',
    `import { endAs, run } from ${JSON.stringify(lib)}; endAs(await run(process.execPath, ['-e', ${JSON.stringify(program)}]))`,
  ]
  test('gives the output of both streams to a receiver, and the exit code to the caller', async () => {
    let output = ''
    const program = 'console.log("out"); console.error("err"); process.exitCode = 3'
    expect(await run(process.execPath, ['-e', program], process.env, (bytes) => (output += bytes.toString()))).toBe(3)
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out'])
  })
  test('passes the exit code on', () => expect(spawnSync(process.execPath, through('process.exit(7)')).status).toBe(7))
  test('passes signals to the program, and its end to the caller', signals, async () => {
    const child = spawn(
      process.execPath,
      through('setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(9)); console.log("up")'),
    )
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGTERM')
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(9)
  })
  test('ends by the signal that ended the program', signals, () =>
    expect(spawnSync(process.execPath, through('process.kill(process.pid, "SIGKILL")')).signal).toBe('SIGKILL'),
  )
})
