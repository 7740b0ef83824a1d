/** What the window says in words and figures. */
import { describe, expect, test } from 'vitest'
import type { ChangeEntry } from '../../src/contract/records.ts'
import { bytes, count, duration, figure, many, percent, signed } from '../../src/renderer/messages/format.ts'
import { DETECT, projectName, sourceArgs } from '../../src/renderer/stores/importing-logic.ts'
import { pieces } from '../../src/renderer/stores/upload.ts'
import { f1Interval, genreRows, sorted } from '../../src/renderer/views/overview/genre-rows.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { perGenreChanges, retrainOffer } from '../../src/renderer/views/train/summaries.ts'
import { METHODS } from '../../src/contract/api.ts'
import { Bench } from '../support/project.ts'
import { comparison } from './samples.ts'

test.each([
  [() => count(1_234_567), '1,234,567'],
  [() => many(1, 'movie'), '1 movie'],
  [() => many(0, 'movie'), '0 movies'],
  [() => many(2, 'differs', 'differ'), '2 differ'],
  [() => percent(0.125), '13%'],
  [() => signed(-0.0123), '−0.012'],
  [() => signed(-0.0004), '−0.000'],
  [() => signed(0), '0.000'],
  [() => figure(-0.0004), '0.000'],
  [() => figure(-0.05), '-0.050'],
  [() => bytes(12), '12 bytes'],
  [() => bytes(3_800_000), '3.8 MB'],
  [() => bytes(38_000_000), '38 MB'],
  [() => bytes(2_200_119_864), '2.2 GB'],
  [() => duration(300), '1 s'],
  [() => duration(200_000), '3 min 20 s'],
  [() => duration(120_000), '2 min'],
  [() => duration(3_900_000), '1 h 5 min'],
])('%s', (say, words) => expect(say()).toBe(words))

const FORECAST = { records: 600, whole: true, movies: 600, noPlot: 0, noGenre: 0, onlyGenres: [], rejected: [], rejectedRecords: [] }
test.each([
  [{ records: 52, movies: 1, rejected: [{ why: 'a', count: 51 }] }, 'Import 1 of 52 records'],
  [{ noGenre: 474 }, 'Import 600 movies, 474 without a genre'],
  [{ noPlot: 60 }, 'Import 600 movies, 60 without a plot'],
  [{ noGenre: 600, whole: false }, 'Import anyway'],
])('the button of an import that would lose much: %j', (some, words) => {
  expect(m.import.bar.importRest({ ...FORECAST, ...some })).toBe(words)
})

describe('import', () => {
  test.each([
    [0, [[0, 0]]],
    [10, [[0, 10]]],
    [
      25,
      [
        [0, 10],
        [10, 20],
        [20, 25],
      ],
    ],
    [
      20,
      [
        [0, 10],
        [10, 20],
      ],
    ],
  ])('%i bytes go in pieces of 10', (size, expected) => expect(pieces(size, 10)).toEqual(expected))
  test.each([
    ['my_movies.v2.csv', 'my movies.v2'],
    ['.csv', 'New project'],
    ['Film.TSV', 'Film'],
  ])('%s names the project %s', (file, name) => expect(projectName([file])).toBe(name))
  test.each([
    ['the words that the names begin with', ['letterboxd_movies.csv', 'letterboxd_genres.csv'], [null, null], 'letterboxd'],
    [
      'else their folder',
      ['action.csv', 'war.csv'],
      ['/home/a/imdb_by_genre/action.csv', '/home/a/imdb_by_genre/war.csv'],
      'imdb by genre',
    ],
    ['a folder of Windows', ['action.csv', 'war.csv'], ['C:\\data\\genres\\action.csv', 'C:\\data\\genres\\war.csv'], 'genres'],
    ['else the first and how many more', ['action.csv', 'war.csv', 'crime.csv'], [null, null, null], 'action and 2 more'],
  ])('several files: %s', (_name, files, paths, name) => expect(projectName(files, paths)).toBe(name))
  test('overrides go as plain objects', () => {
    const args = sourceArgs(['/a.csv'], { ...DETECT, format: 'table', mapping: { plot: 'Overview' } })
    expect(args).toEqual(METHODS['import.inspect'].args.parse({ paths: ['/a.csv'], format: 'table', mapping: { plot: 'Overview' } }))
    expect(structuredClone(args)).toEqual(args)
  })
})

describe('comparison', () => {
  const text = m.train.comparison
  const { difference, low, high } = comparison.corrected.microF1
  const change = text.change({ difference, low, high })
  test.each([
    ['better', /^Better: Run 2 fits the corrected labels better than Run 1 \(micro-F1 \+0\.021, between \+0\.013 and \+0\.029\)/],
    ['worse', /^Worse: .*shows which one is current; you can change it there\./],
    ['undecided', /^Undecided: .*chance/],
  ] as const)('%s', (verdict, words) => expect(text[verdict]('Run 1', 'Run 2', change)).toMatch(words))
  test('the largest gain comes first', () => {
    const changes = perGenreChanges(comparison).map((c) => c.change)
    expect(changes).toEqual(changes.toSorted((a, b) => b - a))
  })
})

test.each([
  ['nothing new', 50, 7, 'Retrain', 'No decisions since the current run: a retrain would give the same model.'],
  ['new corrections', 1964, 9, 'Retrain with 1,964 corrections', '1,914 corrections since the current run.'],
  ['some undone', 49, 9, 'Retrain with 49 corrections', '1 correction fewer than in the current run.'],
  ['as many, but others', 50, 9, 'Retrain', 'Your decisions have changed since the current run.'],
])('retrain: %s', (_name, corrections, batch, label, note) =>
  expect(retrainOffer({ corrections: 50, lastBatch: 7 }, { corrections, batch, reviewed: 9 })).toEqual({
    button: label,
    note,
    useful: batch > 7,
  }),
)

test('retrain: a decision that was undone is nothing new', () =>
  expect(retrainOffer({ corrections: 0, lastBatch: 0 }, { corrections: 0, reviewed: 0, batch: 2 }).useful).toBe(false))

test('genres sort by any column, names break ties', async () => {
  const bench = await Bench.open(['dune: Drama', 'heat: Crime, Drama', 'alien: Horror', 'solaris: Drama', 'fargo: Crime', 'ring: Horror'])
  await bench.train()
  const report = await bench.call('metrics.get', { part: 'oof' })
  const rows = genreRows(report, (await bench.call('overview.get', {})).genres, [])
  expect(sorted(rows, 'name', false).map((r) => r.name)).toEqual(rows.map((r) => r.name).sort())
  const support = sorted(rows, 'support', true).map((r) => r.support)
  expect(support).toEqual(support.toSorted((a, b) => b - a))
})

const entry: ChangeEntry = {
  batch: 1,
  movie: 1,
  key: 'm1',
  title: '',
  genre: 'Drama',
  field: 'label',
  from: '0',
  to: '1',
  at: '',
  who: '',
  why: '',
  run: null,
  undoes: null,
}
test.each([
  [{}, 'Drama added'],
  [{ to: '0' }, 'Drama removed'],
  [{ field: 'verdict', to: 'impossible' }, 'Drama marked impossible'],
  [{ field: 'verdict', to: '' }, 'Drama verdict cleared'],
  [{ field: 'reviewed', to: '1' }, 'reviewed'],
  [{ field: 'note', to: 'look' }, 'note: look'],
  [{ undoes: 3 }, 'Undo / Redo: Drama added'],
] satisfies [Partial<ChangeEntry>, string][])('%o reads %s', (part, words) => expect(m.review.change({ ...entry, ...part })).toBe(words))

test('the interval of an F1 is Wilson’s of its share of hits', () => {
  // scipy 1: binomtest(30, 50).proportion_ci(method='wilson') is 0.461814, 0.723916
  const { low, high } = f1Interval([[900, 12], [8, 30]]) // prettier-ignore
  expect(low).toBeCloseTo((2 * 0.461814) / 1.461814, 3)
  expect(high).toBeCloseTo((2 * 0.723916) / 1.723916, 3)
  expect(f1Interval([[9, 0], [0, 0]])).toEqual({ low: 0, high: 1 }) // prettier-ignore
})
