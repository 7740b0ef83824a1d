/** The scenario in the browser host: the engine in this process, the window in a real Chromium. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { rendererDir } from '../../src/main/processes/entries.ts'
import { forkProcess, type WorkProcess } from '../../src/main/processes/work-process.ts'
import { startHost, type Host } from '../../src/main/host/serve.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { launchChromium } from '../standin/chromium.ts'
import { watch, type Driver } from './driver.ts'
import { scenario } from './scenario.ts'
import { screens } from './screens.ts'

let engine: Engine
let host: Host
let browser: Browser
let driver: Driver
let errors: string[]
let compute: WorkProcess<'compute'> | undefined

beforeAll(async () => {
  engine = await Engine.start({
    dataDir: mkdtempSync(join(tmpdir(), 'reelabel-host-')),
    spawn: (kind) => {
      const child = forkProcess(kind)
      if (kind === 'compute') compute = child as WorkProcess<'compute'>
      return child
    },
  })
  host = await startHost({ engine, rendererDir })
  browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  errors = watch(page)
  driver = {
    page,
    saved: async (act) => {
      const download = page.waitForEvent('download')
      await act()
      return readFileSync(await (await download).path(), 'utf8')
    },
    killCompute: () => Promise.resolve(compute?.kill()),
  }
  await page.goto(host.url)
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
  await engine?.close()
})

describe('browser host', () => {
  scenario(() => driver)
  test('the full export is one zip file', async () => {
    const { go, button } = screens(() => driver)
    await go('Export')
    await button(m.export.everything.run).click()
    expect(await driver.saved(() => button(/^Save .* everything .*\.zip$/).click())).toMatch(/^PK/)
  })
  test('the token is removed from the address', () => expect(driver.page.url()).not.toContain(host.token))
  test('a reload keeps the screen and the project', async () => {
    const before = new URL(driver.page.url()).hash
    await driver.page.reload()
    await driver.page.getByRole('button', { name: /^Project: (?!none)/ }).waitFor()
    expect(new URL(driver.page.url()).hash).toBe(before)
  })
  test('the console has no errors', () => expect(errors).toEqual([]))
  test('the window reports that the engine ended', async () => {
    await host.close()
    await driver.page.getByRole('alertdialog', { name: m.connection.stopped }).waitFor()
  })
})
