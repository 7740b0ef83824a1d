/** The part of the scenario that trains a transformer: picked, set up, watched, asked, explained and exported in the window. */
import { expect, test } from 'vitest'
import type { Driver } from './driver.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { screens } from './screens.ts'
import { skipNow } from '../support/needs.ts'

/** Two folds and the final model on the sample's first words: seconds, and more on a slow machine under load. */
const TRAINING_MS = 120_000
const TEST_MS = 150_000
const PLOT = 'A sheriff rides into a frontier town to face the outlaws who robbed the stagecoach and burned the ranch.'

export function modelsScenario(driver: () => Driver): void {
  const { page, go, button, card } = screens(driver)
  const run = (words: RegExp) => card('Runs').getByRole('row', { name: words })

  test(
    'the small transformer is picked with what it costs here, and trained; its curves stay with it',
    async () => {
      await go('Train')
      await page()
        .getByRole('radio', { name: /^Small transformer/ })
        .check()
      await page()
        .getByText(/needs about .* of memory \(/i)
        .waitFor()
      await page().locator('summary').getByText('Settings', { exact: true }).click()
      for (const [field, value] of [
        ['Epochs', '2'],
        ['Warm-up epochs', '1'],
        ['Longest plot, in tokens', '48'],
        ['Folds', '2'],
      ] as const) {
        const input = page().getByRole('spinbutton', { name: field, exact: true })
        await input.fill(value)
        await input.press('Tab')
      }
      await page().getByRole('combobox', { name: 'Size' }).selectOption('2 layers of 128')
      await button('Train Small transformer').click()
      const curves = page().getByRole('region', { name: /^Curves of Run \d+ \(Small transformer\)$/ })
      await curves
        .getByRole('img', { name: /^Line chart of / })
        .first()
        .waitFor({ timeout: TRAINING_MS })
      await run(/Small transformer .*done/).waitFor({ timeout: TRAINING_MS })
      await curves.getByText(/^Final model: Epoch 2 of 2; .* tokens per second/).waitFor()
      expect(await curves.getByRole('img', { name: /F1|micro-f1/i }).count()).toBe(1)
    },
    TEST_MS,
  )

  test('two families are compared on the same movies', async () => {
    const verdict = page()
      .getByRole('status')
      .filter({ hasText: /^(?:Better|Worse|Undecided): .*\((?:Linear|Small transformer)\)/ })
    await verdict.waitFor()
  })

  test('both families predict genres for a typed plot', async () => {
    await go('Try')
    await page()
      .getByRole('textbox', { name: /^Type or paste a plot/ })
      .fill(PLOT)
    const table = page().getByRole('table', { name: 'Probability of each genre' })
    await table.getByRole('columnheader', { name: /\(Small transformer\)$/ }).waitFor()
    await table.getByRole('columnheader', { name: /\(Linear\)$/ }).waitFor()
    expect(
      await page()
        .getByText(/: .*Western/)
        .count(),
    ).toBeGreaterThan(0)
  })

  test('the movies of a file are predicted into a CSV file', async () => {
    await go('Try')
    const file = { name: 'films.csv', mimeType: 'text/csv', buffer: Buffer.from(`id,title,plot\nf1,The Ranch,"${PLOT}"\nf2,The Sea,${PLOT.slice(0, 40)}\n`) } // prettier-ignore
    const text = await driver().saved(() => page().getByLabel(m.tryIt.file.field).setInputFiles(file))
    const [header, first, second, end] = text.split(/\r?\n/)
    expect(header).toMatch(/^\ufeff?id,title,predicted,Action,/)
    expect(first).toMatch(/^f1,The Ranch,[^,]*Western[^,]*,0\.\d+,/)
    expect([second?.startsWith('f2,The Sea,'), end]).toEqual([true, ''])
    await card(m.tryIt.file.heading)
      .getByText(/^2 movies predicted/)
      .waitFor()
  })

  test('a transformer’s prediction is explained in the plot, or the window says why not', async () => {
    await go('Train')
    // trained for a moment only, it is worse than the linear run, and did not take its place
    await run(/Small transformer/)
      .getByRole('button', { name: /^Make current/ })
      .click()
    await run(/Small transformer.* current More about/).waitFor()
    await go('Review')
    await card('Selected movie')
      .getByText(/^Words (?:for|against)|cannot|not shown|error/)
      .first()
      .waitFor()
  })

  test('the trained model is exported as one .onnx, file by file where a page cannot choose a folder', async (context) => {
    if (await page().evaluate(() => 'reelabel' in window)) skipNow(context, 'the desktop window asks where to write')
    await go('Train')
    const more = run(/Small transformer/).getByRole('button', { name: /^More about Run \d+$/ })
    await more.first().click()
    await page()
      .getByRole('menuitem', { name: /^ONNX graph…/ })
      .click()
    await button('Save onnx/model.onnx').waitFor()
  })

  test('the linear run is made current again', async () => {
    await go('Train')
    await run(/ Linear/)
      .getByRole('button', { name: /^Make current/ })
      .first()
      .click()
    await run(/ Linear.* current More about/).waitFor()
  })
}
