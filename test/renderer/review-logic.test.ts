import { describe, expect, test } from 'vitest'
import type { Cell, MovieDetail, SuspectCell } from '../../src/contract/records.ts'
import {
  acceptChanges,
  acceptOne,
  cellOrder,
  genreKeys,
  isFlagged,
  keepChanges,
  keepOne,
  nextSuggestion,
  optimistic,
  segments,
  suggestionFor,
  suggestionInWords,
  suggestionsOf,
  titleOf,
  wanted,
  whyOf,
} from '../../src/renderer/stores/review-logic.ts'

const NAMES = ['Drama', 'Comedy', 'Action', 'Crime', 'Documentary']
/** `+p`: labelled, `-p`: not; `?` the estimate says impossible; `k` or `i` a verdict; `xDrama` swapped with Drama. The threshold is 0.5. */
function cell(text: string, i: number): Cell {
  const label = text.startsWith('+')
  const probability = Number.parseFloat(text.slice(1))
  const predicted = probability >= 0.5
  const verdict = text.endsWith('k') ? 'keep' : text.endsWith('i') ? 'impossible' : null
  const partner = /x(\w+)/.exec(text)?.[1] ?? null
  const kind = predicted === label ? 'good' : partner !== null ? 'swapped' : label ? 'spurious' : 'missing'
  const shared = { genre: i + 1, name: NAMES[i] ?? '', label, source: label, probability, threshold: 0.5, predicted, kind, partner }
  return { ...shared, kind, impossibleEstimate: text.includes('?'), verdict }
}
function movie(...texts: string[]): MovieDetail {
  const allCells = texts.map(cell)
  const names = (of: (c: Cell) => boolean | null) => allCells.filter(of).map((c) => c.name)
  return {
    movie: 7,
    key: 'm7',
    title: 'Seven',
    excerpt: '',
    split: 'train',
    buckets: ['bad'],
    score: 0.1,
    reviewed: false,
    skipped: false,
    flagged: false,
    labels: names((c) => c.label),
    predicted: names((c) => c.predicted),
    cells: allCells.filter((c) => c.kind !== 'good' || c.verdict !== null),
    plot: '',
    note: '',
    allCells,
    columns: [],
    history: [],
    suspects: null,
    impossible: [],
    disputes: [],
    blind: false,
    todo: false,
    answers: [],
  }
}
/** A suspect such as `+Drama 0.9` (given, wrong with 90%), `-Action 0.4` (lacking) or `+Drama>Comedy 0.7` (to be replaced). */
function suspect(text: string): SuspectCell {
  const [, sign, name = '', by, pWrong] = /^([+-])(\w+)(?:>(\w+))? (\S+)$/.exec(text) ?? []
  const genre = (called: string) => NAMES.indexOf(called) + 1
  const other = by === undefined ? null : { genre: genre(by), name: by }
  const suggestion = other ? ({ kind: 'replace', by: other } as const) : ({ kind: sign === '+' ? 'remove' : 'add', by: null } as const)
  return { genre: genre(name), name, given: sign === '+', pWrong: Number(pWrong), suggestion, reasons: [] }
}
const searched = (cells: readonly string[], ...suspects: string[]): MovieDetail => ({ ...movie(...cells), suspects: suspects.map(suspect) })
const label = (genre: number, to: boolean) => ({ field: 'label', movie: 7, genre, to })
const verdict = (genre: number, to: string) => ({ field: 'verdict', movie: 7, genre, to })
const done = { field: 'reviewed', movie: 7, to: true }

describe('the changes of a key', () => {
  test.each([
    ['a missing label is added', ['-0.9', '+0.8'], [label(1, true), done]],
    ['a spurious one is removed', ['+0.1', '-0.2'], [label(1, false), done]],
    ['one that the plot cannot carry is marked, not removed', ['+0.1?', '-0.9'], [verdict(1, 'impossible'), label(2, true), done]],
    ['a decided cell is left alone', ['+0.1k', '-0.9'], [label(2, true), done]],
    ['with nothing flagged the movie is reviewed', ['+0.9'], [done]],
  ])('accept: %s', (_name, cells, changes) => expect(acceptChanges(movie(...cells))).toEqual(changes))

  test.each([
    ['a suggestion among others', ['-0.9', '+0.1'], 1, [label(1, true)]],
    ['one that the plot cannot carry', ['-0.9', '+0.1?'], 2, [verdict(2, 'impossible')]],
    ['both halves of a swap', ['-0.9xComedy', '+0.1xDrama', '-0.8'], 1, [label(2, false), label(1, true)]],
    ['both halves of a swap, from the other half', ['-0.9xComedy', '+0.1xDrama'], 2, [label(2, false), label(1, true)]],
    ['a half whose other half the plot cannot carry', ['-0.9xComedy', '+0.1?xDrama'], 1, [label(1, true)]],
    ['nothing for a cell that is good', ['-0.9', '+0.9'], 2, null],
  ])('accept one: %s', (_name, cells, genre, changes) => {
    const suggestion = suggestionFor(movie(...cells), genre)
    expect(suggestion && acceptOne(7, suggestion)).toEqual(changes)
  })
  test('a swap is one suggestion', () =>
    expect(suggestionsOf(movie('-0.9xComedy', '+0.1xDrama', '-0.8', '+0.9')).map((s) => s.kind)).toEqual(['replace', 'add']))
  test('the suggestion after the last one is the first one', () => {
    const of = movie('-0.9', '+0.9', '+0.2', '-0.7')
    expect([1, 2, 3, 4].map((g) => nextSuggestion(of, g)?.genre)).toEqual([3, 1, 4, 1])
    expect(nextSuggestion(movie('-0.9', '+0.9'), 1)).toBe(null)
  })

  test('keep confirms every flagged cell', () =>
    expect(keepChanges(movie('-0.9', '+0.1', '+0.9'))).toEqual([verdict(1, 'keep'), verdict(2, 'keep'), done]))
  test('a reviewed movie needs no second change', () => expect(acceptChanges({ ...movie('+0.9'), reviewed: true })).toEqual([]))
  test('unless this person is asked to decide it, too, until that is done', () => {
    const asked = { ...movie('+0.9'), reviewed: true, todo: true }
    expect(acceptChanges(asked)).toEqual([done])
    expect(acceptChanges(optimistic(asked, acceptChanges(asked)))).toEqual([])
  })
})

describe('suspects, where they were searched for', () => {
  const found = searched(['-0.9', '+0.8', '-0.6', '+0.1?', '+0.9'], '+Documentary>Action 0.93', '+Comedy 0.4')
  const words = (of: MovieDetail) => suggestionsOf(of).map(suggestionInWords)
  test('are the suggestions, with labels that the plot cannot carry; what the model disagrees with is none', () =>
    expect(words(found)).toEqual(['Replace Documentary by Action', 'Remove Comedy', 'Mark Crime impossible']))
  test('come first among the genres, a genre beside the one that it replaces', () =>
    expect(cellOrder(found).map((c) => c.name)).toEqual(['Documentary', 'Action', 'Comedy', 'Crime', 'Drama']))
  test.each([5, 3])('a replacement is one suggestion for both genres, applied or refused together: genre %i', (genre) => {
    const suggestion = suggestionFor(found, genre)!
    expect(acceptOne(7, suggestion)).toEqual([label(5, false), label(3, true)])
    expect(keepOne(7, suggestion)).toEqual([verdict(5, 'keep'), verdict(3, 'keep')])
  })
  test('an answered one is gone at once, and the next one follows', () => {
    expect(words(optimistic(found, acceptOne(7, suggestionFor(found, 3)!)))).toEqual(['Remove Comedy', 'Mark Crime impossible'])
    expect(words(optimistic(found, keepOne(7, suggestionFor(found, 2)!)))).not.toContain('Remove Comedy')
    expect(nextSuggestion(found, 3)?.name).toBe('Comedy')
  })
  test('keep confirms the suspects and what the model disagrees with, each once', () =>
    expect(keepChanges(found)).toEqual([...[5, 3, 2, 4, 1].map((genre) => verdict(genre, 'keep')), done]))
  test('the change log tells suggestion and probability', () =>
    expect(whyOf(suggestionsOf(found).slice(0, 1))).toBe('Suggested: Replace Documentary by Action (93% that the label is wrong)'))
  test('none of them: the movie has no suggestion, whatever the model says', () =>
    expect(acceptChanges(searched(['-0.9', '+0.2']))).toEqual([done]))
})

describe('the optimistic row', () => {
  test('a relabelled cell is good, its movie carries the genre, and the list line agrees', () => {
    const before = movie('-0.9', '+0.8')
    const after = optimistic(before, acceptChanges(before))
    expect(after.allCells.map((c) => [c.label, c.kind])).toEqual([
      [true, 'good'],
      [true, 'good'],
    ])
    expect(after).toMatchObject({ labels: ['Comedy', 'Drama'], reviewed: true })
    expect(after.cells.map((c) => [c.name, c.verdict])).toEqual([['Drama', 'keep']])
  })
  test('a cell toggled against the prediction is decided; toggled back, it is as before', () => {
    const to = (to: boolean) => [{ field: 'label', movie: 7, genre: 1, to }] as const
    const toggled = optimistic(movie('+0.8'), to(false))
    expect(toggled.cells.map((c) => [c.label, c.verdict, isFlagged(c)])).toEqual([[false, 'keep', false]])
    expect(optimistic(toggled, to(true))).toEqual(movie('+0.8'))
  })
  test('a note alone changes nothing else', () =>
    expect(optimistic(movie('-0.9'), [{ field: 'note', movie: 7, to: 'x' }])).toEqual(movie('-0.9')))
})

test('cells: flagged first, the most suspicious on top, then by probability; labels first before there is a model', () => {
  expect(cellOrder(movie('+0.8', '-0.2', '-0.6', '+0.1')).map((c) => c.name)).toEqual(['Crime', 'Action', 'Drama', 'Comedy'])
  const allCells = movie('-0', '+0').allCells.map((c) => ({ ...c, probability: null, kind: null }))
  const untrained = { ...movie(), allCells, cells: allCells }
  expect(cellOrder(untrained).map((c) => c.name)).toEqual(['Comedy', 'Drama'])
  expect(suggestionsOf(untrained)).toEqual([])
})

test.each([
  ['Alien', 'x', 'In space.', 'Alien'],
  ['', 'row-1', 'In space.', 'In space.'],
  ['row-1', 'row-1', `${'word '.repeat(12)}and more`, `${'word '.repeat(11)}word…`],
  ['', 'row-1', '', 'row-1'],
])('the movie %j with the id %j and the plot %j is called %j', (title, key, excerpt, name) =>
  expect(titleOf({ title, key, excerpt })).toBe(name),
)

describe('genre keys', () => {
  const RESERVED = 'afgijkns'
  const keys = (...names: string[]) =>
    [
      ...genreKeys(
        names.map((name, i) => ({ id: i + 1, name })),
        {},
        RESERVED,
      ).values(),
    ].join('')
  test('earlier genres get their first letter', () => expect(keys('Drama', 'Comedy', 'Documentary', 'Crime')).toBe('dcor'))
  test('reserved keys are not assigned', () => expect(keys('Action', 'Jazz', 'Kids', 'Noir', 'Ikiru')).not.toMatch(/[aijkn]/))
  test('28 of 64 genres have a key, all different', () => {
    const all = genreKeys(
      Array.from({ length: 64 }, (_, i) => ({ id: i + 1, name: 'Genre' })),
      {},
      RESERVED,
    )
    expect([all.size, new Set(all.values()).size]).toEqual([28, 28])
  })
  test('a chosen digit goes to its genre alone; a genre that is gone takes no key', () => {
    const genres = Array.from({ length: 64 }, (_, i) => ({ id: i + 1, name: 'Genre' }))
    const all = genreKeys(genres, { 5: 64, 6: 1, 7: 999 }, RESERVED)
    expect([all.get(64), all.get(1), all.size, new Set(all.values()).size]).toEqual(['5', '6', 28, 28])
    expect([...all.values()]).toContain('7')
  })
})

describe('the marked plot', () => {
  const plot = 'a ghost in love'
  test.each([
    ['nothing to mark', [], ['0:a ghost in love']],
    ['words between others', [{ start: 2, end: 7, score: 2 }], ['0:a ', '3:ghost', '0: in love']],
    [
      'overlaps add up',
      [
        { start: 2, end: 7, score: 1 },
        { start: 5, end: 10, score: 1 },
      ],
      ['0:a ', '2:gho', '3:st', '2: in', '0: love'],
    ],
    [
      'what hardly counts is not marked',
      [
        { start: 0, end: 1, score: 0.01 },
        { start: 2, end: 7, score: -1 },
      ],
      ['0:a', '0: ', '3:ghost', '0: in love'],
    ],
    ['spans outside the plot are ignored', [{ start: 3, end: 99, score: 1 }], ['0:a ghost in love']],
  ])('%s', (_name, spans, parts) => expect(segments(plot, spans).map((s) => `${s.level}:${s.text}`)).toEqual(parts))
})

test('rows are requested in whole pages, without the loaded ones', () => {
  const ids = Int32Array.from({ length: 120 }, (_, i) => 1000 + i)
  expect(wanted(ids, 40, 60, () => false).map((p) => [p[0], p.length])).toEqual([
    [1000, 50],
    [1050, 50],
  ])
  expect(wanted(ids, 100, 300, (id) => id < 1110)).toEqual([Array.from({ length: 10 }, (_, i) => 1110 + i)])
  expect(wanted(ids, 0, 10, () => true)).toEqual([])
})
