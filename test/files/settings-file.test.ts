import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULTS } from '../../src/contract/settings.ts'
import { SettingsFile } from '../../src/main/files/settings-file.ts'

function fileWith(text?: string): SettingsFile {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'settings.json')
  if (text !== undefined) writeFileSync(path, text)
  return new SettingsFile(path)
}
const stored = (file: SettingsFile): unknown => JSON.parse(readFileSync(file.path, 'utf8'))

test('only settings that differ from their defaults are stored, for the owner alone', async () => {
  const file = fileWith()
  expect([file.settings, file.state, file.problem, existsSync(file.path)]).toEqual([DEFAULTS, {}, null, false])
  await file.set({ theme: 'dark', density: 'comfortable', dailyBackups: 3 })
  expect(stored(file)).toEqual({ reelabel: 'settings', version: 1, settings: { theme: 'dark', dailyBackups: 3 }, state: {} })
  if (process.platform !== 'win32') expect(statSync(file.path).mode & 0o777).toBe(0o600)
  await file.set({ keys: { palette: ['Ctrl+P'] } }, ['dailyBackups'])
  expect(file.settings).toEqual({ ...DEFAULTS, theme: 'dark', keys: { palette: ['Ctrl+P'] } })
})
test('the state of the window is kept beside the settings, and null forgets a value', async () => {
  const file = fileWith()
  await file.remember({ 'panes.review': [1, 2], firstStepsClosed: true })
  await file.set({ theme: 'light' })
  await file.remember({ firstStepsClosed: null })
  expect([file.state, file.settings.theme]).toEqual([{ 'panes.review': [1, 2] }, 'light'])
})
test('the window keeps a limited number of values', async () => {
  const file = fileWith()
  await file.remember(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`v${i}`, i])))
  await expect(async () => file.remember({ more: 1 })).rejects.toMatchObject({ code: 'too-much-state' })
  await file.remember({ v7: null, more: 1 })
  expect([file.state['v7'], file.state['more']]).toEqual([undefined, 1])
})
test('the file from before it had a version, and settings of a later version, are kept', async () => {
  const old = fileWith('{"automaticBackups":false}')
  expect([old.settings.automaticBackups, old.problem]).toEqual([false, null])
  await old.set({ theme: 'dark' })
  expect(stored(old)).toMatchObject({ version: 1, settings: { automaticBackups: false, theme: 'dark' } })
  const later = fileWith('{"reelabel":"settings","version":1,"settings":{"font":"serif"},"state":{}}')
  await later.set({ theme: 'dark' })
  expect(stored(later)).toMatchObject({ settings: { font: 'serif', theme: 'dark' } })
  expect(later.settings).not.toHaveProperty('font')
})
test.each(['{"reelabel":', '[]', '{"reelabel":"settings","version":1,"settings":{"theme":"pink"},"state":{}}'])(
  'a damaged file (%s) is said, and kept when a setting is changed',
  async (text) => {
    const file = fileWith(text)
    expect([file.settings, file.state]).toEqual([DEFAULTS, {}])
    expect(file.problem).toContain('cannot be read')
    expect(readFileSync(file.path, 'utf8')).toBe(text)
    await file.set({ theme: 'dark' })
    expect(readFileSync(`${file.path}.damaged`, 'utf8')).toBe(text)
    expect([file.settings.theme, file.problem]).toEqual(['dark', expect.stringContaining(`${file.path}.damaged`)])
  },
)
test('what another program writes is read, also if it has the same length', async () => {
  const mine = fileWith()
  const other = new SettingsFile(mine.path)
  for (const annotator of ['ann', 'bob', 'ann']) {
    await other.set({ annotator })
    expect([mine.settings.annotator, mine.settings.annotator]).toEqual([annotator, annotator])
  }
  rmSync(mine.path)
  expect(mine.settings.annotator).toBe('')
})
