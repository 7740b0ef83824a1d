/** A browser in front of the built window, for the tests of its screens. Several files of tests use it, so that they run side by side. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { findChromium, findHeadlessShell } from '../../scripts/lib/chromium.mjs'
import { launchChromium } from '../standin/chromium.ts'
import { required } from '../../src/contract/required.ts'
import { needs } from '../support/needs.ts'
import { buildWindow, makeTemplates, WindowEngine, type Opened, type OpenOptions, type Templates } from './window-engine.ts'

const buildDir = mkdtempSync(join(tmpdir(), 'reelabel-window-'))
let built: string | undefined
/** The folder of the built window. */
export const windowDir = (): string => required(built, 'a built window')
/** A page lives for seconds: optimising its scripts, and collecting garbage on several threads, takes more time than it saves. */
const SHORT_LIVED = '--js-flags=--no-turbofan --single-threaded-gc'
let browser: Browser | undefined
/** A second browser, for tests that need WebGL2: it draws on the processor, which would double the time of all other tests. */
let drawing: Promise<Browser> | undefined
let templates: Templates | undefined
/** Errors of pages and of their consoles. */
export const said: string[] = []

/** A page in front of an engine on a copy of the sample project. */
export async function open({ colorScheme = 'light', webgl = false, ...project }: OpenOptions = {}): Promise<Opened> {
  const engine = await startEngine(project)
  const shown = webgl ? await drawingBrowser() : aBrowser()
  const page = await shown.newPage({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: 'reduce' })
  page.on('pageerror', (e) => said.push(e.message))
  page.on('console', (m) => m.type() === 'error' && said.push(m.text()))
  await page.goto(await engine.serve(windowDir()))
  const close = async () => {
    await page.close()
    await engine.close()
  }
  return { page, engine, close }
}
/** What axe finds: the rule and the element of each violation. An open dialog or menu is examined alone: the screen below it is a state of its own. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    // what passes is not described in full, which takes as long as finding the violations
    const layers = [...document.querySelectorAll('[role=dialog], [role=alertdialog], [role=menu]')].filter((e) => e.checkVisibility())
    const found = await run(layers.at(-1) ?? document, { runOnly, resultTypes: ['violations'] })
    return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)}`))
  })
}

/** An engine on a copy of the sample project, without a page. */
export const startEngine = (project?: OpenOptions): Promise<WindowEngine> => WindowEngine.start(required(templates, 'templates'), project)
/** The browser of this file's tests. */
export const aBrowser = (): Browser => required(browser, 'a browser')
const drawingBrowser = (): Promise<Browser> =>
  (drawing ??= launchChromium(['--enable-unsafe-swiftshader', '--use-gl=angle', '--use-angle=swiftshader'], findHeadlessShell()))

/** Runs tests with a browser and a built window; they are skipped without a Chromium. */
export function describeWindow(name: string, tests: () => void): void {
  describe(name, needs(findChromium() !== null, 'no Chromium: install it, or set CHROMIUM to its path'), () => {
    beforeAll(async () => {
      built = await buildWindow(buildDir)
      templates = await makeTemplates()
      browser = await launchChromium([SHORT_LIVED], findHeadlessShell())
    }, 180_000)
    afterAll(async () => {
      await browser?.close()
      await (await drawing)?.close()
      for (const folder of [buildDir, templates?.folder]) if (folder) rmSync(folder, { recursive: true, force: true })
    })

    tests()
  })
}
