/** The scenario in real Electron, where its binary is installed (`npx install-electron`); REQUIRE_ELECTRON=1 makes that a must. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watch, type Driver } from './driver.ts'
import { scenario } from './scenario.ts'
import { needs } from '../support/needs.ts'

const root = join(import.meta.dirname, '../..')
const installed = existsSync(join(root, 'node_modules/electron/path.txt'))
if (process.env['REQUIRE_ELECTRON'] === '1' && !installed) throw new Error('Electron is not installed: run npx install-electron')

/** One skip stands for all of them. */
const electron = installed
  ? describe
  : (name: string) => test(name, needs(false, 'Electron is not installed: run npx install-electron'), () => undefined)

electron('the scenario in Electron', () => {
  const data = mkdtempSync(join(tmpdir(), 'reelabel-electron-'))
  let app: ElectronApplication
  let driver: Driver
  let errors: string[]

  beforeAll(async () => {
    app = await _electron.launch({
      executablePath: createRequire(import.meta.url)('electron') as string,
      args: [root, ...(process.platform === 'linux' ? ['--ozone-platform=x11'] : [])],
      env: { ...(process.env as Record<string, string>), REELABEL_DATA: data },
      chromiumSandbox: process.env['CHROMIUM_SANDBOX'] === '1',
    })
    const page = await app.firstWindow()
    errors = watch(page)
    driver = {
      page,
      saved: async (act) => {
        const filePath = join(data, 'saved.csv')
        rmSync(filePath, { force: true })
        await app.evaluate(({ dialog }, path) => {
          dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path })
        }, filePath)
        await act()
        // files are written atomically
        await expect.poll(() => existsSync(filePath), { timeout: 30_000 }).toBe(true)
        return readFileSync(filePath, 'utf8')
      },
      killCompute: async () => {
        const find = (): Promise<number | undefined> =>
          app.evaluate(({ app: a }) => a.getAppMetrics().find((m) => m.name === 'Reelabel compute')?.pid)
        await expect.poll(find).toBeGreaterThan(0)
        process.kill((await find())!, 'SIGKILL')
      },
    }
  })
  afterAll(() => app?.close())

  scenario(() => driver)
  test('the page is ours and sees nothing of Node', async () => {
    expect(driver.page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
    expect(await driver.page.evaluate(() => ['require', 'process', 'module'].filter((k) => k in window))).toEqual([])
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })
  test('the page has said nothing on its console', () => expect(errors).toEqual([]))
})
