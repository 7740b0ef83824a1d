/** The filter field of Review: completions, chips, errors, slices, the way back and forward. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open } from './window-engine.ts'

export function windowFiltersTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const field = (page: Page) => page.getByRole('combobox', { name: m.filter.label })
  const chips = (page: Page) => page.locator('.chip button:first-child').allInnerTexts()
  const counted = (page: Page) => page.getByRole('search').getByRole('status').innerText()
  const completions = (page: Page) => page.getByRole('listbox', { name: m.filter.completions }).getByRole('option')
  const options = (page: Page) => completions(page).locator('span:first-child').allInnerTexts()
  async function review(): Promise<{ page: Page; close: () => Promise<void>; count: (where: string) => Promise<string> }> {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('mark').first().waitFor()
    const count = async (where: string) => {
      const { movies } = await engine.engine.call('review.query', { where })
      return m.filter.count(movies.length.toLocaleString('en'), movies.length)
    }
    return { page, close, count }
  }

  test('a filter is completed and entered by keyboard, edited and removed as chips; the list follows what is typed', async () => {
    const { page, close, count } = await review()
    await expect.poll(() => chips(page)).toEqual(['reviewed:no'])
    await page.keyboard.press('/')
    await page.keyboard.type('genre:hor')
    await expect.poll(() => options(page)).toEqual(['Horror'])
    await page.keyboard.press('ArrowDown')
    expect(await field(page).getAttribute('aria-activedescendant')).toBe(await completions(page).getAttribute('id'))
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.keyboard.type('p(Horror)>0.3')
    await expect.poll(() => counted(page)).toBe(await count('reviewed:no genre:Horror p(Horror)>0.3'))
    await page.keyboard.press('Enter')
    await expect.poll(() => chips(page)).toEqual(['reviewed:no', 'genre:Horror', 'p(Horror)>0.3'])
    expect(await field(page).inputValue()).toBe('')
    await page.getByRole('button', { name: m.filter.remove('reviewed:no') }).click()
    await expect.poll(() => counted(page)).toBe(await count('genre:Horror p(Horror)>0.3'))
    await page.getByText('genre:Horror', { exact: true }).click()
    expect([await field(page).inputValue(), await chips(page)]).toEqual(['genre:Horror', ['p(Horror)>0.3']])
    await page.keyboard.press('End')
    await page.keyboard.type(' OR genre:War')
    await page.keyboard.press('Enter')
    await expect.poll(() => chips(page)).toEqual(['p(Horror)>0.3', '(genre:Horror OR genre:War)'])
    await expect.poll(() => counted(page)).toBe(await count('p(Horror)>0.3 (genre:Horror OR genre:War)'))
    await close()
  })

  test('a wrong filter says where and what, keeps the list, and is no notice', async () => {
    const { page, close } = await review()
    const before = await counted(page)
    await field(page).fill('split:trian wolf')
    const alert = page.getByRole('search').getByRole('alert')
    await expect.poll(() => alert.innerText()).toMatch(/split:trian wolf\s+split is never trian: did you mean train\?/)
    expect(await alert.locator('mark').innerText()).toBe('trian')
    await page.keyboard.press('Enter')
    expect([await field(page).inputValue(), await counted(page)]).toEqual(['split:trian wolf', before])
    // a name that only the engine knows
    await field(page).fill('genre:Horor')
    await expect.poll(() => alert.innerText()).toContain('there is no genre Horor: did you mean Horror?')
    expect(await violations(page)).toEqual([])
    expect(await page.getByRole('button', { name: 'Dismiss' }).count()).toBe(0)
    await field(page).fill('')
    await alert.waitFor({ state: 'detached' })
    expect(await counted(page)).toBe(before)
    await close()
  })

  test('a slice is saved, chosen, renamed and deleted; Alt and an arrow lead back and forward', async () => {
    const { page, close } = await review()
    const menu = () => page.getByRole('button', { name: m.filter.slices.button, exact: true }).click()
    await field(page).fill('genre:War -genre:Drama')
    await page.keyboard.press('Enter')
    await expect.poll(() => chips(page)).toEqual(['reviewed:no', 'genre:War', '-genre:Drama'])
    await menu()
    await page.getByRole('menuitem', { name: m.filter.slices.open }).click()
    await page.getByLabel(m.filter.slices.name, { exact: true }).fill('War only')
    await page.getByRole('button', { name: m.filter.slices.save }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('combobox', { name: 'Genre', exact: true }).selectOption('Comedy')
    await expect.poll(() => chips(page)).toEqual(['about:Comedy', 'reviewed:no', 'genre:War', '-genre:Drama'])
    await page.getByRole('listbox', { name: m.review.movies }).focus()
    await page.keyboard.press('Alt+ArrowLeft')
    await expect.poll(() => chips(page)).toEqual(['reviewed:no', 'genre:War', '-genre:Drama'])
    await page.keyboard.press('Alt+ArrowLeft')
    await expect.poll(() => chips(page)).toEqual(['reviewed:no'])
    await page.keyboard.press('Alt+ArrowRight')
    await expect.poll(() => chips(page)).toEqual(['reviewed:no', 'genre:War', '-genre:Drama'])
    await page.getByRole('button', { name: m.filter.back }).click()
    await menu()
    await page.getByRole('menuitem', { name: /^War only/ }).click()
    await expect.poll(() => chips(page)).toEqual(['reviewed:no', 'genre:War', '-genre:Drama'])
    await menu()
    await page.getByRole('menuitem', { name: m.filter.slices.open }).click()
    await page.getByLabel(m.filter.slices.rename('War only')).fill('War')
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: m.filter.slices.delete('War'), exact: true }).click()
    await page.getByRole('table', { name: m.filter.slices.title }).waitFor({ state: 'detached' })
    await close()
  })
}
