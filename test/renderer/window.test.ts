/** The built window in a real browser, in front of the fake engine: what the pure tests cannot see. Skipped without a Chromium. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { UserError } from '../../src/contract/errors.ts'
import { launchChromium } from '../standin/chromium.ts'
import { buildWindow, serveFake } from './dev.ts'
import { FakeApi } from './fake-api.ts'

const VIEWS = ['import', 'overview', 'review', 'train', 'export']
const dir = mkdtempSync(join(tmpdir(), 'reelabel-window-'))
let browser: Browser
const said: string[] = []

async function open(
  api: FakeApi,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<{ page: Page; close: () => Promise<void>; stop: () => void }> {
  const host = await serveFake(dir, api)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: 'reduce' })
  page.on('pageerror', (e) => said.push(e.message))
  page.on('console', (m) => m.type() === 'error' && said.push(m.text()))
  await page.goto(host.url)
  const close = async () => {
    await page.close()
    host.close()
  }
  return { page, close, stop: host.close }
}
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const found = await page.evaluate((runOnly) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly }), tags)
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)}`))
}
const selected = (page: Page) => page.locator('[role=option][aria-selected=true]')

describe.skipIf(findChromium() === null)('the window', () => {
  beforeAll(async () => {
    await buildWindow(dir)
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('no view has an accessibility problem in the dark either', async () => {
    const { page, close } = await open(new FakeApi({ count: 60 }), 'dark')
    for (const view of VIEWS) {
      await page.getByRole('link', { name: view, exact: false }).first().click()
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      expect([view, await violations(page)]).toEqual([view, []])
    }
    await close()
    expect(said.splice(0)).toEqual([])
  })

  test('a decision that the engine refuses is taken back, and the reason stays until it is read', async () => {
    const api = new FakeApi({ count: 60 })
    const { page, close } = await open(api)
    await page.getByRole('link', { name: 'Review' }).click()
    const box = page.getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox').first()
    const before = await box.isChecked()
    await page.locator('mark').first().waitFor()
    api.failNext.set('labels.apply', new UserError('read-only', 'The project file cannot be written: free some space.'))
    await box.click()
    await page.getByRole('alert').getByText('free some space').waitFor()
    await expect.poll(() => box.isChecked()).toBe(before)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.getByText('free some space').waitFor({ state: 'detached' })
    await close()
  })

  test('the list keeps its order while its movies change, until it is refreshed', async () => {
    const api = new FakeApi({ count: 60 })
    const { page, close } = await open(api)
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const first = await selected(page).locator('.title').innerText()
    await page.keyboard.press('Shift+A')
    await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe('2')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => selected(page).innerText()).toContain('reviewed')
    expect(await selected(page).locator('.title').innerText()).toBe(first)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect.poll(() => page.getByText(first, { exact: true }).count()).toBe(0)
    await close()
  })

  test('says that the engine stopped, and reloading keeps the token', async () => {
    const { page, close, stop } = await open(new FakeApi({ count: 60 }))
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(page.url()).not.toContain('token')
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    stop()
    await page.getByRole('alertdialog', { name: 'The engine stopped' }).waitFor()
    await page.getByText('Start it again and open the address that it prints.').waitFor()
    await page.getByRole('button', { name: 'Try this address again' }).waitFor()
    said.length = 0
    await close()
  })
})
