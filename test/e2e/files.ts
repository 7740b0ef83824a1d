/** An analyst's own files, from a first import to an update and back: whichever way the window is hosted. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Driver } from './driver.ts'
import { screens } from './screens.ts'

const GHOSTS = 40
const row = (i: number): string =>
  i % 2 === 0
    ? `f${i};Café ${i};"A haunted house, a ghost number ${i} and a scream at midnight.";Horror, Thriller`
    : `f${i};Wedding ${i};"Two friends fall in love at wedding number ${i}, and laugh.";Comedy, Romance`
const TORN = 'f40;Too many;A plot; with a separator too many;Horror'
const BARE = 'f41;No genre;Somebody walks through the rain for an hour.;'
const table = (rows: readonly string[]): string => `id;title;plot;genres\r\n${rows.join('\r\n')}\r\n`

export function filesScenario(driver: () => Driver): void {
  const { page, go, button, menuItem, card, dialog, choose } = screens(driver)
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-csv-'))
  const movies = async (n: number): Promise<void> => {
    await go('Overview')
    await page()
      .getByRole('main')
      .getByText(new RegExp(`^${n} movies, `))
      .waitFor()
  }
  const apply = async (): Promise<void> => {
    await button(m.clean.bar.apply).click()
    await page().getByText(m.clean.bar.applied).waitFor()
  }

  test('imports a file with semicolons in Windows-1252: two clicks, and it says how it was read', async () => {
    const file = join(folder, 'my films.csv')
    writeFileSync(file, table([...Array.from({ length: GHOSTS }, (_, i) => row(i)), TORN, BARE]), 'latin1')
    await go('Import')
    await choose(file)
    await card(m.import.start.label).waitFor()
    await page().getByRole('cell', { name: 'Café 0', exact: true }).waitFor()
    await page().getByText('CSV, semicolon, Windows-1252').waitFor()
    await button(m.import.bar.import).click()
    await button('Project: my films').waitFor()
    await card(m.import.report.title).waitFor()
    await movies(GHOSTS)
  })

  test('a rejected record is fixed and added', async () => {
    await go('Import')
    const record = page().getByRole('textbox', { name: /^Line 42 of/ })
    expect(await record.inputValue()).toBe(TORN)
    await record.fill('f40;Too many;Still; one; too many;Horror')
    await page()
      .getByText(/^Not yet: /)
      .waitFor()
    await record.fill('f40;Too many;"A plot; with a separator in quotes";Horror')
    await page().getByText(m.rejected.valid).waitFor()
    await button(m.rejected.addFixed(1)).click()
    await page().getByText('1 record added.').waitFor()
    await movies(GHOSTS + 1)
  })

  test('a cleaning rule turned off brings its movie back, turned on takes it out; a preview says so before', async () => {
    await go('Clean')
    const rule = page().getByRole('switch', { name: 'Missing plot or genre' })
    await rule.uncheck()
    await button(m.clean.bar.preview).click()
    await page().getByText('42 of 42 movies would stay: 1 more than now.').waitFor()
    await apply()
    await movies(GHOSTS + 2)
    await go('Clean')
    await rule.check()
    await apply()
    await movies(GHOSTS + 1)
  })

  test('an update from files is shown before it is done', async () => {
    const file = join(folder, 'my films 2.csv')
    const changed = row(0).replace('midnight', 'noon')
    writeFileSync(file, table([changed, ...Array.from({ length: GHOSTS - 2 }, (_, i) => row(i + 1)), row(GHOSTS + 2)]), 'latin1')
    await button(/^Project: /).click()
    await menuItem(m.shell.project.update).click()
    await choose(file)
    await button(m.import.bar.compare).click()
    const plan = card(m.merge.title)
    await plan.waitFor()
    const figure = (name: string) =>
      plan
        .locator('dt', { hasText: new RegExp(`^${name}$`) })
        .locator('xpath=following-sibling::dd[1]')
        .innerText()
    expect([
      await figure(m.merge.added.label),
      await figure(m.merge.changed.label),
      await figure(m.merge.removed.label),
      await figure(m.merge.same.label),
    ]).toEqual(['1', '1', '3', '38'])
    await plan.getByText('midnight', { exact: true }).waitFor()
    await plan.getByRole('radio', { name: m.merge.remove.label }).check()
    await button(m.import.bar.update).click()
    await page().getByText('1 movie new, 1 changed, 3 removed.').waitFor()
    await movies(GHOSTS)
  })

  test('the backup from before the update brings everything back', async () => {
    await button(/^Project: /).click()
    await menuItem(m.shell.project.backups).click()
    const backups = dialog(m.safety.title)
    await backups
      .getByRole('row', { name: m.safety.reasons['before-merge'] })
      .getByRole('button', { name: /^Restore/ })
      .click()
    await page().getByRole('button', { name: m.safety.restore, exact: true }).click()
    await backups.getByRole('row', { name: m.safety.reasons['before-restore'] }).waitFor()
    await backups.getByRole('button', { name: m.common.close }).last().click()
    await movies(GHOSTS + 1)
  })

  test('the sample is opened again', async () => {
    await button(/^Project: /).click()
    await menuItem(m.shell.project.openSample).click()
    await button(/^Project: (?!my films|none)/).waitFor()
  })
}
