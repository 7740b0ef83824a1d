/** The shell: the first start, help pages, status bar, jobs, notices, projects, first steps. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { JobEvent } from '../../src/contract/events.ts'
import { UserError } from '../../src/contract/errors.ts'
import type { ProjectEntry, ProjectInfo } from '../../src/contract/project.ts'
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

  const status = (page: Page) => page.getByRole('contentinfo', { name: m.status.label })

  test.each(['light', 'dark'] as const)(
    'shell: the status bar says what is not saved, and notices can be read again (%s)',
    async (colorScheme) => {
      const { page, engine, close } = await open({ colorScheme })
      const { kept, genres } = await engine.engine.call('project.info', {})
      await status(page).getByText(m.status.size(kept, genres.length)).waitFor()
      await status(page).getByText(m.status.saved).waitFor()
      const { who } = await engine.engine.call('app.info', {})
      await status(page).getByText(m.status.who(who)).waitFor()
      await rail(page).getByRole('link', { name: m.shell.titles.review }).click()
      await page.locator('[role=option] .title').first().waitFor()
      engine.failNext.set('labels.apply', new UserError('disk-full', 'The disk is full.'))
      await page.keyboard.press('Space')
      await status(page).getByText(m.status.unsaved('The disk is full.')).waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('region', { name: m.components.notices.error }).getByRole('button', { name: m.components.dismiss }).click()
      await page.getByRole('button', { name: m.said.button(1) }).click()
      const notices = page.getByRole('dialog', { name: m.said.title })
      await notices.getByText('The disk is full.').waitFor()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: m.said.button(0), exact: true }).waitFor()
      await page.getByRole('listbox', { name: m.review.movies }).focus()
      await page.keyboard.press('Space')
      await status(page).getByText(m.status.saved).waitFor()
      await close()
    },
  )

  test('shell: another program that has the project open is named as long as it does', async () => {
    const { page, engine, close } = await open()
    engine.rewrite.set('project.info', (info: ProjectInfo) => ({ ...info, others: ['a Reelabel window of Ann'] }))
    await page.reload()
    await page.getByRole('region', { name: m.components.notices.news }).getByRole('button', { name: m.components.dismiss }).click()
    await status(page).getByTitle(/Ann/).getByText(m.status.others(1)).waitFor()
    engine.rewrite.delete('project.info')
    await page.reload()
    await status(page).getByText(m.status.saved).waitFor()
    expect(await status(page).getByText(m.status.others(1)).count()).toBe(0)
    await close()
  })

  test.each(['light', 'dark'] as const)(
    'shell: the drawer lists jobs with their steps, and what failed with the reason (%s)',
    async (colorScheme) => {
      const { page, engine, close } = await open({ colorScheme })
      const text = m.jobs.drawer
      const button = status(page).getByRole('button', { name: m.status.jobs(m.jobs.none) })
      await button.click()
      const drawer = page.getByRole('dialog', { name: text.title })
      await drawer.getByText(text.empty).waitFor()
      await engine.engine.call('backups.make', {})
      const backup = drawer.getByRole('listitem').filter({ hasText: m.jobs.names.backup })
      await backup.getByText(text.states.done).waitFor()
      await backup.getByText(text.steps).click()
      await backup.getByText(/^Started /).waitFor()
      await backup.getByText('starting').waitFor()
      expect(await violations(page)).toEqual([])
      const failed = {
        kind: 'export',
        state: 'failed',
        phase: '',
        message: 'The disk is full: free some space.',
        code: 'disk-full',
      } as const
      const event: JobEvent = { ...failed, job: 99, progress: 0.5, elapsedMs: 1000, remainingMs: null, run: null, result: null }
      engine.rewrite.set('jobs.list', () => [event])
      await page.reload()
      await button.click()
      await drawer.getByText(failed.message).waitFor()
      expect(await violations(page)).toEqual([])
      await drawer.getByRole('button', { name: text.open(m.shell.titles.export) }).click()
      await heading(page, m.shell.titles.export).waitFor()
      await close()
    },
  )

  test('shell: projects are pinned, renamed, deleted, put back and found by name', async () => {
    const { page, engine, close } = await open()
    const text = m.shell.project.dialog
    const menu = page.getByRole('button', { name: /^Project: / })
    await menu.click()
    await page.getByRole('menuitem', { name: m.shell.project.manage }).click()
    const dialog = page.getByRole('dialog', { name: text.title })
    const names = () => dialog.locator('tbody td:first-child').allInnerTexts()
    await expect.poll(names).toEqual(['Sample open', 'Other'])
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: text.pin('Other') }).click()
    await expect.poll(names).toEqual(['Other', 'Sample open'])
    await dialog.getByRole('button', { name: text.rename('Other') }).click()
    await page.getByLabel(m.shell.project.asked.name).fill('Another')
    await page.keyboard.press('Enter')
    await expect.poll(names).toEqual(['Another', 'Sample open'])
    await dialog.getByRole('button', { name: text.remove('Another') }).click()
    await page.getByRole('button', { name: m.shell.project.asked.delete }).click()
    await expect.poll(names).toEqual(['Sample open'])
    await dialog.getByText(text.deleted(1)).click()
    await dialog.getByRole('button', { name: text.putBackThis('Another') }).click()
    await expect.poll(names).toEqual(['Another', 'Sample open'])
    // the pin is kept by the engine, not by the address of the page
    const { state } = await engine.engine.call('settings.get', {})
    expect(state['projects.pinned']).toEqual([expect.stringContaining('Another.reel')])
    engine.rewrite.set('project.list', (list: readonly ProjectEntry[]) =>
      Array.from({ length: 12 }, (_, i) => ({ ...list[0]!, name: `Project ${i}`, path: `/p/${i}.reel` })),
    )
    await page.reload()
    await menu.click()
    await page.getByRole('menuitem', { name: m.shell.project.all(12) }).click()
    await dialog.getByRole('searchbox', { name: text.filter }).fill('project 11')
    await expect.poll(names).toEqual(['Project 11'])
    expect(await violations(page)).toEqual([])
    await close()
  })
}
