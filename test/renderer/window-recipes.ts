/** Recipes on the Train screen: what one does, its parameters, a run from a file, its table, and deletion. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import type { Open } from './window-engine.ts'

const MINE = {
  format: 'reelabel-recipe',
  version: 1,
  name: 'mine',
  title: 'Plain and copied',
  source: 'A test',
  about: 'Two linear models.',
  rows: {},
  text: { reads: 'plot' },
  sample: { movies: null, seed: 42 },
  split: { method: 'scikit-learn', valid: 0.2, test: 0.2, seed: 42 },
  training: { folds: 2, seed: 42 },
  models: [
    { kind: 'linear', name: 'plain', thresholds: [{ strategy: 'fixed', value: 0.5, published: { f1_micro: 0.569 } }] },
    { kind: 'never', name: 'always 0' },
    { kind: 'linear', name: 'copied', imbalance: { kind: 'oversample', share: 0.2 }, against: 'plain', thresholds: [{ strategy: 'annealed' }] },
    { kind: 'absent', name: 'asked', needs: 'decoder' },
  ],
  metrics: { figures: ['f1_micro', 'f1_macro', 'accuracy', 'score'], atLeastOne: true, genres: ['Drama'] },
} // prettier-ignore

export function windowRecipesTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const text = m.recipes

  test('a recipe is read step by step, changed, run from a file, and its table stands beside the published figures', async () => {
    const { page, engine, close } = await open()
    await page.getByRole('link', { name: 'Train' }).click()
    await page.locator('summary', { hasText: text.note }).click()
    const recipe = page.getByLabel(text.recipe, { exact: true })
    await expect.poll(() => recipe.locator('option').count()).toBe(7)
    await recipe.selectOption('popular-distilbert')
    await page.getByText(text.steps, { exact: true }).click()
    await page.getByText('movies with none of the 4 commonest genres count 6 times in training').waitFor()
    const file = (content: string) => ({
      name: 'mine.json',
      mimeType: 'application/json',
      buffer: Buffer.from(content),
    })
    await page.getByLabel(text.file).setInputFiles(file('{"format": "reelabel-recipe", "version": 3}'))
    await page.getByRole('alert').filter({ hasText: 'mine.json is not a recipe of version 1. version:' }).waitFor()
    await page.getByLabel(text.file).setInputFiles(file(JSON.stringify(MINE)))
    await expect.poll(() => recipe.inputValue()).toBe('mine')
    await page.getByLabel('Movies', { exact: true }).fill('100')
    await page.getByLabel('Movies', { exact: true }).press('Tab')
    await page.getByRole('button', { name: text.run }).click()
    const table = page.getByRole('table', { name: text.results })
    await table.waitFor()
    expect(await table.locator('tbody tr').count()).toBe(6)
    expect(await table.getByRole('row').filter({ hasText: 'plain' }).first().innerText()).toContain(text.published('0.569'))
    await page.getByText(/ 60 to train, 20 to validate, 20 to test/).waitFor()
    await page.getByText(text.confusion, { exact: true }).click()
    await page.getByText(/^copied against plain, genre by genre/).click()
    expect(await violations(page)).toEqual([])
    const [report] = await engine.engine.call('recipes.reports', {})
    expect([report!.recipe.sample.movies, report!.rows.parts.test.length]).toEqual([100, 20])
    await page.getByRole('button', { name: text.delete }).click()
    await expect.poll(() => table.count()).toBe(0)
    expect(await engine.engine.call('recipes.reports', {})).toEqual([])
    await close()
  })

  test('values are tried and ranked in a table and a chart, and the best ones become those of the next training', async () => {
    const { page, engine, close } = await open()
    const tuning = m.tuning
    await page.getByRole('link', { name: 'Train' }).click()
    await page.locator('summary', { hasText: tuning.note }).click()
    const choose = page.getByLabel(tuning.value, { exact: true })
    await choose.selectOption({ label: m.recipe.fields.c.label })
    const values = page.getByRole('combobox', { name: m.components.addTo(m.recipe.fields.c.label) })
    for (const value of ['0.5', '2', 'x']) {
      await values.fill(value)
      await values.press('Enter')
    }
    await page
      .getByRole('alert')
      .filter({ hasText: tuning.wrong(m.recipe.fields.c.label, 'x') })
      .waitFor()
    await page.getByRole('button', { name: m.components.removeFrom('x', m.recipe.fields.c.label) }).click()
    await page.getByRole('button', { name: tuning.start(2), exact: true }).click()
    const table = page.getByRole('table', { name: tuning.table, exact: true })
    await table.waitFor()
    expect(await table.locator('tbody tr').count()).toBe(2)
    await page.getByRole('img', { name: tuning.chart }).first().waitFor()
    expect(await violations(page)).toEqual([])
    await table.getByRole('row').filter({ hasText: '2' }).last().getByRole('button').click()
    await page.getByText(m.train.settings(true), { exact: true }).waitFor()
    expect(await engine.engine.call('runs.list', {})).toHaveLength(1)
    await close()
  })
}
