/** An analyst's files in the window: cleaning, imports, rejected records, updates, backups and salvage in front of a real engine. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { CleaningReport } from '../../src/contract/cleaning.ts'
import type { ProjectEntry } from '../../src/contract/project.ts'
import { when } from '../../src/renderer/messages/format.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { csvOf } from '../support/project.ts'
import { OTHER_MOVIES, type Open } from './window-engine.ts'

type Violations = (page: Page) => Promise<string[]>
const screen = (page: Page, name: string) => page.getByRole('navigation', { name: m.shell.screens }).getByRole('link', { name }).click()
const choose = (page: Page, name: string, text: string) =>
  page.getByLabel(m.import.drop.input, { exact: true }).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
const projectMenu = (page: Page) => page.getByRole('button', { name: /^Project: / }).click()

/** Two plots that differ in one word of thirty, with other genres. */
const SIMILAR =
  'A keeper of a lighthouse finds a boat without a crew and in it the letters of a woman who seems to know his name and his past, and he follows them to the'
const FILMS = csvOf([
  `harbour: Drama || ${SIMILAR} harbour.`,
  `harbor: Horror || ${SIMILAR} harbor.`,
  'heat: Crime, Thriller || A detective and a thief respect each other until one of them has to fall.',
  'alien: Horror || Far from home a crew wakes something that should have slept on.',
])

export function windowFilesTests(open: Open, violations: Violations): void {
  test('a copy is written and not opened; a finished import opens itself on its own screen only', async () => {
    const { page, engine, close } = await open()
    const news = page.getByRole('region', { name: m.components.notices.news })
    const project = (name: string) => page.getByRole('button', { name: `Project: ${name}`, exact: true }).waitFor()
    await projectMenu(page)
    await page.getByRole('menuitem', { name: m.shell.project.saveAs }).click()
    await news.getByText('Sample copy.reel').waitFor()
    await project('Sample')
    const { promise, resolve } = Promise.withResolvers<undefined>()
    engine.hold.set('import.run', promise)
    await screen(page, m.shell.titles.import)
    await choose(page, 'films.csv', FILMS)
    await page.getByRole('button', { name: m.import.bar.import, exact: true }).click()
    await screen(page, m.shell.titles.review)
    resolve(undefined)
    await news.getByText(/^“films” is imported: \d movies\.$/).waitFor()
    await project('Sample')
    await news.getByRole('button', { name: m.import.open, exact: true }).click()
    await project('films')
    await news.getByRole('button', { name: m.safety.openCopy }).click()
    await project('Sample copy')
    expect(await news.getByRole('button').count()).toBe(0)
    await screen(page, m.shell.titles.import)
    await choose(page, 'films.csv', FILMS)
    await page.getByRole('button', { name: m.import.bar.import, exact: true }).click()
    await project('films 2')
    await close()
  })

  test('a project is renamed, deleted after a question, and put back', async () => {
    const { page, close } = await open()
    const text = m.shell.project
    const choose = async (item: string) => {
      await projectMenu(page)
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    }
    await choose(text.rename)
    const name = page.getByRole('textbox', { name: text.asked.name })
    expect(await name.inputValue()).toBe('Sample')
    await name.fill('Films of 2026')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: text.button('Films of 2026') }).waitFor()
    await choose(text.delete)
    await page.getByRole('dialog', { name: text.asked.deleteTitle('Films of 2026') }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: text.asked.delete }).click()
    await page.getByRole('button', { name: text.button('Sample project') }).waitFor()
    await page.getByRole('region', { name: m.components.notices.news }).getByRole('button', { name: text.asked.restore }).click()
    await page.getByRole('button', { name: text.button('Films of 2026') }).waitFor()
    await projectMenu(page)
    expect(await page.getByRole('menuitem', { name: text.openFile }).getAttribute('aria-disabled')).toBe('true')
    await close()
  })

  test('the project menu opens with the list of projects; when they are listed again, no item moves', async () => {
    const { page, engine, close } = await open()
    await expect.poll(() => engine.count('project.list')).toBe(1)
    const held = Promise.withResolvers<undefined>()
    engine.hold.set('project.list', held.promise)
    engine.rewrite.set('project.list', (entries: readonly ProjectEntry[]) =>
      entries.map((e) => ({ ...e, modifiedAt: '2001-02-03T12:00:00Z' })),
    )
    await projectMenu(page)
    const other = page.getByRole('menuitem', { name: /^Other/ })
    await other.waitFor()
    const update = page.getByRole('menuitem', { name: m.shell.project.update })
    const place = await update.boundingBox()
    held.resolve(undefined)
    await other.getByText(when('2001-02-03T12:00:00Z')).waitFor()
    expect(await update.boundingBox()).toEqual(place)
    await close()
  })

  test('rules are moved by key, previewed, and applied', async () => {
    const { page, engine, close } = await open()
    const { kept, movies } = await engine.engine.call('project.info', {})
    await screen(page, m.shell.titles.clean)
    const titles = () => page.getByRole('switch').evaluateAll((all) => all.map((s) => s.getAttribute('aria-label')))
    const missing = page.getByRole('switch', { name: 'Missing plot or genre' })
    await missing.waitFor()
    const before = await titles()
    await page.getByRole('button', { name: m.clean.rule.moveDown(before[0]!) }).press('Alt+ArrowDown')
    expect(await titles()).toEqual([before[1], before[0], ...before.slice(2)])
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(m.clean.rule.moveDown(before[0]!))
    await missing.uncheck()
    expect(engine.calls).not.toContain('clean.preview')
    await page.getByRole('button', { name: m.clean.bar.preview }).click()
    const text = await page.getByText(/movies would stay: \d+ more than now\.$/).innerText()
    const [would = NaN, all, more] = [...text.matchAll(/\d+/g)].map(Number)
    expect([all, more]).toEqual([movies, would - kept])
    await page.getByRole('button', { name: m.clean.bar.apply }).click()
    await page.getByText(m.clean.bar.applied).waitFor()
    await page.getByText(m.clean.kept(would, movies)).waitFor()
    expect((await engine.engine.call('project.info', {})).kept).toBe(would)
    expect((await titles())[1]).toBe(before[0])
    await close()
  })

  test('a costly rule is counted on request, and its groups of duplicates lead to Review', async () => {
    const { page, engine, close } = await open({ csv: FILMS })
    // as for a catalogue above 100,000 movies, in which costly rules that are off are not counted
    engine.rewrite.set('clean.report', (report: CleaningReport) => ({
      ...report,
      steps: report.steps.map((s) => (s.rule === 'near-duplicate' ? { ...s, counted: false, count: 0, conflicts: [] } : s)),
    }))
    await screen(page, m.shell.titles.clean)
    await page.getByRole('button', { name: m.clean.rule.countThis('Near duplicates') }).click()
    await page.getByText(m.clean.rule.wouldAffect(1)).first().waitFor()
    await page.getByRole('button', { name: m.clean.rule.detailsOf('Near duplicates') }).click()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Title harbor' }).first().click()
    await page.getByRole('heading', { level: 1, name: m.shell.titles.review }).waitFor({ state: 'attached' })
    await page.getByRole('heading', { level: 2, name: 'Title harbor' }).waitFor()
    await close()
  })

  test('genres are merged by keyboard, with what becomes of them', async () => {
    const { page, engine, close } = await open()
    await screen(page, m.shell.titles.clean)
    await page.getByRole('button', { name: m.clean.rule.detailsOf('Genre table') }).click()
    for (const genre of ['Horror', 'Mystery'])
      await page.getByRole('checkbox', { name: m.clean.genres.selectThis(genre), exact: true }).check()
    const target = page.getByRole('combobox', { name: m.clean.genres.target, exact: true })
    await target.fill('No such genre')
    await target.press('Escape')
    expect(await target.inputValue()).toBe('')
    await target.fill('A new genre')
    await target.press('Tab')
    expect(await target.inputValue()).toBe('A new genre')
    await target.fill('thri')
    await expect
      .poll(() => page.getByRole('listbox', { name: m.clean.genres.target }).getByRole('option').allTextContents())
      .toHaveLength(2)
    expect(await violations(page)).toEqual([])
    await target.press('Enter')
    expect(await page.getByRole('listbox').count()).toBe(0)
    await page.getByRole('button', { name: m.clean.genres.merge }).click()
    await page
      .getByRole('row', { name: /Horror/ })
      .getByText('Thriller', { exact: true })
      .waitFor()
    const [before = NaN, after = NaN] = [...(await page.getByText(/^\d+ genres become \d+/).innerText()).matchAll(/\d+/g)].map(Number)
    expect(after).toBeLessThan(before - 1)
    await page.locator('.view').evaluate((e) => e.scrollTo(0, e.scrollHeight))
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.clean.bar.apply }).click()
    await page.getByText(m.clean.bar.applied).waitFor()
    const rules = await engine.engine.call('clean.ruleSet', {})
    expect(rules.find((s) => s.rule === 'genre-table')?.params).toEqual({ table: { Horror: ['Thriller'], Mystery: ['Thriller'] } })
    await close()
  })

  test('ten thousand columns: one is found by typing', async () => {
    const { page, close } = await open({ csv: FILMS })
    const extra = Array.from({ length: 9_996 }, (_, i) => `column ${i + 5}`)
    const wide = csvOf(['dune: Drama', 'heat: Crime', 'alien: Horror'])
      .split('\n')
      .map((line, i) => (line === '' ? line : [line, ...extra.map((name) => (i === 0 ? name : '1'))].join(',')))
    await screen(page, m.shell.titles.import)
    await choose(page, 'wide.csv', wide.join('\n'))
    const field = page.getByRole('combobox', { name: m.import.plan.columns.plot })
    await field.fill('column 9999')
    await expect.poll(() => page.getByRole('listbox', { name: m.import.plan.columns.plot }).getByRole('option').count()).toBe(1)
    await field.press('Enter')
    await expect.poll(() => field.inputValue()).toBe('column 9999')
    await field.fill('nothing like it')
    await field.press('Escape')
    expect(await field.inputValue()).toBe('column 9999')
    await close()
  })

  test('a file that is fine takes two clicks; one that is not says what is repaired', async () => {
    const { page, engine, close } = await open({ csv: FILMS })
    const film = (i: number, plot = `"The plot of film ${i}, told at some length."`) => `${i},Film ${i},${plot},12.5,300,7.1,en,Drama`
    const films = Array.from({ length: 30 }, (_, i) => film(i))
    films[4] = film(4, 'A plot that a line\nbreak split in two pieces')
    films[9] = film(9, 'The waiter of the cafÃ© sees it all and says nothing for years.')
    await screen(page, m.shell.titles.import)
    await choose(page, 'torn.csv', ['id,title,plot,popularity,votes,average,language,genres', ...films, ''].join('\n'))
    await page.getByText(m.import.repairs.note(2, 0, { records: 30, whole: true })).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.getByRole('checkbox', { name: m.import.repairs.names.torn.label }).isChecked()).toBe(true)
    await page.getByRole('checkbox', { name: m.import.repairs.names.mojibake.label }).check()
    await expect.poll(() => engine.count('import.inspect')).toBe(2)
    await page.getByRole('button', { name: m.import.bar.import, exact: true }).click()
    await page.getByRole('button', { name: 'Project: torn' }).waitFor()
    const { movie } = await engine.engine.call('review.find', { key: '9' })
    expect((await engine.engine.call('review.movie', { movie })).plot).toContain('café')
    await close()
  })

  test('genres that are ids get the names of a file', async () => {
    const { page, engine, close } = await open()
    await screen(page, m.shell.titles.import)
    const ids = Array.from(
      { length: 12 },
      (_, i) => `m${i},Title ${i},"A keeper of a lighthouse finds a boat, part ${i}.",${i % 2 ? 28 : 12}\n`,
    )
    await choose(page, 'ids.csv', `id,title,plot,genre_ids\n${ids.join('')}`)
    const text = m.import.genres
    await page.getByRole('button', { name: text.chooseNames }).waitFor()
    const group = page.getByRole('group', { name: text.names })
    const file = (name: string, content: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })
    await group.getByLabel(text.names, { exact: true }).setInputFiles(file('wrong.csv', 'id,name\n28,Action\n'))
    await group.getByRole('button', { name: text.withoutNames }).click()
    await group.getByText(text.namesHelp).waitFor()
    await group.getByLabel(text.names, { exact: true }).setInputFiles(file('names.json', '{"28": "Action", "12": "Adventure"}'))
    await group.getByText('names.json').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: m.import.bar.import, exact: true }).click()
    await page.getByRole('button', { name: 'Project: ids' }).waitFor()
    expect((await engine.engine.call('project.info', {})).genres.map(({ name }) => name).sort()).toEqual(['Action', 'Adventure'])
    await close()
  })

  test('a rejected record is edited until it is valid', async () => {
    const records = Array.from({ length: 300 }, (_, i) => `${i},Film ${i},The plot of film ${i} is told here.,Drama`)
    // the header is line 1: record 86 is at line 88
    for (const i of [86, 107]) records[i] = `${i},Film ${i}`
    for (let i = 300; i < 511; i++) records.push(`${i},Film ${i},a plot,Drama,a fifth,a sixth`)
    const { page, engine, close } = await open({
      csv: ['id,title,plot,genres,year', ...records.map((r) => (r.split(',').length === 4 ? `${r},1999` : r)), ''].join('\n'),
    })
    const { total } = await engine.engine.call('rejected.list', {})
    expect(total).toBeGreaterThan(200)
    await screen(page, m.shell.titles.import)
    const list = page.getByRole('listbox', { name: m.rejected.title })
    const field = page.getByRole('textbox', { name: /^Line \d+ of movies\.csv/ })
    await field.fill('1,2,3,4,5,6,7,8')
    await page.getByText(/^Not yet: /).waitFor()
    expect(await page.getByRole('button', { name: m.rejected.add, exact: true }).isDisabled()).toBe(true)
    await field.fill('900,Lost,A plot that was lost for years.,Drama,1999')
    await page.getByText(m.rejected.valid).waitFor()
    expect(await violations(page)).toEqual([])
    await list.press('ArrowDown')
    await expect.poll(() => list.getByRole('option', { selected: true }).getAttribute('aria-posinset')).toBe('2')
    await page.getByRole('button', { name: m.rejected.addFixed(1) }).click()
    await page.getByRole('heading', { name: `${m.rejected.title} ${total - 1}` }).waitFor()
    await list.press('End')
    await expect.poll(() => list.getByRole('option').last().getAttribute('aria-setsize')).toBe('200')
    expect((await engine.engine.call('review.find', { key: '900' })).movie).toBeGreaterThan(0)
    await close()
  })

  test('an update is shown before it is done', async () => {
    const { page, engine, close } = await open({ csv: FILMS })
    const newer = `${FILMS}dune,Dune,Sand and spice on a far planet.,Drama\n`
    await projectMenu(page)
    await page.getByRole('menuitem', { name: m.shell.project.update }).click()
    await choose(page, 'newer.csv', newer)
    await page.getByRole('button', { name: m.import.bar.compare }).click()
    await page.getByRole('heading', { name: m.merge.title }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(engine.calls).not.toContain('merge.run')
    // other choices make the comparison stale
    const id = page.getByRole('combobox', { name: m.import.plan.columns.id })
    await id.selectOption('title')
    await page.getByRole('heading', { name: m.merge.title }).waitFor({ state: 'detached' })
    await id.selectOption('id')
    await page.getByRole('button', { name: m.import.bar.compare }).click()
    await page.getByRole('button', { name: m.import.bar.update }).click()
    await expect.poll(async () => (await engine.engine.call('project.info', {})).movies).toBe(5)
    // what would be lost stands beside the button that goes on without it
    await projectMenu(page)
    await page.getByRole('menuitem', { name: m.shell.project.update }).click()
    await choose(page, 'newer.csv', `${newer}x,X,A plot, with a comma.,War\n`)
    await page.getByRole('button', { name: m.import.bar.compare }).click()
    await page
      .getByRole('alert')
      .getByText(/^1 of 6 records would be rejected/)
      .waitFor()
    await page.getByRole('button', { name: m.import.bar.updateAnyway }).click()
    await page.getByRole('heading', { name: m.merge.title }).waitFor({ state: 'detached' })
    expect(engine.count('merge.run')).toBe(2)
    await close()
  })

  test('backups are listed, made, and restored after a question', async () => {
    const { page, engine, close } = await open({ csv: FILMS })
    await projectMenu(page)
    await page.getByRole('menuitem', { name: m.shell.project.backups }).click()
    const dialog = page.getByRole('dialog', { name: m.safety.title })
    await dialog.getByRole('button', { name: m.safety.backUpNow }).click()
    const backup = dialog.getByRole('row', { name: m.safety.reasons.asked })
    await backup.waitFor()
    const { movie } = await engine.engine.call('review.find', { key: 'heat' })
    await engine.engine.call('labels.apply', { changes: [{ field: 'note', movie, to: 'after the backup' }] })
    await backup.getByRole('button').click()
    expect(engine.calls).not.toContain('backups.restore')
    expect(await violations(page)).toEqual([])
    const question = page.getByRole('dialog', { name: /^Restore the backup of / })
    await question.getByText(m.safety.backedUpFirst).waitFor()
    await question.getByRole('button', { name: m.safety.restore, exact: true }).click()
    await expect.poll(() => engine.calls).toContain('backups.restore')
    await expect.poll(async () => (await engine.engine.call('review.movie', { movie })).note).toBe('')
    await close()
  })

  test('a damaged project is salvaged, and the result opened', async () => {
    const { page, engine, close } = await open({ csv: FILMS })
    const path = join(dirname((await engine.engine.call('project.info', {})).path), 'Other.reel')
    const bytes = readFileSync(path)
    // the schema after the file header is gone, the rows on the other pages are not
    bytes.fill(0xff, 100, 4096)
    writeFileSync(path, bytes)
    await projectMenu(page)
    await page.getByRole('menuitem', { name: /^Other/ }).click()
    const dialog = page.getByRole('dialog', { name: m.safety.trouble.damaged })
    await dialog
      .getByText(/Other\.reel/)
      .first()
      .waitFor()
    await dialog.getByRole('button', { name: m.safety.trouble.salvage }).click()
    await dialog.getByRole('table', { name: m.safety.salvaged.label }).waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: m.safety.trouble.openSalvaged }).click()
    await expect.poll(async () => (await engine.engine.call('project.info', {})).path).toMatch(/salvaged\.reel$/)
    expect((await engine.engine.call('project.info', {})).movies).toBe(OTHER_MOVIES)
    await dialog.waitFor({ state: 'detached' })
    await close()
  })
}
