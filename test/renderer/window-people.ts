/** Decisions of another copy of the project in the window: compared, conflicts decided, merged. */
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { m } from '../../src/renderer/messages/index.ts'
import { Store } from '../../src/main/store/store.ts'
import type { Open } from './window-engine.ts'

export function windowPeopleTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const text = m.people
  const CSV =
    'id,title,plot,genres\na,Alpha,"The plot of a, told at some length.",Drama\nb,Beta,"The plot of b, told at some length.",Comedy\n'

  describe('several people', () => {
    test('the decisions of a copy are compared, a conflict is decided, and they are merged', async () => {
      const { page, engine, close } = await open({ csv: CSV })
      const { call } = { call: engine.engine.call.bind(engine.engine) }
      const { path, genres } = await call('project.info', {})
      const drama = genres.find((g) => g.name === 'Drama')!.id
      const { movie } = await call('review.find', { key: 'b' })
      // a copy, in which bo has decided
      const copy = join(dirname(path), 'Copy of bo.reel')
      copyFileSync(path, copy)
      const store = new Store(copy, 'open')
      const batch = { at: '2026-11-01T10:00:00.000Z', who: 'bo', why: '', description: 'Beta: keep Drama', run: null, undoes: null }
      store.changes.append(batch, [{ movie, genre: drama, field: 'verdict', was: '', becomes: 'keep' }], 0)
      store.close()
      await call('settings.set', { values: { annotator: 'ann' } })
      await call('labels.apply', { changes: [{ field: 'label', movie, genre: drama, to: true }] })
      await page.reload()
      await page.getByRole('link', { name: m.shell.titles.import }).click()
      await page.getByRole('radio', { name: m.import.update }).click()
      await page.getByRole('combobox', { name: text.other }).selectOption({ label: 'Copy of bo' })
      await page.getByRole('button', { name: text.compare, exact: true }).click()
      const merge = page.getByRole('button', { name: text.merge(1) })
      await merge.waitFor()
      expect(await merge.isDisabled()).toBe(true)
      await page.getByText(text.undecided(1)).waitFor()
      await page.getByRole('radio', { name: text.deciding[3].label }).check()
      await page.getByRole('radio', { name: text.take('theirs', 'Beta, Drama') }).check()
      expect(await violations(page)).toEqual([])
      await merge.click()
      await page.getByText('1 decision of Copy of bo added, 1 conflict decided.').waitFor()
      const [row] = await call('review.rows', { movies: [movie] })
      expect(row!.labels).toEqual(['Comedy'])
      expect((await call('labels.history', { limit: 10 })).map((e) => e.who)).toEqual(['ann', 'ann', 'bo', 'ann', 'ann'])

      await page.getByRole('link', { name: m.audit.title, exact: true }).click()
      const agreement = page.getByRole('region', { name: m.agreement.title })
      await agreement.getByRole('row', { name: /^Drama 1 1 0\.000 / }).waitFor()
      expect(await violations(page)).toEqual([])
      await close()
    })
    test('movies are shared out on the Audit screen, and Review hides what others decided until all have decided', async () => {
      const { page, engine, close } = await open({ csv: CSV })
      const call = engine.engine.call.bind(engine.engine)
      const { genres } = await call('project.info', {})
      const drama = genres.find((g) => g.name === 'Drama')!.id
      const { movie } = await call('review.find', { key: 'b' })
      await page.getByRole('link', { name: m.audit.title, exact: true }).click()
      const card = page.getByRole('region', { name: m.assign.title })
      const names = card.getByRole('combobox', { name: m.components.addTo(m.assign.people) })
      for (const name of ['ann', 'bo']) {
        await names.fill(name)
        await names.press('Enter')
      }
      await card.getByRole('combobox', { name: m.assign.where }).fill('gen')
      await card
        .getByRole('option', { name: /^genre:/ })
        .first()
        .waitFor()
      await card.getByRole('combobox', { name: m.assign.where }).fill('id:b')
      await card.getByRole('spinbutton', { name: m.assign.overlap }).fill('100')
      await card.getByRole('button', { name: m.assign.assign }).click()
      await card.getByRole('row', { name: 'bo 1 0' }).waitFor()
      expect(await violations(page)).toEqual([])
      await call('settings.set', { values: { annotator: 'ann' } })
      await call('labels.apply', { changes: [{ field: 'label', movie, genre: drama, to: true }] })
      await call('labels.apply', { changes: [{ field: 'note', movie, to: 'said by ann' }] })
      await call('settings.set', { values: { annotator: 'bo' } })
      await card.getByRole('link', { name: m.assign.open('bo', 1) }).click()
      await page.getByRole('heading', { level: 2, name: 'Beta' }).waitFor()
      const blind = page.getByTitle(m.review.blindHelp)
      const note = page.getByRole('textbox', { name: m.review.note })
      await blind.waitFor()
      expect(await note.inputValue()).toBe('')
      expect(await violations(page)).toEqual([])
      // the same movie for ann, who sees her own decisions, and for a person to whom it is not assigned
      await call('settings.set', { values: { annotator: 'ann' } })
      await expect.poll(() => note.inputValue()).toBe('said by ann')
      await blind.waitFor()
      await call('settings.set', { values: { annotator: 'cy' } })
      await blind.waitFor({ state: 'detached' })
      await page.getByText(m.status.who('cy')).waitFor()
      await page.getByRole('link', { name: m.audit.title, exact: true }).click()
      await card.getByRole('button', { name: m.assign.clear.confirm }).click()
      await page.getByRole('dialog').getByRole('button', { name: m.assign.clear.confirm }).click()
      await card.getByRole('row', { name: 'bo 1 0' }).waitFor({ state: 'detached' })
      expect(await call('people.assigned', {})).toEqual([])
      await close()
    })
    test('a dispute is shown with both sides and settled with one key', async () => {
      const { page, engine, close } = await open({ csv: CSV })
      const call = engine.engine.call.bind(engine.engine)
      const { genres } = await call('project.info', {})
      const drama = genres.find((g) => g.name === 'Drama')!.id
      const { movie } = await call('review.find', { key: 'b' })
      for (const [annotator, to] of [
        ['ann', true],
        ['bo', false],
      ] as const) {
        // prettier-ignore
        await call('settings.set', { values: { annotator } })
        await call('labels.apply', { changes: [{ field: 'label', movie, genre: drama, to }], why: `said by ${annotator}` })
      }
      await call('settings.set', { values: { annotator: 'cy' } })
      await page.reload()
      await page.getByRole('link', { name: m.audit.title, exact: true }).click()
      await page.getByRole('link', { name: m.agreement.openDisputed }).click()
      const dispute = page.getByRole('group', { name: m.review.disputes.about('Drama') })
      await dispute.getByText('said by ann').waitFor()
      await dispute.getByText(m.review.disputes.said('bo', false)).waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('textbox', { name: m.review.disputes.reason }).fill('nothing in the plot')
      await page.keyboard.press('Tab')
      await page.keyboard.press('x')
      await dispute.waitFor({ state: 'detached' })
      expect((await call('labels.history', { limit: 1 }))[0]).toMatchObject({ who: 'cy', why: 'adjudication: nothing in the plot' })
      expect((await call('people.disputes', {})).total).toBe(0)
      await close()
    })
    test('the codebook is edited, Review shows the definition, and a change lists what was decided before', async () => {
      const { page, engine, close } = await open({ csv: CSV })
      const call = engine.engine.call.bind(engine.engine)
      const { genres } = await call('project.info', {})
      const drama = genres.find((g) => g.name === 'Drama')!.id
      const { movie } = await call('review.find', { key: 'a' })
      await call('labels.apply', { changes: [{ field: 'verdict', movie, genre: drama, to: 'keep' }] })
      await page.getByRole('link', { name: m.shell.titles.codebook }).click()
      await page.getByRole('button', { name: 'Drama', exact: true }).click()
      const definition = page.getByRole('textbox', { name: m.codebook.definition, exact: true })
      await definition.fill('A serious conflict.')
      await page.getByRole('textbox', { name: m.codebook.counterExamples }).fill('Beta: played for laughs\n\nGamma')
      await page.getByRole('button', { name: 'Comedy', exact: true }).click()
      await page.getByRole('combobox', { name: m.components.addTo(m.codebook.excludes) }).fill('Dra')
      await page.getByRole('option', { name: 'Drama' }).click()
      await page.getByRole('button', { name: m.codebook.save }).click()
      await page.getByText(m.codebook.saved('Comedy', 1)).waitFor()
      // what was typed into another entry is still there
      await page.getByRole('button', { name: 'Drama', exact: true }).click()
      expect(await definition.inputValue()).toBe('A serious conflict.')
      await page.getByRole('button', { name: m.codebook.save }).click()
      await page.getByRole('region', { name: m.codebook.versions }).getByText('A serious conflict.').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: m.codebook.outdated(1) }).click()
      await page.getByRole('heading', { level: 2, name: 'Alpha' }).waitFor()
      const shown = page.getByRole('region', { name: m.codebook.ofGenre('Drama') })
      await shown.getByText('Beta: played for laughs').waitFor()
      await page.getByTitle(m.codebook.tooltip('Drama', 'A serious conflict.')).waitFor()
      expect(await violations(page)).toEqual([])
      expect((await call('codebook.get', {})).entries).toMatchObject([
        { genre: 'Comedy', excludes: ['Drama'] },
        { genre: 'Drama', counterExamples: ['Beta: played for laughs', 'Gamma'] },
      ])
      await close()
    })
    test('a project of another catalogue is refused in words', async () => {
      const { page, close } = await open({ csv: CSV })
      await page.getByRole('link', { name: m.shell.titles.import }).click()
      await page.getByRole('radio', { name: m.import.update }).click()
      await page.getByRole('combobox', { name: text.other }).selectOption({ label: 'Other' })
      await page.getByRole('button', { name: text.compare, exact: true }).click()
      await page.getByText('Other.reel holds another catalogue').first().waitFor()
      await close()
    })
  })
}
