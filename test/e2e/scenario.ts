/** What an analyst does from the first start to the cleaned catalogue, whichever way the window is hosted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { parse } from 'csv-parse/sync'
import { beforeAll, expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Driver } from './driver.ts'
import { filesScenario } from './files.ts'
import { modelsScenario } from './models.ts'
import { screens, VIEWS } from './screens.ts'

const SAMPLE = join(import.meta.dirname, '../../resources/sample/movies.csv')
/** For one step of the window, on a slow machine under load. */
const ACTION_MS = 15_000
/** A training of the sample takes seconds; this is for a slow machine under load. */
const TRAINING_MS = 60_000

/** In the page: running animations, and places that still load. */
const unfinished = (): string[] => [
  ...document.getAnimations().flatMap((a) => (a.playState === 'running' ? [(a as CSSAnimation).animationName || 'a transition'] : [])),
  ...[...document.querySelectorAll('.late, [aria-busy="true"]')].map((e) => e.outerHTML.slice(0, 200)),
]

export function scenario(driver: () => Driver): void {
  const { page, go, button, card, choose } = screens(driver)
  const progress = () => page().getByRole('progressbar').first()
  const notTraining = (): Promise<void> => progress().waitFor({ state: 'detached', timeout: TRAINING_MS })
  const started = (): Promise<void> => progress().waitFor()
  const movie = () => card('Selected movie')
  const title = (): Promise<string> => movie().getByRole('heading', { level: 2 }).innerText()
  /** Presses a key outside every field, and waits until another movie is shown. */
  const decide = async (key: string): Promise<void> => {
    const before = await title()
    await page().keyboard.press(key)
    await expect.poll(title).not.toBe(before)
  }
  const dismissAll = async (): Promise<void> => {
    while ((await button('Dismiss').count()) > 0) await button('Dismiss').first().click()
  }
  const undoButton = () => page().getByRole('banner').getByRole('button', { name: /^Undo/ })
  const redoButton = () => page().getByRole('button', { name: /^Redo/ })
  const corrections = async (): Promise<number> => {
    await go('Export')
    return Number(/(\d+) corrections?/.exec(await card(m.export.what).innerText())?.[1])
  }

  beforeAll(() => page().setDefaultTimeout(ACTION_MS))

  test('the sample project opens without a file', async () => {
    await button(/^Project: /).waitFor()
    await go('Overview')
    await page()
      .getByRole('main')
      .getByText(/^\d+ movies, \d+ genres/)
      .waitFor()
    await page().getByRole('heading', { name: 'No model yet' }).waitFor()
  })

  test('a training can be cancelled', async () => {
    await go('Train')
    await button('Train Linear').click()
    await started()
    await button('Cancel').first().click()
    await notTraining()
    await page().getByText('Cancelled: everything is as it was before.').waitFor()
    await card('Runs')
      .getByRole('row', { name: /cancelled/ })
      .waitFor()
  })

  test('a compute process that dies ends only its job', async () => {
    await go('Train')
    await button('Train Linear').click()
    await started()
    await driver().killCompute()
    await notTraining()
    await page()
      .getByRole('alert')
      .getByText(/The training was killed|stopped with exit code/)
      .first()
      .waitFor()
    await dismissAll()
    await card('Runs')
      .getByRole('row', { name: /failed/ })
      .waitFor()
  })

  test('trains a model', async () => {
    await go('Train')
    await button('Train Linear').click()
    await started()
    await notTraining()
    await card('Runs')
      .getByRole('row', { name: /done.*current/ })
      .waitFor({ timeout: TRAINING_MS })
    await go('Overview')
    const f1 = await page().locator('dt', { hasText: 'Micro-F1' }).locator('xpath=following-sibling::dd[1]').innerText()
    expect(Number(f1)).toBeGreaterThan(0.3)
    await card(m.overview.wrong.title)
      .getByText(/^About \d+ of [\d,]+ labels are wrong or missing$/)
      .waitFor()
  })

  test('Review shows the suspects first, and marks the words for and against a genre', async () => {
    await go('Review')
    const list = page().getByRole('listbox', { name: 'Movies' })
    const shown = async (): Promise<number[]> => (await list.getByTitle(m.review.wrongHelp).allInnerTexts()).map(Number.parseFloat)
    // the rows of the list arrive one after the other
    await expect.poll(async () => (await shown()).length).toBeGreaterThan(3)
    const wrong = await shown()
    expect(wrong).toEqual(wrong.toSorted((a, b) => b - a))
    await movie().locator('mark').first().waitFor()
    await movie()
      .getByText(/^Words (?:for|against)/)
      .waitFor()
  })

  test('a filter selects movies by genre, probability and an original column; its chips are removed one by one', async () => {
    await go('Review')
    const field = page().getByRole('combobox', { name: m.filter.label })
    const matching = page().getByRole('search').getByRole('status')
    await expect.poll(() => matching.innerText()).toMatch(/movies/)
    const all = await matching.innerText()
    await field.fill('genre:Drama p(Drama)>0.1 year>1950')
    await field.press('Enter')
    const chips = ['genre:Drama', 'p(Drama)>0.1', 'year>1950'].map((chip) => button(m.filter.remove(chip)))
    await chips[2]!.waitFor()
    await expect.poll(() => matching.innerText()).not.toBe(all)
    // the movie at hand follows its list
    const drama = movie().getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox', { name: 'Drama' })
    await expect.poll(() => drama.isChecked()).toBe(true)
    for (const chip of chips) await chip.click()
    await expect.poll(() => matching.innerText()).toBe(all)
  })

  test('relabels by key and by mouse; undo and redo step through the decisions', async () => {
    await go('Review')
    await movie().locator('mark').first().waitFor()
    await decide('Shift+A')
    const table = movie().getByRole('table', { name: 'Genres of the movie' })
    // rows may change places: one is known by its genre
    const genre = (await table.getByRole('checkbox').nth(1).getAttribute('aria-label'))!
    const box = table.getByRole('checkbox', { name: genre, exact: true })
    const row = table.getByRole('row').filter({ has: page().getByRole('checkbox', { name: genre, exact: true }) })
    const before = await box.isChecked()
    await box.click()
    await expect.poll(() => box.isChecked()).toBe(!before)
    await row.getByText(before ? 'removed' : 'added', { exact: true }).waitFor()
    await page().keyboard.press('Control+z')
    await expect.poll(() => box.isChecked()).toBe(before)
    await redoButton().click()
    await expect.poll(() => box.isChecked()).toBe(!before)
    await undoButton().click()
    await expect.poll(() => box.isChecked()).toBe(before)
    await expect.poll(() => redoButton().isEnabled()).toBe(true)
    for (let i = 0; i < 6; i++) await decide('Shift+A')
    await expect.poll(() => redoButton().isEnabled()).toBe(false)
    expect(await corrections()).toBeGreaterThan(3)
  })

  test('the search for suspects takes the decisions in', async () => {
    await go('Overview')
    await button(m.overview.wrong.again).click()
    await card(m.overview.wrong.title).getByText(m.overview.wrong.since(0)).waitFor({ timeout: TRAINING_MS })
    await notTraining()
  })

  test('one click retrains with the corrections and compares the result', async () => {
    await go('Train')
    await button(/^Retrain with \d+ corrections?$/).click()
    await started()
    await notTraining()
    const verdict = page()
      .getByRole('status')
      .filter({ hasText: /^(?:Better|Worse|Undecided): / })
    await verdict.waitFor({ timeout: TRAINING_MS })
    expect(await verdict.innerText()).toMatch(/micro-F1 [+−-]?\d/)
    await expect.poll(() => card('Runs').getByRole('cell', { name: 'done', exact: true }).count()).toBe(2)
  })

  test('a blind audit by keyboard tells how many movies have a wrong label', async () => {
    await go('Audit')
    await page().getByLabel(m.audit.size).fill('30')
    await button(m.audit.start).click()
    for (let i = 0; i < 30; i++) {
      await page()
        .getByRole('status')
        .filter({ hasText: m.audit.progress(i, 30) })
        .waitFor()
      await page().keyboard.press('d')
      await page().keyboard.press('Enter')
    }
    await card(m.audit.found)
      .getByText(/of the movies have a wrong label/)
      .waitFor()
    const before = await corrections()
    await go('Audit')
    await button(/^Apply the audit/).click()
    await page().getByText(m.audit.nothing).waitFor()
    expect(await corrections()).toBeGreaterThan(before)
  })

  modelsScenario(driver)

  test('the exported catalogue differs from the source only in the corrected cells', async () => {
    const expected = await corrections()
    const text = await driver().saved(() => button('Export').click())
    await card(m.export.done).waitFor()
    const source: string[][] = parse(readFileSync(SAMPLE), { bom: true })
    const cleaned: string[][] = parse(text, { bom: true })
    const genres = source[0]!.findIndex((name) => /^genres?$/i.test(name))
    expect(cleaned.length).toBe(source.length)
    expect(cleaned[0]!.slice(0, source[0]!.length)).toEqual(source[0])
    const set = (cell: string): Set<string> => new Set(cell.split(/[,|;]\s*/).filter((g) => g !== ''))
    const differences = (a: Set<string>, b: Set<string>): number => [...a, ...b].filter((g) => a.has(g) !== b.has(g)).length
    let changed = 0
    for (const [i, row] of source.entries()) {
      const out = cleaned[i]!
      for (const [j, cell] of row.entries()) if (j !== genres) expect(out[j]).toBe(cell)
      changed += differences(set(row[genres]!), set(out[genres]!))
    }
    // genres that cleaning spells otherwise are no corrections, so there may be more, never fewer
    expect(changed).toBeGreaterThanOrEqual(expected)
    expect(await card(m.export.done).innerText()).toContain(`${source.length - 1} records`)
  })

  test('a file that is not a catalogue is rejected with a message', async () => {
    await go('Import')
    await choose({ name: 'picture.csv', mimeType: 'text/csv', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]) })
    const complaint = page()
      .getByRole('alert')
      .filter({ hasText: /\w{4,}/ })
      .first()
    await complaint.waitFor()
    expect((await complaint.innerText()).length).toBeGreaterThan(20)
    await dismissAll()
    if (await button(m.import.bar.startOver).isVisible()) await button(m.import.bar.startOver).click()
    else await button('Remove picture.csv').click()
  })

  filesScenario(driver)

  test.each(VIEWS)('%s: no accessibility problem', async (view) => {
    await go(view)
    // a view fades in and may still be loading its rows
    await expect.poll(() => page().evaluate(unfinished), { timeout: 10_000 }).toEqual([])
    // evaluate() goes round the policy, addScriptTag does not
    await page().evaluate(axe.source)
    const found = await page().evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })',
    )
    expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`)).toEqual([])
  })

  test('the keyboard reaches the controls, and the focus is visible', async () => {
    await go('Review')
    await button(/^Project: /).focus()
    const names = new Set<string>()
    for (let i = 0; i < 60; i++) {
      await page().keyboard.press('Tab')
      names.add(
        await page().evaluate(() => {
          const e = document.activeElement
          return e?.getAttribute('aria-label') ?? e?.id ?? ''
        }),
      )
      if (i === 2) {
        const outline = await page().evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)
        expect(outline).not.toBe('none')
      }
    }
    expect([...names]).toEqual(expect.arrayContaining([m.shell.keys.title, 'review-search', 'Movies']))
    await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page().keyboard.press('?')
    await page().getByRole('dialog', { name: m.shell.keys.title }).waitFor()
    await page().keyboard.press('Escape')
    await page().getByRole('dialog', { name: m.shell.keys.title }).waitFor({ state: 'hidden' })
  })

  test('the content security policy blocks inline scripts', async () => {
    const ran = await page().evaluate(() => {
      const s = document.createElement('script')
      s.textContent = 'window.__inline = 1'
      document.body.append(s)
      return '__inline' in window
    })
    expect(ran).toBe(false)
  })
}
