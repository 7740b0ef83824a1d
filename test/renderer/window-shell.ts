/** The shell: the first start, help pages, status bar, jobs, notices, projects, first steps. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open } from './window-engine.ts'

export function windowShellTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
  const rail = (page: Page) => page.getByRole('navigation', { name: m.shell.screens })

  test.each(['light', 'dark'] as const)('shell: the first start shows the welcome, with three ways on (%s)', async (colorScheme) => {
    const { page, close } = await open({ alone: true, trained: false, colorScheme })
    await heading(page, m.welcome.title).waitFor()
    await page.getByText(m.welcome.purpose).waitFor()
    expect(await violations(page)).toEqual([])
    const chosen = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: m.welcome.files.action }).click()
    await (
      await chosen
    ).setFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('title,plot,genres\nA,A long plot of a film,Drama\n') })
    await heading(page, m.shell.titles.import).waitFor({ state: 'attached' })
    await page.getByRole('list', { name: m.import.uploads.label }).getByText('a.csv').waitFor()
    await page.getByRole('button', { name: /^Project: / }).click()
    await page.getByRole('menuitem', { name: m.shell.project.welcome }).click()
    await page.getByRole('button', { name: m.welcome.sample.action }).click()
    await heading(page, m.overview.title).waitFor()
    await close()
  })

  test('shell: with projects of the analyst, the window opens where it was', async () => {
    const { page, close } = await open()
    await heading(page, m.overview.title).waitFor()
    await rail(page).getByRole('link', { name: m.shell.titles.slices }).click()
    await heading(page, m.shell.titles.slices).waitFor()
    await page.goto(page.url().split('#')[0]!)
    await heading(page, m.shell.titles.slices).waitFor()
    await close()
  })

  test.each(['light', 'dark'] as const)(
    'shell: the help is read and searched by keyboard, and opened at a place (%s)',
    async (colorScheme) => {
      const { page, close } = await open({ colorScheme })
      await heading(page, m.overview.title).waitFor()
      await page.keyboard.press('F1')
      await heading(page, 'Getting started').waitFor()
      expect(await violations(page)).toEqual([])
      const contents = page.getByRole('navigation', { name: m.help.contents })
      await contents.getByRole('searchbox', { name: m.help.search }).fill('planted errors tail')
      await contents.getByRole('status').filter({ hasText: /^\d/ }).waitFor({ state: 'attached' })
      expect(await contents.locator('mark').count()).toBeGreaterThan(0)
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await heading(page, 'What the numbers mean').waitFor()
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('help-suspects')
      await contents.getByRole('searchbox').fill('nothing has this word qqqq')
      await contents.getByText(m.help.none).waitFor()
      await contents.getByRole('searchbox').fill('')
      await contents.getByRole('link', { name: m.help.keyboard }).click()
      await page.getByRole('cell', { name: m.review.keys.flag }).waitFor()
      expect(await violations(page)).toEqual([])
      await contents.getByRole('link', { name: 'Glossary' }).click()
      expect(await violations(page)).toEqual([])
      // a number leads to its explanation
      await rail(page).getByRole('link', { name: m.overview.title }).click()
      await page.getByRole('link', { name: m.help.about(m.overview.wrong.title) }).click()
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('help-suspects')
      await page.goBack()
      await heading(page, m.overview.title).waitFor()
      await close()
    },
  )

  test('shell: the first steps lead to their screens, know what is done, and stay closed', async () => {
    const { page, close } = await open({ alone: true })
    const text = m.shell.firstSteps
    const steps = page.getByRole('region', { name: text.title })
    const done = async () =>
      (
        await steps
          .getByRole('listitem')
          .filter({ has: page.getByLabel(text.done) })
          .allInnerTexts()
      ).map((step) => step.trim())
    // the sample has a trained model, and is no file of the analyst's
    await expect.poll(done).toEqual([text.steps.train])
    expect(await violations(page)).toEqual([])
    await steps.getByRole('link', { name: text.steps.clean }).click()
    await heading(page, m.shell.titles.clean).waitFor()
    await expect.poll(done).toEqual([text.steps.clean, text.steps.train])
    await steps.getByRole('link', { name: text.steps.review }).click()
    await page.locator('[role=option] .title').first().waitFor()
    await page.keyboard.press('Space')
    await expect.poll(done).toEqual([text.steps.clean, text.steps.train, text.steps.review])
    await page.getByRole('button', { name: text.close }).click()
    await steps.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: text.progress(3, 5) }).waitFor()
    expect(await steps.count()).toBe(0)
    await page.getByRole('button', { name: text.progress(3, 5) }).click()
    await steps.waitFor()
    await close()
  })
}
