/** The built window in a real browser, in front of a real engine: what unit tests of the stores cannot see. Skipped without a Chromium. */
import { readFileSync } from 'node:fs'
import type { Page, WebSocketRoute } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Method } from '../../src/contract/api.ts'
import { UserError } from '../../src/contract/errors.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { answers, csvOf } from '../support/project.ts'
import { windowFilesTests } from './window-files.ts'
import { OTHER_MOVIES } from './window-engine.ts'
import { aBrowser, describeWindow, open, said, startEngine, violations, windowDir } from './window-suite.ts'

const VIEWS = [
  'import',
  'clean',
  'overview',
  'review',
  'audit',
  'codebook',
  'errors',
  'slices',
  'map',
  'train',
  'thresholds',
  'try',
  'export',
  'report',
  'history',
  'settings',
]
/** The button in the header; the notice of a decision has one, too. */
const undoOf = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^Undo/ })
const selected = (page: Page) => page.locator('[role=option][aria-selected=true]')

describeWindow('the window', () => {
  test('no screen has an accessibility problem in the dark theme', async () => {
    const { page, close } = await open({ colorScheme: 'dark' })
    for (const view of VIEWS) {
      await page.getByRole('link', { name: view, exact: false }).first().click()
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      expect([view, await violations(page)]).toEqual([view, []])
    }
    await close()
    expect(said.splice(0)).toEqual([])
    // twelve screens, some of them of thousands of elements
  }, 180_000)

  test('a menu works by keyboard: arrows, first letters, Escape; its keys do not act on the screen below', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    const opener = page.getByRole('button', { name: /^Project: / })
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
    await page.locator('mark').first().waitFor()
    const movie = await selected(page).textContent()
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toMatch(/^Sample/)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toMatch(/^Other/)
    await page.keyboard.press('b')
    await expect.poll(focused).toBe('Backups…')
    await page.keyboard.press('j')
    expect(await selected(page).textContent()).toBe(movie)
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true)
    await close()
  })

  test('a threshold is moved by keyboard: the figures follow, and the run gets it when it is used', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Thresholds' }).click()
    const slider = page.getByRole('slider').first()
    await slider.waitFor()
    const figures = page.getByRole('region', { name: m.thresholds.figures })
    const [before, stored] = [await figures.textContent(), (await engine.engine.call('runs.list', {})).find((r) => r.current)!]
    await slider.focus()
    for (let press = 0; press < 40; press++) await page.keyboard.press('ArrowRight')
    await expect.poll(() => figures.textContent()).not.toBe(before)
    const use = page.getByRole('button', { name: m.thresholds.use(1) })
    await use.waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.thresholds.discard }).click()
    await expect.poll(() => figures.textContent()).toBe(before)
    await page
      .getByRole('table')
      .getByRole('button', { name: m.thresholds.tryThis(m.thresholds.strategies.grid.label) })
      .click()
    await page.getByRole('button', { name: /^Use these thresholds \(/ }).click()
    await page.getByText(m.thresholds.origin(m.thresholds.strategies.grid.label)).waitFor()
    const now = (await engine.engine.call('runs.list', {})).find((r) => r.current)!
    expect(new Set(now.thresholds).size).toBe(1)
    await page.getByRole('button', { name: m.thresholds.restore }).click()
    await expect.poll(async () => (await engine.engine.call('runs.list', {})).find((r) => r.current)!.thresholds).toEqual(stored.thresholds)
    const scale = m.thresholds.calibration
    const current = async () => (await engine.engine.call('runs.list', {})).find((r) => r.current)!
    await page.getByRole('button', { name: scale.useThis(scale.kinds.platt) }).click()
    await page.getByText(`Probabilities: ${scale.kinds.platt}. ECE`).waitFor()
    await expect.poll(async () => (await current()).summary?.calibration?.kind).toBe('platt')
    await page.getByRole('button', { name: scale.useThis(scale.kinds.none) }).click()
    await expect.poll(async () => (await current()).thresholds).toEqual(stored.thresholds)
    await close()
  })

  test('a chart is read and opened by keyboard, and saved as a picture and as a table', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Overview' }).click()
    const card = page.getByRole('region', { name: m.overview.perGenreChart })
    const chart = card.getByRole('img')
    await chart.focus()
    await page.keyboard.press('ArrowDown')
    const first = await card.getByRole('status').textContent()
    expect(first).toMatch(/^\w.*\d/)
    await page.keyboard.press('ArrowDown')
    expect(await card.getByRole('status').textContent()).not.toBe(first)
    await page.keyboard.press('ArrowUp')
    expect(await card.getByRole('status').textContent()).toBe(first)
    expect(await violations(page)).toEqual([])
    const saved = async (name: RegExp): Promise<Buffer> => {
      const waiting = page.waitForEvent('download')
      await card.getByRole('button', { name }).click()
      return readFileSync(await (await waiting).path())
    }
    const [, second] = (await saved(/^CSV: /)).toString('utf8').split('\r\n')
    const [genre, count] = second?.split(',') ?? []
    expect(first).toContain(genre)
    expect(first?.replaceAll(',', '')).toContain(count)
    expect((await saved(/^PNG: /)).subarray(1, 4).toString()).toBe('PNG')
    await chart.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Review' }).waitFor({ state: 'attached' })
    await page.getByText(`genre:${genre}`).first().waitFor()
    await page.getByRole('link', { name: 'Errors' }).click()
    const matrix = page.getByRole('region', { name: m.errors.kinds.confusion.title })
    const waiting = page.waitForEvent('download')
    await matrix.getByRole('button', { name: /^PNG: / }).click()
    expect(
      readFileSync(await (await waiting).path())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    await close()
  })

  test('a decision that the engine rejects is reverted, and the reason stays until it is dismissed', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    const box = page.getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox').first()
    const before = await box.isChecked()
    await page.locator('mark').first().waitFor()
    engine.failNext.set('labels.apply', new UserError('read-only', 'The project file cannot be written: free some space.'))
    await box.click()
    await page.getByRole('alert').getByText('free some space').waitFor()
    await expect.poll(() => box.isChecked()).toBe(before)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.getByRole('alert').getByText('free some space').waitFor({ state: 'detached' })
    await close()
  })

  test('the list keeps its order while its movies change, until it is refreshed', async () => {
    const { page, close } = await open()
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

  test('movies that no longer match are said beside the list, and reloaded by a key', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const line = page.getByRole('status').getByRole('button', { name: m.review.departed(2) })
    expect(await line.count()).toBe(0)
    await page.keyboard.press('Shift+A')
    await page.keyboard.press('Shift+A')
    await line.waitFor()
    await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe('3')
    const third = await selected(page).locator('.title').innerText()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('.')
    await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe('1')
    expect([await selected(page).locator('.title').innerText(), await line.count()]).toEqual([third, 0])
    await close()
  })

  test('with more genres than keys, the genre of a digit is chosen by typing its name', async () => {
    const genres = Array.from({ length: 40 }, (_, i) => `Genre ${String.fromCharCode(65 + (i % 26))}${i}`)
    const { page, engine, close } = await open({ csv: csvOf(genres.map((name, i) => `film${i}: ${name}`)) })
    await page.getByRole('link', { name: 'Review' }).click()
    await selected(page).waitFor()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: m.shell.keys.title })
    await dialog.getByText(m.shell.keys.without(14)).waitFor()
    const field = dialog.getByRole('combobox', { name: m.shell.keys.digit('7') })
    await field.fill('n39')
    await expect.poll(() => dialog.getByRole('option').allTextContents()).toEqual(['Genre N39'])
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await dialog
      .getByRole('listitem')
      .filter({ hasText: /^7 Genre N39$/ })
      .waitFor()
    await dialog.getByRole('button', { name: m.common.close }).click()
    await page.getByRole('listbox', { name: m.review.movies }).focus()
    await page.keyboard.press('7')
    await expect.poll(async () => (await engine.engine.call('labels.history', {})).map((c) => c.genre)).toContain('Genre N39')
    await close()
  })

  test('before the first training, Review offers it and sorts no movie into buckets', async () => {
    const { page, close } = await open({ trained: false })
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByText(/^1 of \d{3}$/).waitFor()
    expect(await page.getByRole('radiogroup', { name: m.review.bucket }).count()).toBe(0)
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await page.getByRole('radiogroup', { name: m.review.bucket }).waitFor()
    await close()
  })

  test('opening another project clears everything of the previous one', async () => {
    const { page, engine, close } = await open()
    const { kept } = await engine.engine.call('project.info', {})
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('radiogroup', { name: m.review.bucket }).getByRole('radio', { name: /^All/ }).click()
    await page.getByRole('button', { name: m.review.queues.title }).click()
    await page.getByRole('radio', { name: m.review.queues.others.file.title }).check()
    await page.keyboard.press('Escape')
    await page.getByText(`1 of ${kept}`).waitFor()
    await page.getByRole('listbox', { name: 'Movies' }).press('End')
    await page.getByText(`${kept} of ${kept}`).waitFor()
    await page.getByRole('button', { name: 'Project: Sample' }).click()
    await page.getByRole('menuitem', { name: /^Other/ }).click()
    await page.getByRole('button', { name: 'Project: Other' }).waitFor()
    await page.getByText(`1 of ${OTHER_MOVIES}`, { exact: true }).waitFor()
    await expect.poll(() => selected(page).count()).toBe(1)
    expect(await page.getByText(/There is no movie/).count()).toBe(0)
    await close()
  })

  test('a failed training is reported once, until the next one starts', async () => {
    const { page, engine, close } = await open()
    const words = page.getByRole('alert').getByText('Out of memory: close other programs.')
    for (const screen of ['Train', 'Overview']) {
      await page.getByRole('link', { name: 'Train', exact: true }).click()
      engine.compute.script = (_job, say) =>
        say({ t: 'error', error: { code: 'out-of-memory', message: 'Out of memory: close other programs.' } })
      await page.getByRole('button', { name: 'Train Linear', exact: true }).click()
      await page.getByRole('link', { name: screen, exact: true }).click()
      await words.waitFor()
      expect(await words.count()).toBe(1)
    }
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    expect(await words.count()).toBe(1)
    engine.compute.script = answers()
    await page.getByRole('button', { name: 'Train Linear', exact: true }).click()
    await words.waitFor({ state: 'detached' })
    await close()
  })

  test('an unreadable file is marked and can be removed', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: m.shell.titles.import }).click()
    await page.getByRole('heading', { name: m.import.report.title }).waitFor()
    const file = (name: string, content: string | Uint8Array) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(content) })
    const films = csvOf(['dune: Drama', 'heat: Crime', 'alien: Horror'])
    const picture = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)
    await page.getByLabel(m.import.drop.input, { exact: true }).setInputFiles([file('films_one.csv', films), file('picture.csv', picture)])
    const line = page.getByRole('list', { name: m.import.uploads.label }).getByRole('listitem')
    await line.filter({ hasText: 'picture.csv is not text.' }).waitFor()
    expect(await line.filter({ hasText: 'films_one.csv' }).innerText()).not.toContain('not text')
    expect(await page.getByRole('heading', { name: m.import.report.title }).count()).toBe(0)
    expect(await page.getByRole('button', { name: m.import.bar.import, exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: m.import.bar.startOver }).waitFor()
    await page.getByRole('button', { name: 'Remove picture.csv' }).click()
    await expect.poll(() => page.getByRole('button', { name: m.import.bar.import, exact: true }).isEnabled()).toBe(true)
    expect(await page.getByRole('textbox', { name: m.import.start.name }).inputValue()).toBe('films one')
    await page.getByRole('button', { name: m.import.bar.startOver }).click()
    await page.getByRole('heading', { name: m.import.report.title }).waitFor()
    await close()
  })

  test('Enter accepts right after the link to Review, genre by genre; arrows only select', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page
      .getByRole('button', { name: /^(Add|Remove|Replace|Mark) / })
      .first()
      .waitFor()
    const explained = () => page.getByRole('button', { name: /^Explain /, pressed: true }).innerText()
    const before = await explained()
    await page.keyboard.press('ArrowRight')
    await expect.poll(explained).not.toBe(before)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(explained).toBe(before)
    expect(engine.calls).not.toContain('labels.apply')
    const all = page.getByRole('button', { name: /^Accept all/ })
    const several = (await all.count()) > 0 ? Number(/\d+/.exec(await all.innerText())?.[0]) : 1
    for (let i = 1; i < several; i++) await page.keyboard.press('Enter')
    await expect.poll(() => all.count()).toBe(0)
    expect(await selected(page).getAttribute('aria-posinset')).toBe('1')
    await page.keyboard.press('Enter')
    await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe('2')
    expect(engine.count('labels.apply')).toBe(several)
    await close()
  })

  test('J is next and K previous; what any other key has done is announced, with Undo', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const at = () => selected(page).getAttribute('aria-posinset')
    const effect = page.locator('.effect')
    for (const [key, position] of [
      ['j', '2'],
      ['j', '3'],
      ['k', '2'],
    ] as const) {
      await page.keyboard.press(key)
      await expect.poll(at).toBe(position)
    }
    expect(engine.calls).not.toContain('labels.apply')
    const title = await page.getByRole('heading', { level: 2 }).innerText()
    await page.keyboard.press('Space')
    await effect.getByText(`Kept the labels of “${title}”`).waitFor()
    expect(await at()).toBe('3')
    const box = page.getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox').first()
    const before = await box.isChecked()
    await page.keyboard.press((await box.getAttribute('aria-keyshortcuts'))!.toLowerCase())
    await effect.getByText(/^(Added|Removed) /).waitFor()
    await effect.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => box.isChecked()).toBe(before)
    await effect.getByText(/^Undid: /).waitFor()
    await close()
  })

  test('a key press costs two calls: the change, whose reply has everything to show, and the explanation of the next movie', async () => {
    const { page, engine, close } = await open()
    await page.clock.install()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const before = engine.calls.length
    for (const at of ['2', '3', '4', '5']) {
      const explained = engine.count('review.explain')
      await page.keyboard.press('Shift+A')
      await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe(at)
      await expect.poll(() => engine.count('review.explain')).toBeGreaterThan(explained)
      // what the window does after a delay
      await page.clock.runFor(1000)
    }
    const four = (method: Method) => Array.from({ length: 4 }, () => method)
    expect(
      engine.calls
        .slice(before)
        .filter((method) => method !== 'review.remember')
        .sort(),
    ).toEqual([...four('labels.apply'), ...four('review.explain')])
    await close()
  })

  test('terms, the others and the intercept add up to the logit of the model that made the prediction', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    await page.getByText(/which (?:made this prediction and )?did not learn from this movie\./).waitFor()
    await page.getByText(m.review.strongestTerms).click()
    const lines = await page.getByRole('listitem').filter({ has: page.locator('.for, .against, .muted') }).allInnerTexts() // prettier-ignore
    expect(lines.some((line) => line.startsWith('part of a word: '))).toBe(true)
    expect(lines.slice(-2).map((line) => line.split('\n')[0])).toEqual([m.review.otherTerms, m.review.intercept])
    const numberIn = (text: string) => Number(/[−+]?\d+\.\d+/.exec(text)![0].replace('−', '-'))
    const sum = lines.reduce((total, line) => total + numberIn(line), 0)
    const said = await page.getByText(/^The sum is the logit/).innerText()
    expect(sum).toBeCloseTo(numberIn(said), 1)
    const genre = await page.getByRole('button', { name: /^Explain /, pressed: true }).innerText()
    const shown = page.getByRole('row').filter({ has: page.getByRole('button', { name: `Explain ${genre}`, exact: true }) })
    const probability = Number(/probability of (\d+)%/.exec(said)![1])
    expect(Math.abs(probability - Number(/(\d+)%/.exec(await shown.innerText())![1]))).toBeLessThanOrEqual(1)
    await close()
  })

  test('of many genres the most frequent are shown first; the table of pairs has one tab stop, and arrow keys', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `Genre ${String(i).padStart(2, '0')}`)
    // genre i is carried by the films from i on
    const csv = csvOf(Array.from({ length: 40 }, (_, film) => `film${film}: ${names.slice(0, film + 1).join(', ')}`))
    const { page, close } = await open({ csv })
    const table = page.getByRole('grid', { name: m.overview.together })
    await table.waitFor()
    expect(await table.getByRole('row').count()).toBe(31)
    expect(await table.getByRole('rowheader', { name: 'Genre 30' }).count()).toBe(0)
    expect(await table.locator('a:not([tabindex="-1"])').count()).toBe(1)
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await table.locator('a[tabindex="0"]').focus()
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
    expect(await focused()).toBe('Genre 01 and Genre 00: 39')
    expect(await table.locator('a:not([tabindex="-1"])').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.overview.showAll(40) }).click()
    expect(await table.getByRole('row').count()).toBe(41)
    await close()
  })

  test('forced colours show what is selected; a narrow window hides no control of Clean', async () => {
    const { page, close } = await open()
    await page.emulateMedia({ forcedColors: 'active' })
    const background = (name: string) => page.getByRole('link', { name, exact: true }).evaluate((a) => getComputedStyle(a).backgroundColor)
    await page.getByRole('link', { name: 'Clean', exact: true }).click()
    expect(await background('Clean')).not.toBe(await background('Train'))
    // the browser would put a plate of the page's colour behind the text of the selected item
    const adjusted = page.getByRole('link', { name: 'Clean', exact: true }).locator('span')
    expect(await adjusted.evaluate((span) => getComputedStyle(span).forcedColorAdjust)).toBe('none')
    await page.emulateMedia({ forcedColors: 'none' })
    await page.setViewportSize({ width: 640, height: 400 })
    await page
      .getByRole('button', { name: /^Settings and examples/ })
      .first()
      .waitFor()
    const [edges, view] = await page.evaluate(() => {
      const right = [...document.querySelectorAll('main button')].map((b) => b.getBoundingClientRect().right)
      const { scrollHeight, scrollWidth } = document.documentElement
      return [Math.max(...right), [scrollWidth, scrollHeight]] as const
    })
    expect(edges).toBeLessThanOrEqual(640)
    expect(view).toEqual([640, 400])
    await close()
  })

  test('no screen scrolls out of the window', async () => {
    const { page, close } = await open()
    for (const view of VIEWS) {
      await page.getByRole('link', { name: view, exact: false }).first().click()
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      const heights = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight])
      expect([view, heights[0]]).toEqual([view, heights[1]])
    }
    await close()
  })

  test.each([
    ['200%', 640, 400],
    ['400%', 320, 256],
  ])(
    'at %s zoom no screen is wider than the window',
    async (_zoom, width, height) => {
      const { page, close } = await open()
      await page.setViewportSize({ width, height })
      for (const view of VIEWS) {
        await page.getByRole('link', { name: view, exact: false }).first().click()
        await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
        // what scrolls by itself, such as a table, may be wider
        const cut = await page.evaluate(() => {
          const controls = [...document.querySelectorAll('header :is(button, a)')].filter(
            (e) => e.getBoundingClientRect().right > innerWidth,
          )
          const screens = [...document.querySelectorAll('.view')].filter((e) => e.scrollWidth > e.clientWidth)
          return [...controls, ...screens].map((e) => e.outerHTML.slice(0, 120))
        })
        expect([view, cut]).toEqual([view, []])
      }
      await close()
    },
    180_000,
  )

  test('at 1000 pixels the text of every decision is visible', async () => {
    const { page, close } = await open()
    await page.setViewportSize({ width: 1000, height: 700 })
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const cut = await page
      .getByRole('group', { name: 'Decision' })
      .getByRole('button')
      .evaluateAll((buttons) => buttons.filter((b) => b.scrollWidth > b.clientWidth).map((b) => b.textContent))
    expect(cut).toEqual([])
    const bars = await page.locator('#genres .bar').evaluateAll((all) => all.map((b) => b.getBoundingClientRect().width))
    expect(Math.min(...bars)).toBeGreaterThan(100)
    await close()
  })

  test('a confirmation disappears by itself, but not while the pointer is on it', async () => {
    const { page, close } = await open()
    await page.clock.install()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    await page.getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox').first().click()
    const undone = page.getByText(new RegExp(`^${m.labels.undid('')}`))
    await expect.poll(() => undoOf(page).isEnabled()).toBe(true)
    await page.getByRole('link', { name: 'Overview' }).click()
    await undoOf(page).click()
    await undone.hover()
    await page.clock.runFor(20_000)
    expect(await undone.count()).toBe(1)
    await page.mouse.move(640, 10)
    await page.clock.runFor(20_000)
    await undone.waitFor({ state: 'detached' })
    await close()
  })

  test('the movie of an undone decision is shown, whether the list contains it or not', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const first = await selected(page).locator('.title').innerText()
    await page.keyboard.press('Shift+Enter')
    await expect.poll(() => selected(page).getAttribute('aria-posinset')).toBe('2')
    await expect.poll(() => undoOf(page).isEnabled()).toBe(true)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect.poll(() => page.getByRole('option').getByText(first, { exact: true }).count()).toBe(0)
    await page.keyboard.press('Control+z')
    await page.getByRole('heading', { level: 2, name: first, exact: true }).waitFor()
    await close()
  })

  test('a list filtered by genre selects that genre; a bulk edit names the list, and no genre is chosen for it', async () => {
    const { page, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    for (const genre of ['Drama', 'Comedy']) {
      await page.getByRole('combobox', { name: 'Genre', exact: true }).selectOption(genre)
      await page.getByRole('button', { name: `Explain ${genre}`, pressed: true }).waitFor()
      await page.getByRole('button', { name: 'Bulk edit…' }).click()
      const dialog = page.getByRole('dialog', { name: /^Edit all .*movies? in this list$/ })
      await dialog.getByText(m.review.bulk.filter([m.review.buckets.all, `about:${genre} reviewed:no`])).waitFor()
      expect(await dialog.getByRole('button', { name: m.review.bulk.applyNone, exact: true }).isDisabled()).toBe(true)
      await dialog.getByRole('combobox', { name: 'Change' }).selectOption(m.review.bulk.actions.add)
      await dialog.getByRole('combobox', { name: 'Genre to change' }).selectOption('Horror')
      await dialog.getByText(/^[\d,]+ movies change; /).waitFor()
      await dialog.getByRole('button', { name: 'Cancel' }).click()
    }
    await close()
  })

  test('a number of the co-occurrence table opens the movies with both genres; a reload keeps filter and movie', async () => {
    const { page, engine, close } = await open()
    const number = page.locator('section[aria-labelledby=together] td:not(.self) a').first()
    const text = await number.innerText()
    await number.click()
    await page.getByText(`1 of ${text}`, { exact: true }).waitFor()
    const chips = page.getByRole('button', { name: /^Remove the condition genre:/ })
    expect(await chips.count()).toBe(2)
    await page.locator('mark').first().waitFor()
    await page.keyboard.press('j')
    const remembered = engine.count('review.remember')
    await page.getByText(`2 of ${text}`, { exact: true }).waitFor()
    await expect.poll(() => engine.count('review.remember'), { timeout: 20_000 }).toBeGreaterThan(remembered)
    const title = await page.getByRole('heading', { level: 2 }).innerText()
    await page.reload()
    await page.getByText(`2 of ${text}`, { exact: true }).waitFor()
    expect(await page.getByRole('heading', { level: 2 }).innerText()).toBe(title)
    await chips.first().click()
    await chips.nth(1).waitFor({ state: 'detached' })
    await chips.first().click()
    await page.getByText(`1 of ${text}`, { exact: true }).waitFor({ state: 'detached' })
    await close()
  })

  test('texts that run from right to left are set so; a movie without a title is called by its plot', async () => {
    const plot = 'ספינת חלל מגיעה לכוכב רחוק, ושם מחכה לה מישהו.'
    const csv = `id,title,plot,genres\n1,,${plot.replace(',', '')},Drama\n2,Heat,A thief and a detective meet in a café at night.,Crime\n`
    const { page, close } = await open({ csv })
    await page.getByRole('link', { name: 'Review' }).click()
    const heading = page.getByRole('heading', { level: 2, name: plot.slice(0, 8) })
    await heading.waitFor()
    const directions = await page
      .locator('h2, .title, #plot p, #movie-note')
      .evaluateAll((all) => all.map((e) => `${e.tagName} ${getComputedStyle(e).direction}`))
    expect(directions.sort()).toEqual(['H2 rtl', 'P rtl', 'SPAN ltr', 'SPAN rtl', 'TEXTAREA ltr'])
    await close()
  })

  test('HTML in ids, titles, plots, genres, notes and names is text on every screen', async () => {
    const html = (of: string): string => `<img src=x onerror="window.${of}=1"><script>window.${of}=1</script><svg onload="window.${of}=1">`
    const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`
    const rows = Array.from({ length: 30 }, (_, i) => [
      `${html('id')}${i}`,
      `${html('title')}${i}`,
      `${html('plot')} The plot of movie ${i} is long enough to be one.`,
      `${html('genre')}|Drama`,
    ])
    const csv = ['id,title,plot,genres', ...rows.map((row) => row.map(cell).join()), ''].join('\n')
    const { page, engine, close } = await open({ csv })
    const { movies } = await engine.engine.call('review.query', {})
    await engine.engine.call('labels.apply', { changes: [{ field: 'note', movie: movies[0]!, to: html('note') }], why: html('why') })
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    await engine.engine.call('review.setSlices', { slices: [{ name: html('slice'), where: 'genre:Drama' }] })
    for (const view of VIEWS) {
      await page.getByRole('link', { name: view, exact: false }).first().click()
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      // a title, an id or a name of a genre is shown, as text
      if (view === 'review') await page.getByText('onerror="window.title=1"').first().waitFor()
      const made = await page.evaluate(() => [
        document.querySelectorAll('img[src=x], svg[onload], body script:not([src]), [onerror]').length,
        ...['id', 'title', 'plot', 'genre', 'note', 'why', 'slice'].filter(
          (of) => (globalThis as unknown as Record<string, unknown>)[of] === 1,
        ),
      ])
      expect([view, made]).toEqual([view, [0]])
    }
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    expect([...new Set(asked)]).toEqual([new URL(page.url()).origin])
    await close()
    expect(said.splice(0)).toEqual([])
  })

  test('an address without a token is reported', async () => {
    const engine = await startEngine()
    const page = await aBrowser().newPage()
    await page.goto((await engine.serve(windowDir())).replace(/#.*/, ''))
    await page.getByRole('alertdialog', { name: m.connection.noToken }).waitFor()
    expect(await page.getByRole('button').count()).toBe(0)
    await page.close()
    await engine.close()
  })

  test('goes on by itself after a lost connection, if the address still answers', async () => {
    const { page, close } = await open()
    const sockets: WebSocketRoute[] = []
    await page.routeWebSocket(/\/ws$/, (socket) => {
      socket.connectToServer()
      sockets.push(socket)
    })
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await sockets[0]!.close()
    const dialog = page.getByRole('alertdialog', { name: m.connection.stopped })
    await dialog.waitFor()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    expect(sockets).toHaveLength(2)
    await close()
  })

  test('reports that the engine stopped; a reload keeps the token', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(page.url()).not.toContain('token')
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await engine.stopServing()
    await page.getByRole('alertdialog', { name: m.connection.stopped }).waitFor()
    await page.getByText(m.connection.stoppedPage).waitFor()
    await page.getByRole('button', { name: m.connection.tryAddress }).waitFor()
    said.length = 0
    await close()
  })

  windowFilesTests(open, violations)
})
