/** The screens Export, Report and History. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open } from './window-engine.ts'

export function windowDeliverTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const go = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('navigation', { name: m.shell.screens }).getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }
  const saved = async (page: Page, act: () => Promise<void>): Promise<{ name: string; text: string }> => {
    const [download] = await Promise.all([page.waitForEvent('download'), act()])
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
  }

  test('a filter and a format are chosen, the count is shown, and the file has the movies', async () => {
    const { page, engine, close } = await open()
    const { movies } = await engine.engine.call('review.query', { where: 'genre:Drama', sort: 'file' })
    await go(page, m.shell.titles.export)
    await page.getByLabel(m.export.format, { exact: true }).selectOption(m.export.formats.jsonl.label)
    await page.getByRole('radio', { name: m.export.rowsOf.filter }).click()
    const filter = page.getByRole('textbox', { name: m.export.filter, exact: true })
    await filter.fill('genre:(')
    await page.getByText(/^The filter is wrong at/).waitFor()
    expect(await page.getByRole('button', { name: m.export.run, exact: true }).isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    await filter.fill('genre:Drama')
    await page.getByText(m.export.planned(movies.length)).waitFor()
    await page.getByRole('checkbox', { name: /^Predicted genres/ }).check()
    await page.getByRole('checkbox', { name: m.export.fieldsOf.plot, exact: true }).uncheck()
    const { name, text } = await saved(page, () => page.getByRole('button', { name: m.export.run, exact: true }).click())
    expect(name).toMatch(/ cleaned \d{4}-\d\d-\d\d\.jsonl$/)
    const lines = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
    expect(lines).toHaveLength(movies.length)
    expect(Object.keys(lines[0]!)).toEqual(['id', 'title', 'genres', 'predicted'])
    await page.getByRole('region', { name: m.export.done }).waitFor()
    expect(await violations(page)).toEqual([])
    await close()
  })

  test('the report has the chosen sections', async () => {
    const { page, close } = await open()
    await go(page, m.shell.titles.report)
    await page.getByRole('checkbox', { name: /^Audit/ }).uncheck()
    expect(await violations(page)).toEqual([])
    const { name, text } = await saved(page, () => page.getByRole('button', { name: m.report.html }).click())
    expect(name).toMatch(/ report .*\.html$/)
    expect(text).toContain('<h2>Wrong labels</h2>')
    expect(text).not.toContain('<h2>Audit</h2>')
    await close()
  })

  test('history lists decisions, filters them, reverts a batch after saying what changes, and opens the movie', async () => {
    const { page, engine, close } = await open()
    await go(page, m.shell.titles.history)
    await page.getByText(m.history.none).waitFor()
    const { movies } = await engine.engine.call('review.query', { where: 'genre:Drama', sort: 'file' })
    const movie = movies[0]!
    const drama = (await engine.engine.call('review.genre', { name: 'Drama' })).id
    const labels = async () => (await engine.engine.call('review.rows', { movies: [movie] }))[0]!.labels
    const before = await labels()
    await engine.engine.call('labels.apply', { changes: [{ field: 'label', movie, genre: drama, to: false }], description: 'No drama' })
    await engine.engine.call('labels.apply', { changes: [{ field: 'note', movie, to: 'odd' }] })
    const list = page.getByRole('listbox', { name: m.history.list })
    await list.getByText(/^note: odd/i).waitFor()
    await page.getByLabel(m.history.kind, { exact: true }).selectOption(m.history.kinds.label)
    await list.getByText(/^note: odd/i).waitFor({ state: 'detached' })
    expect(await list.getByRole('option').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.history.revertBatch }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/get their former state back/).waitFor()
    await dialog.getByRole('button', { name: m.history.confirm, exact: true }).click()
    await expect.poll(labels).toEqual(before)
    await list.getByText(/^Drama added/i).waitFor()
    await page.getByLabel(m.history.text, { exact: true }).fill('no such movie')
    await page.getByText(m.history.noMatch).waitFor()
    await page.getByLabel(m.history.text, { exact: true }).fill('')
    await list.getByText(/^Drama added/i).waitFor()
    engine.failNext.set('labels.revert', new UserError('defect', 'The log is not there.'))
    await page.getByRole('button', { name: m.history.revertOne }).click()
    await page.getByText('The log is not there.').waitFor()
    await page.getByRole('button', { name: m.history.open }).click()
    await page.getByRole('heading', { level: 1, name: m.shell.titles.review }).waitFor({ state: 'attached' })
    await close()
  })
}
