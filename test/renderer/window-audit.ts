/** The blind audit in the window: by keyboard alone, without labels, to its result. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open, WindowEngine } from './window-engine.ts'

/** Answers with the labels as they are, but for every fifth movie, up to the given one. */
async function answerUpTo(engine: WindowEngine, last: number): Promise<void> {
  for (let index = 0; index <= last; index++) {
    const { movie } = (await engine.engine.call('audit.movie', { index }))!
    const { allCells } = await engine.engine.call('review.movie', { movie })
    const genres = allCells.filter(({ label }, i) => label !== (index % 5 === 0 && i < 1)).map(({ genre }) => genre)
    await engine.engine.call('audit.answer', { movie, genres })
  }
}

export function windowAuditTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const progress = (page: Page, answered: number, of: number) => page.getByText(m.audit.progress(answered, of), { exact: true })
  const box = (page: Page, name: string) => page.getByRole('checkbox', { name, exact: true })
  const found = (page: Page) => page.getByRole('region', { name: m.audit.found })

  test.each(['light', 'dark'] as const)(
    'an audit by keyboard: keys, type to find, back; it goes on after a reload (%s)',
    async (colorScheme) => {
      const { page, engine, close } = await open({ colorScheme })
      await page.getByRole('link', { name: m.audit.title, exact: true }).click()
      await page.getByLabel(m.audit.size).fill('30')
      await page.keyboard.press('Enter')
      await progress(page, 0, 30).waitFor()
      expect(await violations(page)).toEqual([])
      const first = (await engine.engine.call('audit.movie', {}))!
      const { allCells } = await engine.engine.call('review.movie', { movie: first.movie })
      expect(allCells.some(({ label }) => label)).toBe(true)
      // nothing is ticked, and Enter does not answer before something is
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0)
      await page.keyboard.press('Enter')
      await page.keyboard.press('d')
      await expect.poll(() => box(page, 'Drama').isChecked()).toBe(true)
      await page.keyboard.press('/')
      await page.keyboard.type('wester')
      await page.getByRole('option', { name: 'Western' }).waitFor()
      await page.keyboard.press('Enter')
      await expect.poll(() => box(page, 'Western').isChecked()).toBe(true)
      await page.keyboard.press('Escape')
      await page.keyboard.press('Enter')
      await progress(page, 1, 30).waitFor()
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0)
      await page.keyboard.press('Backspace')
      await page.getByRole('heading', { level: 2, name: first.title }).waitFor()
      await expect.poll(() => box(page, 'Western').isChecked()).toBe(true)
      await answerUpTo(engine, 12)
      await page.reload()
      await progress(page, 13, 30).waitFor()
      await answerUpTo(engine, 28)
      await page.reload()
      await page.getByRole('button', { name: m.audit.none }).click()
      await found(page).getByText(m.audit.how(true, true)).waitFor()
      expect(await violations(page)).toEqual([])
      await close()
    },
  )

  test('the answers are applied as one change, which undo takes back; the overview shows what is left', async () => {
    const { page, engine, close } = await open()
    await engine.engine.call('audit.start', { size: 30 })
    await answerUpTo(engine, 29)
    await page.getByRole('link', { name: m.audit.title, exact: true }).click()
    const { labels, movies } = await engine.engine.call('audit.apply', { dryRun: true })
    const apply = found(page).getByRole('button', { name: m.audit.apply(labels, movies) })
    await apply.click()
    await found(page).getByText(m.audit.nothing).waitFor()
    await page.keyboard.press('Control+z')
    await apply.waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText(/wrong labels are left .* interval of the audit/).waitFor()
    await page.getByText(m.overview.history.title(2)).click()
    await page.getByRole('img', { name: m.overview.history.alt(2) }).waitFor()
    expect(await page.getByRole('table', { name: m.overview.history.table }).getByRole('row').count()).toBe(3)
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByText(/wrong labels are left/).waitFor()
    await close()
  })

  test('with a width, the audit says how many more movies it takes; giving it up is asked about', async () => {
    const { page, engine, close } = await open()
    await engine.engine.call('audit.start', { size: 30, width: 0.05 })
    await answerUpTo(engine, 30)
    await page.getByRole('link', { name: m.audit.title, exact: true }).click()
    await page.getByText(m.audit.resultSoFar).click()
    await found(page).getByText(m.audit.how(false, true)).waitFor()
    expect(await violations(page)).toEqual([])
    const { more } = (await engine.engine.call('audit.state', {}))!
    await page.getByText(m.audit.untilNarrow(31, 0.05, more)).waitFor()
    await page.getByRole('button', { name: m.audit.another }).click()
    await page.getByRole('button', { name: m.audit.again.confirm }).click()
    await page.getByRole('button', { name: m.audit.start }).click()
    await progress(page, 0, 200).waitFor()
    await close()
  })
}
