import { expect, test } from 'vitest'
import { type AddedToken, splitter } from '../../../src/main/compute/tokenize/added.ts'

const token = (content: string, more: Partial<AddedToken> = {}): AddedToken => ({
  id: 7,
  content,
  special: true,
  normalized: false,
  lstrip: false,
  rstrip: false,
  ...more,
})
/** Sections of a text, those of added tokens in angle brackets. */
const sections = (tokens: readonly AddedToken[], text: string): string[] =>
  splitter(tokens)(text).map(({ added, start, end }) => (added ? `<${text.slice(start, end)}>` : text.slice(start, end)))

test.each<[string, readonly AddedToken[], string, string[]]>([
  ['nothing', [], 'a film', ['a film']],
  ['an empty text', [token('x')], '', []],
  ['the longest at a place', [token('[a]'), token('[a][b]'), token('[')], 'x[a][b][a]y[', ['x', '<[a][b]>', '<[a]>', 'y', '<[>']],
  ['from the left', [token('ab'), token('bcd')], 'abcd', ['<ab>', 'cd']],
  ['signs of patterns as they are written', [token('.*'), token('\\d'), token('a|b')], 'x.*\\d5a|b', ['x', '<.*>', '<\\d>', '5', '<a|b>']],
  ['white space before', [token('#', { lstrip: true })], 'a \t# b', ['a', '<#>', ' b']],
  ['white space after', [token('#', { rstrip: true })], 'a # \n b', ['a ', '<#>', 'b']],
  ['white space between two', [token('#', { lstrip: true, rstrip: true })], ' # # ', ['<#>', '<#>']],
])('%s', (_name, tokens, text, expected) => expect(sections(tokens, text)).toEqual(expected))
