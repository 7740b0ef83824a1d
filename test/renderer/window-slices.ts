/** The screen Slices: found and saved slices, their movies, and what goes wrong. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { m } from '../../src/renderer/messages/index.ts'
import type { SliceReport } from '../../src/contract/slices.ts'
import type { Open } from './window-engine.ts'

export function windowSlicesTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const text = m.slices
  const found = (page: Page) => page.getByRole('region', { name: text.found })
  const saved = (page: Page) => page.getByRole('region', { name: text.saved })

  test('a slice opens exactly its movies, and is measured once it is saved', async () => {
    const { page, engine, close } = await open()
    // the sample is too small for a slice beyond chance: one is measured, and shown as if it had been found
    await engine.engine.call('review.setSlices', { slices: [{ name: 'x', where: 'genre:Drama length>=30' }] })
    const { saved: measured } = await engine.engine.call('slices.find', {})
    await engine.engine.call('review.setSlices', { slices: [] })
    const expected = measured.map((row) => ({ ...row, name: null }))
    engine.rewrite.set('slices.find', (report: SliceReport) => ({ ...report, found: expected }))
    await page.getByRole('link', { name: text.title }).click()
    await saved(page).getByText(text.noneSaved).waitFor()
    expect(await found(page).locator('tbody tr').count()).toBe(1)
    const { where, movies } = expected[0]!
    await found(page)
      .getByRole('button', { name: text.saveThis(where), exact: true })
      .click()
    const dialog = page.getByRole('dialog', { name: m.filter.slices.title })
    await dialog.getByLabel(m.filter.slices.name, { exact: true }).fill('Weak spot')
    await page.keyboard.press('Enter')
    await saved(page).getByRole('link', { name: 'Weak spot' }).waitFor()
    expect(await engine.engine.call('review.slices', {})).toEqual([{ name: 'Weak spot', where }])
    expect(await violations(page)).toEqual([])
    await found(page).getByRole('link', { name: where, exact: true }).click()
    const counted = () => page.getByRole('search').getByRole('status').innerText()
    await expect.poll(counted).toBe(m.filter.count(String(movies), movies))
    await close()
  })

  test('without a model there is nothing to find, and a failed search can be tried again', async () => {
    const untrained = await open({ trained: false })
    await untrained.page.getByRole('link', { name: text.title }).click()
    await untrained.page.getByText(text.noModel).waitFor()
    expect(await violations(untrained.page)).toEqual([])
    await untrained.close()
    const { page, engine, close } = await open()
    engine.failNext.set('slices.find', new UserError('defect', 'The catalogue is not there.'))
    await page.getByRole('link', { name: text.title }).click()
    await page.getByText('The catalogue is not there.').waitFor()
    await page.getByRole('heading', { name: text.failed }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.common.tryAgain }).click()
    await found(page).waitFor()
    await close()
  })
}
