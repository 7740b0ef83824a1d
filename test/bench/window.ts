/**
 * Measures the window in Chromium, in front of the browser host and a real engine in this process:
 *
 *   node test/bench/window.ts PROJECT.reel
 *
 * The window must be built (`npm run build`). Milliseconds, and megabytes. `start`: from the start of the engine until the Overview of the
 * project is drawn. `key`: from a key event of Review until the frame after the next movie is shown. `scroll`: the list is moved by 5 rows
 * in every frame; `blank` counts visible rows without their movie. `filter`: from Enter until the list has its new length. `genres200`: from
 * the click until the Overview of 5,000 movies with 200 genres is drawn, several times. `drag`: from a step of a threshold's slider until the frame with its
 * figures. `renderer`: resident memory of the page's process at the end.
 * Without a graphics card all is drawn by the processor. Prints one JSON line.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { startHost } from '../../src/main/host/serve.ts'
import { rendererDir } from '../../src/main/processes/entries.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { launchChromium } from '../standin/chromium.ts'
import { projectOf } from '../support/generate.ts'
import { report, round, spread, withEngine } from './measure.ts'

const [project] = process.argv.slice(2)
if (project === undefined) throw new Error('usage: window.ts PROJECT.reel')
const [KEYS, FRAMES, ROWS_A_FRAME, DRAGS, CLICKS] = [100, 200, 5, 60, 10]
const FILTERS = ['genre:Drama', 'genre:Horror -genre:Thriller', 'p(Comedy)>0.4', 'year<1960', 'genres>2']

/** Waits until nothing loads, and for the frame after that. */
const settled = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('.late, [aria-busy="true"]') === null)
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
}
const screen = (page: Page, name: string) =>
  page.getByRole('navigation', { name: m.shell.screens }).getByRole('link', { name, exact: true })

/** Milliseconds until the Overview is drawn: from the start of the engine, and from a click on its link after another screen. */
async function overview(
  browser: Browser,
  path: string,
): Promise<{ start: number; clicks: number[]; page: Page; close: () => Promise<void> }> {
  const begin = performance.now()
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  let host: Awaited<ReturnType<typeof startHost>> | undefined
  const url = await new Promise<string>((resolve, reject) => {
    withEngine(path, async (engine) => {
      host = await startHost({ engine, rendererDir })
      resolve(host.url)
      await ended
    }).catch(reject)
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  // the strategies of the Thresholds screen alone may take longer than the default of 30 seconds where other programs run
  page.setDefaultTimeout(180_000)
  await page.goto(url)
  await page.getByRole('heading', { level: 1, name: m.shell.titles.overview }).waitFor()
  await settled(page)
  const start = performance.now() - begin
  const clicks: number[] = []
  for (let i = 0; i < CLICKS; i++) {
    await screen(page, m.shell.titles.settings).click()
    await settled(page)
    const clicked = performance.now()
    await screen(page, m.shell.titles.overview).click()
    await page.getByRole('heading', { level: 1, name: m.shell.titles.overview }).waitFor()
    await settled(page)
    clicks.push(performance.now() - clicked)
  }
  const close = async (): Promise<void> => {
    await page.close()
    await host?.close()
    end()
  }
  return { start, clicks, page, close }
}

/** Milliseconds from the key event until the frame that shows another movie. */
async function keyToPaint(page: Page): Promise<number> {
  await page.evaluate(() => {
    const scope = globalThis as unknown as { shown: Promise<number> }
    scope.shown = new Promise((resolve) => {
      const before = document.querySelector('article h2')?.textContent
      const onKey = (e: KeyboardEvent): void => {
        removeEventListener('keydown', onKey, true)
        const look = (): void => {
          if (document.querySelector('article h2')?.textContent === before) requestAnimationFrame(look)
          else requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - e.timeStamp)))
        }
        requestAnimationFrame(look)
      }
      addEventListener('keydown', onKey, true)
    })
  })
  await page.keyboard.press('j')
  return page.evaluate(() => (globalThis as unknown as { shown: Promise<number> }).shown)
}

/** Scrolls the list: the interval between frames, and the visible rows that had no movie yet. */
const scroll = (page: Page): Promise<{ frames: number[]; rows: number; blank: number }> =>
  page.evaluate(
    async ([count, rowsAFrame]) => {
      const list = document.querySelector('[role="listbox"]:has([aria-posinset])')!
      const option = list.querySelector('[role="option"]')!
      const row = option.getBoundingClientRect().height
      // a list that is higher than an element can be is scrolled by less than its rows: see FixedList
      const rows = row * Number(option.getAttribute('aria-setsize')) - list.clientHeight
      const scale = Math.max(1, rows / (list.scrollHeight - list.clientHeight))
      const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
      const frames: number[] = []
      let [last, seen, blank] = [await nextFrame(), 0, 0]
      for (let i = 0; i < count; i++) {
        list.scrollTop += (row * rowsAFrame) / scale
        const now = await nextFrame()
        frames.push(now - last)
        last = now
        const { top, bottom } = list.getBoundingClientRect()
        for (const option of list.querySelectorAll('[role="option"]')) {
          const box = option.getBoundingClientRect()
          if (box.bottom < top || box.top > bottom) continue
          seen++
          if (option.querySelector('.late')) blank++
        }
      }
      return { frames, rows: seen, blank }
    },
    [FRAMES, ROWS_A_FRAME] as const,
  )

async function filterToList(page: Page, where: string): Promise<number> {
  const status = page.getByRole('search').getByRole('status')
  const before = await status.textContent()
  const field = page.getByRole('search').getByRole('combobox').first()
  await field.fill(where)
  const begin = performance.now()
  await field.press('Enter')
  await page.waitForFunction((text) => document.querySelector('[role="search"] [role="status"]')?.textContent !== text, before)
  const took = performance.now() - begin
  await page.getByRole('button', { name: m.filter.back, exact: true }).click()
  await page.waitForFunction((text) => document.querySelector('[role="search"] [role="status"]')?.textContent === text, before)
  return took
}

/** Milliseconds from each step of a slider until the frame after the figures have changed. */
const dragThreshold = (page: Page): Promise<number[]> =>
  page.evaluate(async (count) => {
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]')!
    const figures = document.querySelector('section.sticky')!
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      const before = figures.textContent
      slider.value = String(0.3 + 0.01 * (i % 20))
      const start = performance.now()
      slider.dispatchEvent(new Event('input', { bubbles: true }))
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      if (figures.textContent === before) throw new Error('the figures did not follow the slider')
      times.push(performance.now() - start)
    }
    return times
  }, DRAGS)

/** Resident memory of the largest renderer process, megabytes. */
async function rendererMemory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: { type: string; id: number }[] }
  const resident = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1000)
  return Math.max(...resident)
}

/** A catalogue of 5,000 movies with 1 to 3 of 200 genres. */
function manyGenres(path: string): void {
  const draw = seededDraws(1)
  const genre = (): string => `Genre ${Math.min(draw(200), draw(200))}`
  const lines = Array.from({ length: 5000 }, (_, i) => {
    const genres = [...new Set(Array.from({ length: 1 + draw(3) }, genre))]
    return `m${i},Film ${i},"A story about ${genres.join(' and ')}, told in part ${i} of a long row of films.","${genres.join(', ')}"`
  })
  writeFileSync(path, ['id,title,plot,genres', ...lines, ''].join('\n'))
}

const folder = mkdtempSync(join(tmpdir(), 'reelabel-window-'))
const browser = await launchChromium()
try {
  const { start, page, close } = await overview(browser, project)
  await screen(page, m.shell.titles.review).click()
  await page.locator('article h2').waitFor()
  const key: number[] = []
  for (let i = 0; i < KEYS; i++) key.push(await keyToPaint(page))
  const { frames, rows, blank } = await scroll(page)
  const filter: number[] = []
  for (const where of FILTERS) filter.push(await filterToList(page, where))
  await screen(page, m.shell.titles.thresholds).click()
  // the comparison of strategies goes on meanwhile
  await page.getByRole('slider').first().waitFor()
  const drag = await dragThreshold(page)
  const renderer = await rendererMemory(browser)
  await close()
  const csv = join(folder, 'genres.csv')
  manyGenres(csv)
  await projectOf(csv, join(folder, 'genres.reel'), 1)
  const many = await overview(browser, join(folder, 'genres.reel'))
  await many.close()
  report({
    start: round(start),
    key: spread(key),
    scroll: { ...spread(frames), rows, blank },
    filter: spread(filter),
    drag: spread(drag),
    renderer: Math.round(renderer),
    genres200: spread(many.clicks),
  })
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
