/** What the window says of files, of lists that come in pages, of backups and of projects that cannot be opened. */
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import type { ImportLogEntry, ImportPlan, ReasonCode } from '../../src/contract/importing.ts'
import { detailsOf, entriesOf, logGroups, reasonsOf, rolesOf } from '../../src/renderer/stores/importing-logic.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { adviceFor, lostWith, troubleOf } from '../../src/renderer/stores/safety-logic.ts'
import { backupList } from './samples.ts'

describe('an import', () => {
  const plan: Pick<ImportPlan, 'files' | 'reasons'> = {
    reasons: [
      { code: 'format', name: 'Any table', by: 'choice', columns: [] },
      { code: 'sheet', file: 'films.xlsx: Movies', rows: 1 },
      { code: 'plot', column: 'Overview', characters: 270, tags: false },
      { code: 'title', column: 'Title' },
      { code: 'id', column: null, repeats: 0, of: 0, joined: false },
      { code: 'left-out', file: 'films.zip: notes.csv', entry: 'notes.csv', unlike: 'films.zip: a.csv' },
      { code: 'hidden', file: 'films.xlsx: Old', entry: 'Old' },
      { code: 'unreadable', file: 'films.zip: a.png', entry: 'a.png', message: 'films.zip: a.png is not text.' },
    ],
    files: [],
  }
  test.each<[ReasonCode, string]>([
    ['format', 'As chosen'],
    ['plot', '270 characters on average'],
    ['title', ''],
    ['id', 'Movies are numbered row-1, row-2, …'],
    ['split', ''],
    ['left-out', 'films.zip: notes.csv is left out: its columns are not those of films.zip: a.csv.'],
    ['hidden', 'films.xlsx: Old is left out: its workbook hides it.'],
  ])('the reason for %s is shown at its setting', (code, words) => expect(reasonsOf(plan, code).join('')).toBe(words))
  test('reasons without a setting are details', () =>
    expect(detailsOf(plan)).toEqual(['films.xlsx: Movies: 1 row of an Excel sheet.', 'Left out: films.zip: a.png is not text.']))
  test('tables that were left out can be chosen', () => expect(entriesOf(plan, ['a.csv'])).toEqual(['a.csv', 'notes.csv', 'Old']))
  test('entries of one kind are one group, whatever their numbers', () => {
    const entry = (line: number, why: string): ImportLogEntry => ({
      file: 'a.csv',
      line,
      lines: 1,
      what: 'rejected',
      why,
      before: '',
      after: '',
    })
    const groups = logGroups([entry(1, '3 cells of 5'), entry(2, 'a quote never ends'), entry(3, '4 cells of 5')])
    expect(groups.map((g) => [g.why, g.count])).toEqual([
      ['3 cells of 5', 2],
      ['a quote never ends', 1],
    ])
  })
})

describe('a project in trouble', () => {
  const holder = { program: 'Reelabel', user: 'ana', host: 'desk', pid: 7, since: '2026-01-01T10:00:00.000Z' }
  test.each([[holder], [{ holder }]])('is open elsewhere: it says where', (details) =>
    expect(troubleOf('/p.reel', new UserError('project-busy', 'busy', details))?.holder).toEqual(holder),
  )
  test('what a message is enough for is no trouble', () => {
    expect(troubleOf('/p.reel', new UserError('no-project', 'gone'))).toBe(null)
    expect(troubleOf('/p.reel', new Error('defect'))).toBe(null)
  })
  test.each([
    ['project-damaged', 'salvage'],
    ['project-newer', null],
    ['project-read-only', 'again'],
  ])('%s: %s', (code, cure) => expect(adviceFor(code)?.cure).toBe(cure))
})

test('a backup says what it lacks', () => {
  const [, whole, , broken] = backupList.backups
  expect(lostWith(whole!, 56)).toBe(m.safety.lostNothing)
  expect(lostWith(whole!, 57)).toBe('It lacks the last decision of the project.')
  expect(lostWith(whole!, 60)).toBe('It lacks the last 4 decisions of the project.')
  expect(lostWith(broken!, 60)).toBe(m.safety.lostUnknown)
})

test('two columns of ids can be chosen where tables of different columns may be joined', () => {
  const files = (...headers: string[]) => headers.map((header) => ({ columns: header.split(',') })) as unknown as ImportPlan['files']
  const offers = (format: ImportPlan['format'], ...headers: string[]): boolean =>
    rolesOf({ format, files: files(...headers) }).some((role) => role === 'genresId')
  expect(offers('joined-tables', 'id,plot', 'id,genres')).toBe(true)
  expect(offers('table', 'id,plot', 'no,genres')).toBe(true)
  expect(offers('table', 'id,plot,genres', 'plot,genres,id')).toBe(false)
  expect(offers('letterboxd-three', 'id,name,description', 'id,genre')).toBe(false)
})
