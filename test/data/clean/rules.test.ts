import { describe, expect, it } from 'vitest'
import type { CleanRuleId } from '../../../src/contract/importing.ts'
import { canonicalGenre, genreKey, genreSpellings } from '../../../src/main/data/clean/aliases.ts'
import { isPlaceholder, withoutMoreMarker } from '../../../src/main/data/clean/plots.ts'
import { ALL_RULES_ON, cleanCatalogue, type CleanResult, type RawMovie } from '../../../src/main/data/clean/rules.ts'
import { haveShared } from '../../support/shared.ts'
import { moviesOf, REAL } from '../support/files.ts'

function catalogue(...movies: readonly (readonly [plot: string, ...genres: string[]])[]): RawMovie[] {
  return movies.map(([plot, ...genres], i) => ({ movie: i + 1, key: `row-${i + 1}`, title: `T${i + 1}`, plot, genres }))
}
function count(result: CleanResult, rule: CleanRuleId): number {
  return result.report.rules.find((entry) => entry.rule === rule)!.count
}
const OFF = { missing: false, placeholder: false, truncated: false, 'genre-alias': false, 'exact-duplicate': false }

describe('plots', () => {
  it.each([
    ['A boy and the ...                See full summary\u00a0»', 'A boy and the'],
    ['A boy and the...See full synopsis »', 'A boy and the'],
    ['A boy and the… See full summary', 'A boy and the'],
    ['A boy. See full summary »  ', 'A boy.'],
    ['See full summary »', ''],
    ['A boy should see full summary pages of books', null],
    ['A boy and the ...', null],
  ])('%j is cut to %j', (plot, cut) => {
    expect(withoutMoreMarker(plot)).toBe(cut)
  })

  it.each([
    ['Add a Plot', true],
    [' add a  plot » ', true],
    ['Plot unknown.', true],
    ['Plot Unknown at this time.', true],
    ['No overview found.', true],
    ['Plot kept under wraps.', true],
    ['Plot details are currently being kept under wraps.', true],
    ['The plot is being kept confidential.', true],
    ['Undisclosed.', true],
    ['N/A', true],
    ['Plot unknown. A reboot of the epic animated Shrek franchise.', false],
    ['Add a plotter to the gang and rob the bank.', false],
    ['Fight.', false],
    ['Unknown soldiers cross the border.', false],
    ['', false],
  ])('%j says nothing: %s', (plot, placeholder) => {
    expect(isPlaceholder(plot)).toBe(placeholder)
  })
})

describe('genre names', () => {
  it.each([
    ['Sci-Fi', 'science fiction'],
    ['SCI-FI', 'Science-Fiction'],
    ['Film Noir', 'film-noir'],
    ['Sports', ' sport '],
    ['Biopic', 'Biography'],
    ['tv  movie', 'TV Movie'],
  ])('%j and %j are one', (a, b) => {
    expect(genreKey(a)).toBe(genreKey(b))
  })
  it.each([
    ['Music', 'Musical'],
    ['Kids', 'Family'],
    ['Horror', 'Thriller'],
  ])('%j and %j are two', (a, b) => {
    expect(genreKey(a)).not.toBe(genreKey(b))
  })
  it('takes the most frequent spelling, and for aliases the usual name', () => {
    const spellings = genreSpellings([{ genres: ['drama', 'Sci-Fi'] }, { genres: ['Drama', 'sport'] }, { genres: ['Drama', 'Sports'] }])
    expect(['DRAMA', 'Sci-Fi', 'Sports', 'New'].map((name) => canonicalGenre(name, spellings))).toEqual([
      'Drama',
      'Science Fiction',
      'sport',
      'New',
    ])
  })
})

describe('cleaning', () => {
  const movies = catalogue(
    ['A long story ... See full summary »', 'Sci-Fi', 'Drama', 'Science-Fiction'],
    ['Add a Plot', 'Drama'],
    ['', 'Drama'],
    ['Some story', ...[]],
    ['See full summary »', 'Drama'],
    ['The same story', 'drama'],
    ['  the SAME\nstory ', 'Drama'],
    ['The same story', 'War'],
  )

  it('runs the rules in order', () => {
    const { decisions, report } = cleanCatalogue(movies, ALL_RULES_ON)
    expect(decisions.map(({ out, duplicateOf }) => [out, duplicateOf])).toEqual([
      [null, null],
      ['placeholder', null],
      ['missing', null],
      ['missing', null],
      ['missing', null],
      [null, null],
      ['exact-duplicate', 6],
      ['exact-duplicate', 6],
    ])
    expect(decisions[0]).toEqual({ movie: 1, plot: 'A long story', genres: ['Science Fiction', 'Drama'], out: null, duplicateOf: null })
    expect(decisions[5]!.genres).toEqual(['Drama'])
    expect(report).toMatchObject({ movies: 8, kept: 2 })
    expect(report.rules.map(({ rule, count: n }) => [rule, n])).toEqual([
      ['truncated', 2],
      ['placeholder', 1],
      ['missing', 3],
      ['genre-alias', 2],
      ['exact-duplicate', 2],
    ])
  })

  it('says whether the labels of duplicates conflict', () => {
    const { examples } = cleanCatalogue(movies, ALL_RULES_ON).report.rules.find(({ rule }) => rule === 'exact-duplicate')!
    expect(examples.map(({ after }) => /agree|conflict/.exec(after)?.[0])).toEqual(['agree', 'conflict'])
  })

  it('changes nothing when all is off, and still counts', () => {
    const result = cleanCatalogue(movies, OFF)
    expect(result.decisions.map(({ plot, genres }) => [plot, ...genres])).toEqual(movies.map(({ plot, genres }) => [plot, ...genres]))
    expect(result.report.kept).toBe(8)
    expect(count(result, 'truncated')).toBe(2)
    expect(count(result, 'placeholder')).toBe(1)
    expect(count(result, 'missing')).toBe(2)
    expect(count(result, 'exact-duplicate')).toBe(2)
  })

  it('does not call movies without a plot duplicates of each other', () => {
    const result = cleanCatalogue(catalogue(['', 'Drama'], [' ', 'War']), { ...ALL_RULES_ON, missing: false })
    expect(result.report.kept).toBe(2)
  })

  it.each(Object.keys(OFF) as CleanRuleId[])('%s has a switch', (rule) => {
    const alone = cleanCatalogue(movies, { ...OFF, [rule]: true })
    const entry = alone.report.rules.find((item) => item.rule === rule)!
    expect(entry.on).toBe(true)
    const touched = alone.decisions.filter(
      ({ out, plot, genres }, i) => out !== null || plot !== movies[i]!.plot || genres.join() !== movies[i]!.genres.join(),
    )
    expect(touched).toHaveLength(entry.count)
    expect(entry.examples.length).toBe(Math.min(5, entry.count))
  })

  it('gives five examples at most', () => {
    const result = cleanCatalogue(catalogue(...Array.from({ length: 9 }, (): [string, string] => ['Add a Plot', 'Drama'])), ALL_RULES_ON)
    expect(result.report.rules.find(({ rule }) => rule === 'placeholder')).toMatchObject({ count: 9, examples: { length: 5 } })
  })
})

describe.skipIf(!haveShared)('real catalogues (../shared is not there: skipped)', () => {
  it('9000+ Movies: the distinct plots stay, less the one "Plot unknown."', async () => {
    const movies = await moviesOf(REAL.mymoviedb)
    const all = cleanCatalogue(movies, ALL_RULES_ON)
    expect(all.report.kept).toBe(9821 - 1)
    expect(all.report.rules.map(({ rule, count: n }) => [rule, n])).toEqual([
      ['truncated', 0],
      ['placeholder', 1],
      ['missing', 11],
      ['genre-alias', 0],
      ['exact-duplicate', 5],
    ])
    expect(cleanCatalogue(movies, { ...ALL_RULES_ON, placeholder: false }).report.kept).toBe(9821)
  })

  it('IMDb by genre: placeholders and truncated tails as the golden file counts them', async () => {
    const movies = await moviesOf(REAL.imdb)
    const { decisions } = cleanCatalogue(movies, ALL_RULES_ON)
    // golden/import.json knows three whole texts and the "See full …" tail; the rule knows more ways of saying "no plot"
    const named = /^(add a plot|plot unknown|no overview found)\.?$/i
    const truncated = movies.filter(({ plot }) => withoutMoreMarker(plot) !== null)
    const placeholders = movies.filter(({ plot }) => named.test(plot.trim()))
    expect(truncated.length + placeholders.length).toBe(12_705)
    expect(placeholders.every(({ movie }) => decisions[movie]!.out === 'placeholder')).toBe(true)
    expect(decisions.every(({ out, plot }) => out !== null || !/see full (summary|synopsis)\s*»?\s*$/i.test(plot))).toBe(true)
    const distinct = cleanCatalogue(movies, { ...ALL_RULES_ON, placeholder: false, truncated: false }).report.kept
    expect(distinct).toBe(24_409)
  })

  it('The Movies Dataset: placeholders and duplicates', async () => {
    const { report } = cleanCatalogue(await moviesOf(REAL.metadata), ALL_RULES_ON)
    expect(report.rules.find(({ rule }) => rule === 'placeholder')!.count).toBe(5)
    expect(report.kept).toBe(2904)
  })
})
