/**
 * The analyst's whole loop by keyboard alone, in the browser host: import, train, review, retrain, export. Each stage first makes what it
 * starts from through the engine if an earlier stage did not, so that one failure does not bring the others with it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { startHost, type Host } from '../../src/main/host/serve.ts'
import { rendererDir } from '../../src/main/processes/entries.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { launchChromium } from '../standin/chromium.ts'
import { finished } from '../support/project.ts'
import type { View } from './screens.ts'

const MOST_TABS = 150
const ACTION_MS = 20_000
const TRAINING_MS = 180_000
const DECISIONS = 6

/** @param csv a catalogue with a column of genres, of at least 100 movies */
export function keyboardStages(csv: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-keyboard-'))
  let engine: Engine
  let host: Host
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    engine = await Engine.start({ dataDir: folder, spawn: forkProcess })
    host = await startHost({ engine, rendererDir })
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(ACTION_MS)
    // with a listener the browser leaves choosing files to the test, from now on
    page.on('filechooser', () => undefined)
    await page.goto(host.url)
    await page.getByRole('button', { name: /^Project: / }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.close()
    await engine?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  // a dialog that a failed stage left open is in nobody's way
  beforeEach(async () => {
    await page.reload()
    await page.getByRole('button', { name: /^Project: / }).waitFor()
  })

  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key)
  }
  /** Opens a screen by the palette. */
  const go = async (view: View): Promise<void> => {
    await press('Control+k')
    const palette = page.getByRole('dialog', { name: m.shell.palette.title })
    await palette.waitFor()
    await page.keyboard.type(view)
    // actions and screens of similar names are listed together
    const isChosen = palette.getByRole('group', { name: m.shell.screens }).getByRole('option', { name: view, selected: true })
    await palette.getByRole('group', { name: m.shell.screens }).getByRole('option', { name: view }).first().waitFor()
    for (let i = 0; i < MOST_TABS && (await isChosen.count()) === 0; i++) await press('ArrowDown')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' })
  }
  /** Presses Tab until the focus is on a button or a field whose name matches. */
  const tabTo = async (name: RegExp): Promise<void> => {
    const names: string[] = []
    for (let i = 0; i < MOST_TABS; i++) {
      await press('Tab')
      const focused = await page.evaluate(() => {
        const e = document.activeElement
        if (!e?.matches('button, input, select, textarea')) return ''
        const label = (e as HTMLInputElement | null)?.labels?.[0]?.textContent
        return (e.getAttribute('aria-label') ?? label ?? e.textContent ?? '').trim()
      })
      if (name.test(focused)) return
      names.push(focused)
    }
    throw new Error(`Tab does not reach ${String(name)}; it reaches: ${names.join(' | ')}`)
  }
  const movies = async (): Promise<number> => (await engine.call('project.info', {})).kept
  const done = async () => (await engine.call('runs.list', {})).filter(({ status }) => status === 'done')
  const corrections = async (): Promise<number> => (await engine.call('labels.state', {})).corrections
  const imported = async (): Promise<boolean> => (await engine.call('project.info', {})).name === 'keyboard'
  const makeImported = async (): Promise<void> => {
    if (!(await imported())) await finished(engine, () => engine.call('import.run', { paths: [csv], name: 'keyboard' }))
  }
  const makeTrained = async (): Promise<void> => {
    await makeImported()
    if ((await done()).length === 0) await finished(engine, () => engine.call('train.start', {}))
  }

  test(
    'a file is chosen, and its plan is imported',
    async () => {
      await go('Import')
      await tabTo(/^Choose files/)
      const chooser = page.waitForEvent('filechooser')
      await press('Enter')
      await (await chooser).setFiles(csv)
      await page.getByLabel(m.import.start.name).waitFor()
      await tabTo(new RegExp(`^${m.import.start.name}`))
      await press('Control+a')
      await page.keyboard.type('keyboard')
      await tabTo(/^Import [\d,]+ movies|^Import/)
      await press('Enter')
      await expect.poll(imported, { timeout: TRAINING_MS }).toBe(true)
      expect(await movies()).toBeGreaterThan(100)
    },
    TRAINING_MS,
  )

  test(
    'a model is trained',
    async () => {
      await makeImported()
      await go('Train')
      await tabTo(/^Train Linear/)
      await press('Enter')
      await expect.poll(async () => (await done()).length, { timeout: TRAINING_MS }).toBe(1)
    },
    TRAINING_MS,
  )

  test(
    'suggestions are accepted, a genre is changed by its name, a decision is undone',
    async () => {
      await makeTrained()
      await go('Review')
      const title = page.getByRole('region', { name: 'Selected movie' }).getByRole('heading', { level: 2 })
      await title.waitFor()
      const before = await corrections()
      for (let i = 0; i < DECISIONS; i++) {
        const shown = await title.innerText()
        await press('Shift+A')
        await expect.poll(() => title.innerText()).not.toBe(shown)
      }
      await expect.poll(corrections).toBeGreaterThan(before)
      const accepted = await corrections()
      await press('Control+z')
      await expect.poll(corrections).toBeLessThan(accepted)
      await press('Control+Shift+z')
      await expect.poll(corrections).toBe(accepted)
    },
    TRAINING_MS,
  )

  test(
    'a retrain with the corrections is judged',
    async () => {
      await makeTrained()
      if ((await corrections()) === 0) {
        const { movies: [movie] } = await engine.call('review.first', { limit: 1 }) // prettier-ignore
        await engine.call('labels.apply', { changes: [{ field: 'label', movie: movie!, genre: 0, to: true }] })
      }
      const runs = (await done()).length
      await go('Train')
      // the search for suspects follows a training in the same job
      await page.getByRole('button', { name: m.status.jobs(m.jobs.none) }).waitFor({ timeout: TRAINING_MS })
      await tabTo(/^Retrain with/)
      await press('Enter')
      await expect.poll(async () => (await done()).length, { timeout: TRAINING_MS }).toBe(runs + 1)
      await page
        .getByRole('status')
        .filter({ hasText: /^(?:Better|Worse|Undecided): / })
        .waitFor({ timeout: TRAINING_MS })
    },
    TRAINING_MS,
  )

  test(
    'the cleaned catalogue is exported',
    async () => {
      await makeImported()
      await go('Export')
      await tabTo(/^Export$/)
      const download = page.waitForEvent('download')
      await press('Enter')
      const lines = (path: string): number => readFileSync(path, 'utf8').trimEnd().split('\n').length
      expect(lines(await (await download).path())).toBe(lines(csv))
    },
    TRAINING_MS,
  )
}
