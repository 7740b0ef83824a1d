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
  test('everything goes out as plain files, which the page saves one by one', async () => {
    const { go, button } = screens(() => driver)
    await go('Export')
    await button(m.export.everything.run).click()
    expect(await driver.saved(() => button('Save README.txt').click())).toContain('Reelabel')
  })
  test('the token has left the address', () => expect(driver.page.url()).not.toContain(host.token))
  test('a reload stays on its screen, with the project', async () => {
    const before = new URL(driver.page.url()).hash
    await driver.page.reload()
    await driver.page.getByRole('button', { name: /^Project: (?!none)/ }).waitFor()
    expect(new URL(driver.page.url()).hash).toBe(before)
  })
  test('the page has said nothing on its console', () => expect(errors).toEqual([]))
  test('the engine ends: the window says so', async () => {
    await host.close()
    await driver.page.getByRole('alertdialog', { name: m.connection.stopped }).waitFor()
  })
})
