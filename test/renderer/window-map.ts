/** The screen Map: its states, selections, the movie in focus, and the table of areas. The computation is scripted: all points lie in a row. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import type { MapState } from '../../src/contract/map.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { csvOf, placesInRow } from '../support/project.ts'
import type { Open, OpenOptions } from './window-engine.ts'
import { modelFolder } from './window-models.ts'

export function windowMapTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const text = m.map
  const frame = (page: Page) => page.getByRole('application', { name: text.label })
  const counted = (page: Page) => page.getByRole('search').getByRole('status').innerText()
  async function mapped(options: OpenOptions = {}) {
    const opened = await open({ webgl: true, ...options })
    await opened.page.getByRole('link', { name: text.title, exact: true }).click()
    await opened.page.getByRole('button', { name: text.compute }).click()
    return opened
  }

  test('a map is computed; a rectangle on it opens its movies in Review', async () => {
    const { page, engine, close } = await mapped()
    await frame(page).waitFor()
    expect(engine.compute.maps).toHaveLength(1)
    const { movies } = (await engine.engine.call('map.get', {}))!
    // genres with their counts; a colour that is hidden, and shown again
    const genre = page.getByRole('group', { name: text.legend }).getByRole('checkbox').first()
    await genre.uncheck()
    await genre.check()
    expect(await violations(page)).toEqual([])
    await page.getByRole('radio', { name: text.tools.rectangle }).click()
    const { x, y, width, height } = (await frame(page).boundingBox())!
    await page.mouse.move(x + 2, y + height / 2 - 60)
    await page.mouse.down()
    await page.mouse.move(x + width / 2, y + height / 2)
    await page.mouse.move(x + width / 2, y + height / 2 + 60)
    await page.mouse.up()
    const half = Math.round(movies.length / 2)
    await page.getByText(text.selected(half)).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: text.showInReview }).click()
    await expect.poll(() => counted(page)).toBe(m.filter.count(String(half), half))
    await close()
  })

  test('movies can be similar by their words, by predictions, or by the vectors of a model of the library', async () => {
    const { page, engine, close } = await open({ webgl: true })
    await engine.engine.call('models.add', { path: modelFolder('distilbert-tiny') })
    await page.getByRole('link', { name: text.title, exact: true }).click()
    const similar = page.getByRole('combobox', { name: text.vectors })
    for (const [label, button] of [
      [text.vectorNames.predictions, text.compute],
      [text.vectorsOf('distilbert-tiny'), text.again],
      [text.vectorNames.words, text.again],
    ] as const) {
      await similar.selectOption({ label })
      await page.getByRole('button', { name: button }).click()
      await frame(page).waitFor()
      await page.getByRole('button', { name: text.again }).waitFor()
    }
    const asked = engine.compute.maps.map(({ config }) => [config.vectors, config.model?.id ?? config.run])
    expect(asked).toEqual([['predictions', 1], ['model', 'distilbert-tiny'], ['words', null]]) // prettier-ignore
    await close()
  })

  test('by keyboard the movie in the middle is described, moves, and opens in Review', async () => {
    const { page, close } = await mapped({ colorScheme: 'dark' })
    await frame(page).focus()
    const title = page.getByRole('application').locator('strong')
    for (const key of ['+', '+', '+', '+', '+', '+', '+', '+', '+', '+']) await page.keyboard.press(key)
    const first = await title.innerText()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => title.innerText()).not.toBe(first)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => title.innerText()).toBe(first)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: first }).waitFor()
    await close()
  })

  test('the table of areas opens an area; without WebGL2 it stands for the map', async () => {
    const { page, engine, close } = await mapped()
    await page.getByRole('radio', { name: text.asTable }).click()
    const areas = await engine.engine.call('map.areas', { level: 0 })
    const { words, movies } = areas[0]!
    const link = page.getByRole('table', { name: text.areas }).getByRole('link', { name: text.open(words, movies) })
    await link.waitFor()
    expect(await violations(page)).toEqual([])
    await link.click()
    await expect.poll(() => counted(page)).toBe(m.filter.count(String(movies), movies))
    await page.addInitScript({
      content: `const real = HTMLCanvasElement.prototype.getContext
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return kind === 'webgl2' ? null : real.call(this, kind, ...more) }`,
    })
    await page.reload()
    await page.getByRole('link', { name: text.title, exact: true }).click()
    await page.getByText(text.noGraphics).waitFor()
    await page.getByRole('table', { name: text.areas }).waitFor()
    expect(await violations(page)).toEqual([])
    await close()
  })

  test('a computation can be cancelled, colours that need a model say so, and a map that does not fit is outdated', async () => {
    const { page, engine, close } = await open({ trained: false, webgl: true })
    engine.compute.mapScript = (_, say) => say({ t: 'progress', done: 0.5, total: 1, phase: 'laying out the sample' })
    await page.getByRole('link', { name: text.title, exact: true }).click()
    const compute = page.getByRole('button', { name: text.compute })
    await compute.click()
    await page.getByRole('progressbar').waitFor()
    await page.getByRole('button', { name: m.common.cancel }).click()
    await page.getByText('Cancelled: everything is as it was before.').waitFor()
    engine.failNext.set('map.compute', new UserError('busy', 'An import is running.'))
    await compute.click()
    await page.getByText('An import is running.').waitFor()
    engine.rewrite.set('map.get', (map: MapState | null) => map && { ...map, outdated: 'cleaning' })
    engine.compute.mapScript = placesInRow
    await compute.click()
    await page.getByText(text.outdated.cleaning).waitFor()
    await page.getByRole('combobox', { name: text.colourBy }).selectOption({ label: text.colours.outcome })
    await page.getByText(/needs a trained model/).waitFor()
    expect(await violations(page)).toEqual([])
    engine.rewrite.clear()
    await page.getByRole('button', { name: text.again }).click()
    await page.getByText(text.outdated.cleaning).waitFor({ state: 'detached' })
    await close()
  })

  test('too few movies, and a map that cannot be read', async () => {
    const few = await open({ csv: csvOf(['a: Drama', 'b: Comedy']) })
    await few.page.getByRole('link', { name: text.title, exact: true }).click()
    await few.page.getByText(text.tooFew).waitFor()
    expect(await violations(few.page)).toEqual([])
    await few.close()
    const { page, engine, close } = await open()
    engine.failNext.set('map.get', new UserError('defect', 'The map is not there.'))
    await page.getByRole('link', { name: text.title, exact: true }).click()
    await page.getByText('The map is not there.').waitFor()
    await page.getByRole('button', { name: m.common.tryAgain }).click()
    await page.getByText(text.none).waitFor()
    await close()
  })
}
