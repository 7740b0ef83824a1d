import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULTS, MAX_STATE_CHARACTERS, type SettingsInfo } from '../../src/contract/settings.ts'
import { Bench, codeOf, finished } from '../support/project.ts'

test('settings are changed, reset and kept over a restart; all clients are told', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  const told: SettingsInfo[] = []
  b.engine.on('settings', (info) => told.push(info))
  expect(await b.call('settings.get', {})).toMatchObject({ settings: DEFAULTS, state: {}, problem: null })
  await b.call('settings.set', { values: { theme: 'dark', locale: 'de-CH', hourlyBackups: 2 } })
  await b.call('settings.remember', { state: { 'panes.review': 320 } })
  await b.call('backups.set', { automatic: false })
  const now = await b.call('settings.set', { reset: ['hourlyBackups'] })
  expect(told.map(({ settings, state }) => [settings.theme, settings.hourlyBackups, settings.automaticBackups, state])).toEqual([
    ['dark', 2, true, {}],
    ['dark', 2, true, { 'panes.review': 320 }],
    ['dark', 2, false, { 'panes.review': 320 }],
    ['dark', 24, false, { 'panes.review': 320 }],
  ])
  await b.restart()
  expect(await b.call('settings.get', {})).toEqual({ ...now })
  expect(now.folders.find(({ id }) => id === 'data')?.path).toBe(join(now.file, '..'))
})
test.each([
  { values: { theme: 'pink' } },
  { values: { locale: 'no locale' } },
  { values: { hourlyBackups: 0 } },
  { values: { unknown: 1 } },
  { reset: ['unknown'] },
])('%j is refused', async (args) => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  expect(await codeOf(() => b.call('settings.set', args as never))).toBe('bad-arguments')
})
test('the newest version is asked for at the address that is set, and at none without one', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  const check = () => b.call('settings.checkForUpdates', {})
  const { version } = await b.call('app.info', {})
  expect(await check()).toEqual({ version, newest: null, isNewer: false })
  let answer = ''
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.writeHead(answer === '' ? 404 : 200).end(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  await b.call('settings.set', { values: { updateAddress: `http://${host}/newest.json` } })
  for (const [newest, isNewer] of [
    ['0.0.9', false],
    [version, false],
    ['0.10.0', true],
    ['1.0.0', true],
  ] as const) {
    answer = JSON.stringify({ version: newest, more: 1 })
    expect(await check()).toEqual({ version, newest, isNewer })
  }
  for (const [bad, why] of [
    ['', 'status 404'],
    ['<html>', 'not like'],
    ['{"version": "new"}', 'not like'],
    ['x'.repeat(70_000), 'too long'],
  ] as const) {
    answer = bad
    await expect(check()).rejects.toMatchObject({
      code: 'no-update-answer',
      message: expect.stringContaining(`${host} does not say which version is the newest (`) as string,
    })
    await expect(check()).rejects.toThrow(why)
  }
  const before = asked
  await b.call('models.settings', { offline: true })
  expect(await codeOf(check)).toBe('offline')
  await b.call('settings.set', { values: { updateAddress: 'http://example.org/newest.json' } })
  expect([await codeOf(check), asked]).toEqual(['unsafe-address', before])
})
test('values of the window are limited', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  const remember = (state: Record<string, string>) => codeOf(() => b.call('settings.remember', { state }))
  expect(await remember({ long: 'x'.repeat(MAX_STATE_CHARACTERS) })).toBe('bad-arguments')
  expect(await remember({ 'a name': 'x' })).toBe('bad-arguments')
})
test('as many automatic backups are kept as the analyst chose', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  await b.decide('a', '+Comedy')
  const { folder } = await b.call('backups.list', {})
  await finished(b.engine, () => b.call('backups.make', {}))
  for (let i = 10; i < 20; i++) writeFileSync(join(folder, `000${i}-20260101-0000${i}-daily.reel`), '')
  await b.call('settings.set', { values: { dailyBackups: 3 } })
  await finished(b.engine, () => b.call('backups.make', {}))
  expect(readdirSync(folder).filter((name) => name.includes('daily'))).toHaveLength(3)
})
test('a damaged file is said when the program starts', async () => {
  const b = await Bench.open(['a: Drama', 'b: Comedy'])
  await b.engine.close()
  writeFileSync(join(b.folder, 'settings.json'), '{')
  await b.restart()
  const { notices } = await b.call('project.info', {})
  expect(notices.join()).toContain('settings.json cannot be read')
})
