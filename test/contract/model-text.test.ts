import { expect, test } from 'vitest'
import { modelText, spansByPart, type TextRecipe } from '../../src/contract/model-text.ts'

const cells = [
  { name: 'tagline', value: 'Fast' },
  { name: 'keywords', value: '' },
]
const texts = { title: 'Heat', plot: 'A thief.', cells }

test.each<[string, TextRecipe, string]>([
  ['the title before the plot', { reads: 'title-plot' }, 'Heat . A thief.'],
  ['the plot alone', { reads: 'plot' }, 'A thief.'],
  [
    'columns after the plot, without empty and missing ones',
    { reads: 'title-plot', columns: ['keywords', 'tagline', 'none'] },
    'Heat . A thief. . Fast',
  ],
])('%s', (_, recipe, text) => expect(modelText(recipe, texts)).toBe(text))

test('a movie without a title and without a plot has an empty text', () =>
  expect(modelText({ reads: 'title-plot' }, { title: '', plot: '' })).toBe(''))

test('spans of the text are spans of its parts; one that crosses two parts belongs to none', () => {
  const recipe: TextRecipe = { reads: 'title-plot', columns: ['tagline'] }
  const text = modelText(recipe, texts)
  const range = (word: string) => ({ start: text.indexOf(word), end: text.indexOf(word) + word.length })
  const parts = spansByPart(recipe, texts, [range('Heat'), range('Heat . A'), range('thief'), range('Fast')])
  expect(parts.map(({ of, column, text: part, spans }) => [of, column, spans.map(({ start, end }) => part.slice(start, end))])).toEqual([
    ['title', '', ['Heat']],
    ['plot', '', ['thief']],
    ['column', 'tagline', ['Fast']],
  ])
})

test.each<[string, string[], string, string]>([
  ['in any case of letters', ['ghost'], 'A Ghost, a GHOST.', 'A      , a      .'],
  ['where no letter or digit adjoins', ['ghost', '9'], 'Ghosts of ghost-town 9 and 99', 'Ghosts of      -town   and 99'],
  ['the longest first', ['ghost', 'ghost-town'], 'ghost-town ghost', '                '],
  ['with the signs of patterns', ['c++', 'a.b'], 'c++ and a.b, axb', '    and    , axb'],
  ['of other scripts', ['été'], 'L’été, étés', 'L’   , étés'],
])('words are left out %s, and every other place stays', (_, dropWords, plot, text) =>
  expect(modelText({ reads: 'plot', dropWords }, { title: '', plot })).toBe(text),
)
