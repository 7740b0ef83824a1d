/** Which messages the window keeps, and which answers it drops. */
import { describe, expect, test } from 'vitest'
import type { Api } from '../../src/contract/api.ts'
import { UserError } from '../../src/contract/errors.ts'
import { readingMs, shownOn, withNotice, without, type Notice } from '../../src/renderer/stores/notices-logic.ts'
import { CallError, OTHER_PROJECT, ProjectApi } from '../../src/renderer/stores/project-api.ts'
import { Bench } from '../support/project.ts'

let id = 0
const notice = (kind: Notice['kind'], text: string, topic: string | null = null, screen: Notice['screen'] = null): Notice => ({
  id: ++id,
  kind,
  text,
  topic,
  screen,
})
const error = (text: string, topic: string | null = null) => notice('error', text, topic)
const texts = (...notices: Notice[]) => notices.reduce<readonly Notice[]>(withNotice, []).map((n) => n.text)

describe('messages', () => {
  test.each([
    ['errors pile up', [error('a'), error('b')], ['a', 'b']],
    ['the same words are said once', [error('a'), error('b'), error('a')], ['b', 'a']],
    ['the next error about the same thing takes the place of the last', [error('a', 'x'), error('b', 'y'), error('c', 'x')], ['b', 'c']],
    ['one confirmation at a time', [notice('info', 'a'), error('e'), notice('info', 'b')], ['e', 'b']],
  ])('%s', (_name, notices, kept) => expect(texts(...notices)).toEqual(kept))
  test('success removes what it disproves', () => expect(without([error('a', 'x'), error('b')], 'x').map((n) => n.text)).toEqual(['b']))
  test('a screen that says so itself does not say it twice', () =>
    expect(shownOn([notice('error', 'a', null, 'train'), error('b')], 'train').map((n) => n.text)).toEqual(['b']))
  test('a long text stays longer', () => expect([readingMs('Done.'), readingMs('x'.repeat(200))]).toEqual([6000, 12_000]))
})

describe('calls', () => {
  test('an answer about the project before is dropped, an answer about any project is not', async () => {
    const settled: string[] = []
    const { engine } = await Bench.open(['dune: Drama', 'heat: Crime', 'alien: Horror'])
    const api = new ProjectApi(engine, { settled: (method) => settled.push(method), error: () => undefined })
    const [movie, missing, app] = [
      api.call('review.movie', { movie: 1 }),
      api.call('review.movie', { movie: 99 }),
      api.call('app.info', {}),
    ]
    api.nextProject()
    await expect(movie).rejects.toMatchObject({ code: OTHER_PROJECT })
    await expect(missing).rejects.toMatchObject({ code: OTHER_PROJECT })
    await expect(app).resolves.toMatchObject({ version: '0.1.0' })
    await expect(api.call('review.movie', { movie: 1 })).resolves.toMatchObject({ movie: 1 })
    expect(settled).toEqual(['app.info', 'review.movie'])
  })
  test('a refusal knows its method', async () => {
    const failing: Api = { call: () => Promise.reject(new UserError('nothing', 'Nothing to undo.', { a: 1 })), on: () => () => undefined }
    const refused = await new ProjectApi(failing, { settled: () => undefined, error: () => undefined })
      .call('labels.undo', {})
      .catch((e: unknown) => e)
    expect(refused).toBeInstanceOf(CallError)
    expect(refused).toMatchObject({ code: 'nothing', message: 'Nothing to undo.', details: { a: 1 }, method: 'labels.undo' })
  })
})
