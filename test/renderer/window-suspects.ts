/** Suspicious labels in the window: suggestions that name what they do, the proof of their reasons, similar movies. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { MovieDetail } from '../../src/contract/records.ts'
import { QUEUES } from '../../src/contract/queues.ts'
import { percent, suggestionText } from '../../src/contract/words.ts'
import { genreTerm } from '../../src/contract/filter.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { suggestionsOf } from '../../src/renderer/stores/review-logic.ts'
import type { Open, WindowEngine } from './window-engine.ts'

/** The most suspicious movie of the sample that is as asked. */
async function movieThat(engine: WindowEngine, isWanted: (movie: MovieDetail) => boolean): Promise<MovieDetail> {
  const { movies } = await engine.engine.call('review.first', { limit: 100 })
  for (const movie of movies) {
    const detail = await engine.engine.call('review.movie', { movie })
    if (isWanted(detail)) return detail
  }
  throw new Error('the sample has no such movie')
}
const flagged = (movie: MovieDetail): number => movie.cells.filter((c) => c.kind !== 'good' && c.verdict === null).length
const nameOf = ({ name, suggestion }: NonNullable<MovieDetail['suspects']>[number]): string => suggestionText(name, suggestion)

export function windowSuspectsTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const panel = (page: Page) => page.getByRole('region', { name: m.review.suspects.title })
  const similar = (page: Page) => page.getByRole('region', { name: m.review.similar.title })
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 2, name, exact: true })
  /** Shows one movie, in a list of its own. */
  async function show(page: Page, movie: MovieDetail): Promise<void> {
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('combobox', { name: m.filter.label }).fill(`id:${movie.key}`)
    await page.getByRole('combobox', { name: m.filter.label }).press('Enter')
    // it may be the first of the list before, too
    await expect.poll(() => page.locator('[role=option]').count()).toBe(1)
    await heading(page, movie.title).waitFor()
    await page.locator('mark').first().waitFor()
  }

  test('the list begins with the suspects, each with its first suggestion and both probabilities', async () => {
    const { page, engine, close } = await open()
    const first = await movieThat(engine, () => true)
    const worst = suggestionsOf(first)[0]!
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByText(QUEUES.suspects.first).waitFor()
    const row = page.locator('[role=option][aria-selected=true]')
    const percents = [1 - first.score!, worst.pWrong!].map((p) => percent(p))
    await expect.poll(() => row.innerText()).toContain(percents[0])
    expect(await row.locator('.tag span[aria-hidden]').first().innerText()).toContain(percents[1])
    expect(await row.locator('.hidden').allInnerTexts()).toContainEqual(expect.stringContaining(nameOf(first.suspects![0]!)))
    expect(await panel(page).innerText()).toContain(m.review.suspects.movie(1 - first.score!))
    await close()
  })

  test('a button replaces a genre as it says, in one undoable step with its reason; the last answer makes the movie reviewed', async () => {
    const { page, engine, close } = await open()
    const movie = await movieThat(
      engine,
      (d) => suggestionsOf(d).length === 1 && d.suspects![0]?.suggestion.kind === 'replace' && flagged(d) > 2,
    )
    const [suspect] = movie.suspects!
    await show(page, movie)
    await panel(page)
      .getByRole('button', { name: nameOf(suspect!), exact: true })
      .click()
    await panel(page).getByText(m.review.suspects.none).waitFor()
    const by = suspect!.suggestion.by!.name
    const after = await engine.engine.call('review.movie', { movie: movie.movie })
    expect(new Set(after.labels)).toEqual(new Set([...movie.labels.filter((name) => name !== suspect!.name), by]))
    expect([after.suspects, after.reviewed, flagged(after) > 0]).toEqual([[], true, true])
    const changes = after.history.filter(({ field }) => field === 'label')
    expect(changes.map(({ genre, to }) => [genre, to])).toEqual([
      [suspect!.name, '0'],
      [by, '1'],
    ])
    expect(new Set(changes.map(({ batch }) => batch)).size).toBe(1)
    expect(changes[0]!.why).toBe(m.labels.suggested(nameOf(suspect!), suspect!.pWrong))
    await page.getByText(m.review.history(3)).click()
    await page.getByText(m.review.byWhom(changes[0]!)).first().waitFor()
    await page.keyboard.press('Control+z')
    await panel(page)
      .getByRole('button', { name: nameOf(suspect!), exact: true })
      .waitFor()
    await close()
  })

  test('Keep decides a label, which is not suspected again; the key does what the marked button says', async () => {
    const { page, engine, close } = await open()
    const movie = await movieThat(engine, (d) => d.suspects!.length > 1 && d.suspects!.every((s) => s.suggestion.kind !== 'add'))
    const [first, second] = movie.suspects!
    await show(page, movie)
    const marked = () => panel(page).locator('button.primary').innerText()
    expect(await marked()).toContain(nameOf(first!))
    await panel(page)
      .getByRole('button', { name: m.review.suspects.keepThis(first!.name), exact: true })
      .click()
    await expect.poll(marked).toContain(nameOf(second!))
    await page.keyboard.press('a')
    await expect
      .poll(() =>
        panel(page)
          .getByRole('button', { name: nameOf(second!), exact: true })
          .count(),
      )
      .toBe(0)
    await expect
      .poll(async () => (await engine.engine.call('review.movie', { movie: movie.movie })).labels.includes(second!.name))
      .toBe(false)
    const after = await engine.engine.call('review.movie', { movie: movie.movie })
    expect(after.labels).toContain(first!.name)
    expect(after.allCells.find((c) => c.genre === first!.genre)?.verdict).toBe('keep')
    expect(after.suspects!.map((s) => s.genre)).not.toContain(first!.genre)
    await close()
  })

  test('each reason opens its proof: the words, the similar movies, the movies with both genres; Backspace leads back', async () => {
    const { page, engine, close } = await open()
    const movie = await movieThat(engine, (d) => {
      const [s] = d.suspects!
      return s?.given === true && ['text', 'neighbours', 'genres'].every((kind) => s.reasons.some((r) => r.kind === kind))
    })
    const [suspect] = movie.suspects!
    await show(page, movie)
    const chip = (kind: 'text' | 'neighbours' | 'genres') => {
      const reason = suspect!.reasons.find((r) => r.kind === kind)!
      return panel(page).getByRole('button', { name: reason.text, exact: true })
    }
    await page.keyboard.press('ArrowRight')
    await chip('text').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: m.review.explain(suspect!.name), pressed: true }).waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('plot')

    await chip('neighbours').click()
    await similar(page).getByRole('table').waitFor()
    const reason = suspect!.reasons.find((r) => r.kind === 'neighbours')!
    expect(await similar(page).locator('mark').allInnerTexts()).toEqual(
      Array.from({ length: 10 - Number.parseInt(reason.text, 10) }, () => suspect!.name),
    )
    expect(await violations(page)).toEqual([])
    const neighbour = similar(page).getByRole('row').nth(1).getByRole('button')
    const title = await neighbour.innerText()
    await neighbour.click()
    await heading(page, title).waitFor()
    await page.getByRole('button', { name: m.review.back(movie.title) }).waitFor()
    await page.keyboard.press('Backspace')
    await heading(page, movie.title).waitFor()
    const isListed = page.getByRole('button', { name: m.filter.remove(`id:${movie.key}`) })
    await isListed.waitFor()

    await chip('genres').click()
    await page.getByRole('button', { name: m.filter.remove(genreTerm('genre', suspect!.name)) }).waitFor()
    expect(await isListed.count()).toBe(0)
    await page.keyboard.press('Backspace')
    await isListed.waitFor()
    await heading(page, movie.title).waitFor()
    expect(await page.getByRole('button', { name: /^Back to “/ }).count()).toBe(0)
    await close()
  })

  test('one key shows and hides the similar movies of any movie; before a search they say where to start one', async () => {
    for (const trained of [true, false]) {
      const { page, close } = await open({ trained })
      await page.getByRole('link', { name: 'Review' }).click()
      await page.getByRole('table', { name: 'Genres of the movie' }).waitFor()
      await page.keyboard.press('=')
      if (trained) await expect.poll(() => similar(page).getByRole('row').count()).toBe(11)
      else await similar(page).getByText(m.review.similar.unknown).waitFor()
      await page.keyboard.press('=')
      await similar(page).waitFor({ state: 'detached' })
      await close()
    }
  })

  const card = (page: Page) => page.getByRole('region', { name: m.overview.wrong.title })

  test('Overview says how many labels are probably wrong, and how it knows; a search that fails says why', async () => {
    const { page, engine, close } = await open()
    const health = (await engine.engine.call('suspects.health', {}))!
    const whole = (n: number) => Math.round(n).toLocaleString('en')
    const { about, range, first, learnt, perGenre, since, unreliable, again } = m.overview.wrong
    await card(page)
      .getByText(about(whole(health.expected), whole(health.labels)))
      .waitFor()
    await card(page)
      .getByText(range(whole(health.low), whole(health.high), whole(health.interval.low), whole(health.interval.high)))
      .waitFor()
    await card(page)
      .getByText(first(whole(health.first), percent(health.share)))
      .waitFor()
    expect(await card(page).getByRole('button', { name: again }).count()).toBe(0)
    await card(page).getByText(perGenre, { exact: true }).click()
    const rows = card(page).getByRole('table', { name: perGenre }).getByRole('row')
    expect(await rows.count()).toBe(health.genres.length + 1)
    expect(await rows.filter({ hasText: unreliable }).count()).toBe(health.genres.filter(({ reliable }) => !reliable).length)
    await card(page).getByText(learnt).click()
    await card(page).getByText(`Seed ${health.config.linear.seed}.`).waitFor()
    expect(await card(page).locator('dt').count()).toBe(Object.keys(health.model.weights).length + 1)
    expect(await violations(page)).toEqual([])

    const [movie] = (await engine.engine.call('review.first', { limit: 1 })).movies
    await engine.engine.call('labels.apply', { changes: [{ field: 'reviewed', movie: movie!, to: true }] })
    await card(page).getByText(since(1)).waitFor()
    // the fake process refuses each search
    await card(page).getByRole('button', { name: again }).click()
    await card(page).getByRole('alert').getByText('There are too few movies for suspects.').waitFor()
    await card(page).getByText(since(1)).waitFor()
    await page.getByRole('link', { name: m.overview.wrong.show }).click()
    await page.getByText(QUEUES.suspects.first).waitFor()
    await close()
  })

  test('before a search, Overview offers one', async () => {
    const { page, engine, close } = await open({ trained: false })
    await card(page).getByRole('heading', { name: m.overview.wrong.none }).waitFor()
    expect(await violations(page)).toEqual([])
    await card(page).getByRole('button', { name: m.overview.wrong.search }).click()
    await card(page).getByRole('alert').waitFor()
    expect(engine.count('suspects.find')).toBe(1)
    await close()
  })
}
