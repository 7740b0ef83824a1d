import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { matcher, numberOf, yearOf } from '../../../src/main/data/clean/column-filter.ts'
import { LetterModel } from '../../../src/main/data/clean/gibberish.ts'
import { root } from '../../support/paths.ts'
import { alone, catalogue, cleanAll, on } from './support.ts'

const ENGLISH = 'A young man finds love in the city while his family struggles to survive the long winter, and nobody believes what he saw.'
const SPANISH =
  'Un joven encuentra el amor en la ciudad mientras su familia lucha por sobrevivir al largo invierno, y nadie cree lo que vio.'
const GERMAN = 'Ein junger Mann findet die Liebe in der Stadt, während seine Familie darum kämpft, den langen Winter zu überleben.'
const RUSSIAN = 'Молодой человек находит любовь в городе, пока его семья пытается пережить долгую зиму.'
const JAPANESE =
  '若い男が街で恋に落ちる一方、家族は長い冬を生き延びようと必死に戦っている。そして誰も彼が見たものを信じようとはしなかった。'

describe('language', () => {
  it('removes plots in none of the kept languages', async () => {
    expect(await alone(on('language'), ENGLISH, SPANISH, GERMAN, RUSSIAN, JAPANESE)).toEqual([ENGLISH, null, null, null, null])
    expect(await alone(on('language', { keep: ['en', 'de'] }), ENGLISH, SPANISH, GERMAN)).toEqual([ENGLISH, null, GERMAN])
    expect(await alone(on('language', { keep: ['ja'] }), ENGLISH, JAPANESE)).toEqual([null, JAPANESE])
  })
  it('does not judge short texts, or with less confidence than required', async () => {
    expect(await alone(on('language'), 'El amor.', 'Zwei Brüder.')).toEqual(['El amor.', 'Zwei Brüder.'])
    expect(await alone(on('language', { shortest: 5 }), 'El amor en la ciudad.')).toEqual([null])
    expect(await alone(on('language', { confidence: 1 }), SPANISH)).toEqual([SPANISH])
  })
  it('a text that only begins in a kept language is kept', async () => {
    const mixed = `${ENGLISH} ${ENGLISH} ${SPANISH}`
    expect(await alone(on('language'), mixed, `${SPANISH} ${SPANISH}`)).toEqual([mixed, null])
  })
  it('reports the language and the confidence', async () => {
    const { report } = await cleanAll(catalogue([SPANISH, 'Drama']), [on('language')])
    expect(report.steps[0]!.examples[0]!.after).toMatch(/^removed: Spanish, confidence 0\.\d\d$/)
  })
})

/** Plots of the sample catalogue: original English prose. */
const prose = readFileSync(join(root, 'resources/sample/movies.csv'), 'utf8')
  .split('\n')
  .map((line) => /"(?<plot>[^"]{60,})"/.exec(line)?.groups?.['plot'] ?? '')
  .filter((plot) => plot !== '')

describe('gibberish', () => {
  const judged = async (...texts: string[]): Promise<boolean[]> =>
    (await alone(on('gibberish'), ...prose, ...texts)).slice(prose.length).map((plot) => plot === null)

  it.each([
    'xqzj vkwpf qqzx jfkdls wqpoeiruz mxncbvzq kjhqwz pzxq',
    'asdkjhqw eqwkjeh zxmcnbv qpwoeiru alskdjfh zmxncbv qwpoe',
    'hahahahahahahahahahahahahahahahahahahahahahahahahahahahahahahahahaha',
    'the man and the woman '.repeat(12),
    '1234 5678 9012 3456 7890 1234 !!!! ???? %%%%',
  ])('%s is', async (text) => {
    expect(await judged(text)).toEqual([true])
  })
  it.each([
    GERMAN,
    SPANISH,
    RUSSIAN,
    JAPANESE,
    'Brzęczyszczykiewicz',
    'A review of 2007/2008.',
    '35',
    'Add a plot',
    '100% longboard, 100% French',
  ])('%s is not', async (text) => {
    expect(await judged(text)).toEqual([false])
  })
  it('no plot of the sample catalogue is', async () => {
    expect(prose.length).toBeGreaterThan(300)
    expect((await alone(on('gibberish'), ...prose)).filter((plot) => plot === null)).toEqual([])
  })
  it('ignores letters in a catalogue that is too small to learn its language', async () => {
    expect(await alone(on('gibberish'), 'xqzj vkwpf qqzx jfkdls wqpoeiruz mxncbvzq kjhqwz pzxq')).not.toEqual([null])
  })
  it('surprise is the mean of -log2 p: almost 0 for a text of one repeated letter', () => {
    const model = new LetterModel()
    model.add('ab'.repeat(20_000))
    model.add('zz'.repeat(100))
    model.finish()
    expect(model.isReady).toBe(true)
    expect(model.measure('ab'.repeat(100)).surprise).toBeLessThan(0.2)
    expect(model.measure('zz'.repeat(100)).surprise).toBeGreaterThan(8)
  })
})

describe('filter on a column', () => {
  it.each([
    ['between', ['1990', '1999'], '1995-06-01', true],
    ['between', ['1990', '1999'], '12/15/99', true],
    ['between', ['1990', '1999'], '3/1/22', false],
    ['between', ['1990', '1999'], '2001', false],
    ['between', ['1990', '1999'], 'unknown', null],
    ['between', ['1990', ''], '2020-01-01', true],
    ['between', ['', '1,000.5'], '1,000', true],
    ['between', ['6.5', '8'], '8', true],
    ['between', ['6.5', '8'], '8.1', false],
    ['between', ['6.5', '8'], '', null],
    ['equals', ['Movie'], ' movie ', true],
    ['equals', ['Movie'], 'TV movie', false],
    ['equals', ['Movie'], '', null],
    ['one of', ['en', 'fr'], 'FR', true],
    ['one of', ['en', 'fr'], 'de', false],
    ['contains', ['usa'], 'Canada, USA', true],
    ['contains', ['usa'], 'France', false],
    ['not empty', [], ' ', false],
    ['not empty', [], 'x', true],
  ] as const)('%s %j of %j: %s', (condition, values, cell, met) => {
    expect(matcher(condition, values)(cell)).toBe(met)
  })
  it('reads numbers and years', () => {
    expect(['12', '-1.5', '.5', '1,234,567', '1e3', '12 min', '', '1,23'].map(numberOf)).toEqual([
      12,
      -1.5,
      0.5,
      1234567,
      1000,
      null,
      null,
      null,
    ])
    expect(['1999', '31.12.1999', '1999-12-31T00:00', 'Released 2001 (2003)', '2001–2003', '99', 'x'].map(yearOf)).toEqual([1999, 1999, 1999, null, 2001, null, null]) // prettier-ignore
  })
  it('keeps or removes, and keeps movies with an unknown value by default', async () => {
    const movies = catalogue(['a', 'A'], ['b', 'A'], ['c', 'A']).map((m, i) => ({ ...m, cells: { Year: ['1995', '2005', ''][i]! } }))
    const kept = async (params: Parameters<typeof on>[1]): Promise<string[]> =>
      (await cleanAll(movies, [on('column-filter', { column: 'Year', values: ['1990', '1999'], ...params })])).fates
        .filter((f) => f.out === null)
        .map((f) => f.plot)
    expect(await kept({})).toEqual(['a', 'c'])
    expect(await kept({ action: 'remove' })).toEqual(['b', 'c'])
    expect(await kept({ unknown: false })).toEqual(['a'])
  })
})
