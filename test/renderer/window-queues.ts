/** Queues, skipped and flagged movies, the session line, and the sweep of one genre in the window. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { QUEUES } from '../../src/contract/queues.ts'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open } from './window-engine.ts'

export function windowQueuesTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const session = (page: Page) => page.getByRole('group', { name: m.review.session.title })
  const titles = (page: Page) => page.locator('[role=option] .title').allInnerTexts()
  async function review(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Review' }).click()
    await page.locator('[role=option] .title').nth(3).waitFor()
  }

  test('the picker says what each queue puts first, and why one cannot be used', async () => {
    const { page, close } = await open({ colorScheme: 'dark' })
    await review(page)
    const suspects = await titles(page)
    await page.getByRole('button', { name: m.review.queues.title }).click()
    for (const { title, first } of [QUEUES.rare, QUEUES.random]) await page.getByText(`${title} ${first}`).waitFor()
    const families = page.getByRole('radio', { name: QUEUES.disagreement.title })
    expect([await families.isDisabled(), await page.getByText(/Needs a finished training of each of two families/).count()]).toEqual([
      true,
      1,
    ])
    await page.getByRole('radio', { name: QUEUES.mixed.title }).check()
    expect(await violations(page)).toEqual([])
    await page.getByRole('spinbutton', { name: QUEUES.suspects.title }).fill('0')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Escape')
    await families.waitFor({ state: 'detached' })
    await page.getByText(QUEUES.mixed.first).waitFor()
    await expect.poll(() => titles(page)).not.toEqual(suspects)
    expect(await violations(page)).toEqual([])
    await close()
  })

  test('S puts a movie behind the list until it is brought back, F flags it; both are in its history and can be undone', async () => {
    const { page, engine, close } = await open()
    await review(page)
    const [first, second] = await titles(page)
    await page.keyboard.press('f')
    await page.keyboard.press('s')
    await page.getByRole('heading', { level: 2, name: second!, exact: true }).waitFor()
    await page.getByRole('button', { name: m.review.session.bringBack(1) }).waitFor()
    const { movies } = await engine.engine.call('review.query', { where: 'skipped:yes' })
    const { flagged, history } = await engine.engine.call('review.movie', { movie: movies[0]! })
    expect([movies.length, flagged, history.map(({ field }) => field)]).toEqual([1, true, ['flagged', 'skipped']])
    await page.keyboard.press('.')
    await expect.poll(async () => (await titles(page))[0]).toBe(second)
    await page.getByRole('button', { name: m.review.session.bringBack(1) }).click()
    await expect.poll(async () => (await titles(page))[0]).toBe(first)
    expect(await page.locator('[role=option]').first().locator('.flagged').count()).toBe(1)
    await page.keyboard.press('Control+z')
    await page.getByRole('button', { name: m.review.session.bringBack(1) }).waitFor()
    await page.getByRole('combobox', { name: m.review.mark }).selectOption(m.review.markStates.flagged)
    await expect.poll(() => titles(page)).toEqual([first])
    await close()
  })

  test('the session line counts what was decided, and what is left', async () => {
    const { page, engine, close } = await open()
    await review(page)
    const { buckets } = await engine.engine.call('review.first', { where: 'reviewed:no' })
    await expect.poll(() => session(page).innerText()).toBe(`0 reviewed. ${m.review.session.left(buckets!.left)}`)
    await page.keyboard.press('Shift+A')
    await expect.poll(() => session(page).innerText()).toMatch(/^1 reviewed, [\d.]+ per minute, 100 errors per 100 looked at\./)
    await page.keyboard.press('Space')
    await expect.poll(() => session(page).innerText()).toContain('50 errors per 100 looked at.')
    await expect.poll(() => session(page).innerText()).toContain(m.review.session.left(buckets!.left - 2))
    await page.keyboard.press('Control+z')
    await expect.poll(() => session(page).innerText()).toMatch(/^1 reviewed/)
    await close()
  })

  test('a sweep asks one question for each doubtful movie, by keyboard; it goes on after a reload', async () => {
    const { page, engine, close } = await open()
    const { movies, total } = await engine.engine.call('suspects.sweep', { genre: 'Drama' })
    await page.getByRole('link', { name: 'Overview' }).click()
    await page
      .getByRole('link', { name: m.sweep.of('Drama') })
      .last()
      .click()
    const heading = (title: string) => page.getByRole('heading', { level: 2, name: title, exact: true })
    await heading(movies[0]!.title).waitFor()
    expect(await violations(page)).toEqual([])
    const status = (answered: number, changed: number) => page.getByText(m.sweep.progress(answered, total, changed, null))
    const answer = async (i: number, agree: boolean) => page.keyboard.press(movies[i]!.given === agree ? 'y' : 'n')
    await answer(0, false)
    await heading(movies[1]!.title).waitFor()
    await answer(1, true)
    await heading(movies[2]!.title).waitFor()
    await status(2, 1).waitFor()
    const drama = async (i: number) =>
      (await engine.engine.call('review.movie', { movie: movies[i]!.movie })).allCells.find(({ name }) => name === 'Drama')
    await expect.poll(() => drama(1)).toMatchObject({ label: movies[1]!.given, verdict: 'keep' })
    expect(await drama(0)).toMatchObject({ label: !movies[0]!.given, verdict: 'keep' })
    await page.keyboard.press('Control+z')
    await heading(movies[1]!.title).waitFor()
    await status(1, 1).waitFor()
    await answer(1, true)
    await expect.poll(async () => (await engine.engine.call('review.place', {}))?.sweep?.answered, { timeout: 10_000 }).toBe(2)
    await page.reload()
    await heading(movies[2]!.title).waitFor()
    await status(2, 1).waitFor()
    for (let i = 2; i < total; i++) {
      await heading(movies[i]!.title).waitFor()
      await (i === 2 ? page.keyboard.press('j') : answer(i, true))
    }
    await page.getByText(m.sweep.doneHelp(total - 1, 1, 1)).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.sweep.again(1) }).click()
    await heading(movies[2]!.title).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[role=option] .title').first().waitFor()
    expect((await engine.engine.call('suspects.sweep', { genre: 'Drama' })).total).toBe(1)
    await close()
  })
}
