// `npm run pictures`: takes the documents' screenshots of the embedded sample in the browser host (1280 x 800).
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium } from '../test/standin/chromium.ts'
import { Engine } from '../src/main/engine.ts'
import { rendererDir } from '../src/main/processes/entries.ts'
import { forkProcess } from '../src/main/processes/work-process.ts'
import { startHost } from '../src/main/host/serve.ts'
import { at } from './lib/node.mjs'

const REVIEWED = 120
const folder = at('docs/images')
mkdirSync(folder, { recursive: true })
const engine = await Engine.start({ dataDir: mkdtempSync(join(tmpdir(), 'reelabel-pictures-')), spawn: forkProcess })
const host = await startHost({ engine, rendererDir })
const browser = await launchChromium()
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
await page.goto(host.url)

/** @param {string} name of the screen, as the rail has it */
async function go(name) {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor({ state: 'attached' })
}
/** @param {string} name of the file */
async function take(name) {
  await page.waitForTimeout(800) // charts are animated
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
/** Presses a button and waits for the end of its job. @param {string | RegExp} name */
async function train(name, timeout = 120_000) {
  await go('Train')
  await page.getByRole('button', { name, exact: typeof name === 'string' }).click()
  await page.getByRole('progressbar').first().waitFor()
  await page.getByRole('progressbar').first().waitFor({ state: 'detached', timeout })
}

/** Corrects the worst movies: they get the genres of the sample's truth. */
async function correct() {
  /** @type {Map<string, readonly string[]>} */
  const truth = new Map(
    readFileSync(at('resources/sample/truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((t) => [t.id, t.genres]),
  )
  const { movies } = await engine.call('review.query', { bucket: 'bad' })
  for (const id of movies.slice(0, REVIEWED)) {
    const { key, allCells } = await engine.call('review.movie', { movie: id })
    const genres = truth.get(key)
    if (!genres) continue
    const wrong = allCells.filter((c) => c.label !== genres.includes(c.name))
    const labels = wrong.map((c) => /** @type {const} */ ({ field: 'label', movie: id, genre: c.genre, to: !c.label }))
    await engine.call('labels.apply', { changes: [...labels, { field: 'reviewed', movie: id, to: true }], description: 'Corrected' })
  }
}

await page.getByRole('heading', { level: 1, name: 'Welcome to Reelabel' }).waitFor()
await take('welcome')
await page.getByRole('button', { name: 'Close the first steps' }).click()
await page.goto(`${page.url().split('#')[0]}#help/numbers/suspects`)
await page.getByRole('heading', { name: 'Suspects', exact: true }).waitFor()
await take('help')
await train('Train Linear')
await go('Overview')
await take('overview')
await go('Review')
await page.locator('mark').first().waitFor()
await take('review')
await correct()
await train(/^Retrain with/)
await page
  .getByRole('status')
  .filter({ hasText: /^(?:Better|Worse|Undecided): / })
  .waitFor()
await take('train')
await go('Errors')
await page.getByRole('grid').first().waitFor()
await take('errors')
await go('Thresholds')
await page.getByText('Held out', { exact: true }).waitFor()
await take('thresholds')
await go('Train')
await page.getByRole('radio', { name: /^Small transformer/ }).check()
await train('Train Small transformer', 900_000)
await page.getByText(/^Final model: /).waitFor()
await page.getByRole('heading', { name: /^Curves of/ }).evaluate((h) => h.scrollIntoView({ block: 'start' }))
await take('curves')
await go('Try')
await page
  .getByRole('textbox')
  .first()
  .fill('A sheriff rides into a frontier town to face the outlaws who robbed the stagecoach and fell in love on the way.')
await page.getByRole('columnheader', { name: /Small transformer/ }).waitFor()
await take('try')
await go('Export')
await take('export')
await go('Import')
await page.getByLabel('Files', { exact: true }).setInputFiles(at('resources/sample/movies.csv'))
await page.getByRole('region', { name: 'Start the import' }).waitFor()
await take('import')
await go('Clean')
await page.getByRole('switch').first().waitFor()
await page.getByRole('button', { name: 'Settings and examples: Cut-off endings' }).click()
await take('clean')

await browser.close()
await host.close()
await engine.close()
