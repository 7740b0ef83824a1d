import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readVectorFacts, readVectors } from '../../src/main/model-folder/vector-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vectors-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = (content: string | Buffer, name = 'v.txt'): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}
const read = (content: string | Buffer, ...wanted: string[]): Record<string, number[]> => {
  const { ids, dim, vectors } = readVectors(file(content), new Set(wanted), () => undefined)
  return Object.fromEntries(Array.from(ids, ([word, id]) => [word, [...vectors.subarray(id * dim, (id + 1) * dim)]]))
}

describe('the vectors of the wanted words', () => {
  test.each([
    ['word2vec', '3 2\nghost 1 2\nkiss 0.5 -1e-1\nwar 3 4\n'],
    ['GloVe', 'ghost 1 2\nkiss 0.5 -0.1\nwar 3 4\n'],
    ['fastText, with a space at the end of each line', '3 2\nghost 1 2 \nkiss 0.5 -0.1 \nwar 3 4 \n'],
    ['tabs, Windows line ends, and none at the end', 'ghost\t1\t2\r\nkiss\t0.5\t-0.1\r\nwar\t3\t4'],
  ])('%s', (_, content) => expect(read(content, 'ghost', 'kiss', 'love')).toEqual({ ghost: [1, 2], kiss: [0.5, Math.fround(-0.1)] }))
  test('of several spellings, the lower-cased one, or else the first', () =>
    expect(read('Ghost 1 2\nghost 3 4\nGHOST 5 6\nKiss 7 8\nKISS 9 1\n', 'ghost', 'kiss')).toEqual({ ghost: [3, 4], kiss: [7, 8] }))
  test('entries of several words are passed over, as GloVe’s large file has them', () =>
    expect(read('at 1 2\nat name@domain.com 3 4\n', 'at')).toEqual({ at: [1, 2] }))
  test('lines that cross the chunks in which a file is read', () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `w${i} ${i + 1} ${-i - 1} 0.123456789`)
    expect(read(`30000 3\n${lines.join('\n')}\n`, 'w0', 'w21234', 'w29999')).toEqual({ w0: [1, -1, Math.fround(0.123456789)], w21234: [21235, -21235, Math.fround(0.123456789)], w29999: [30000, -30000, Math.fround(0.123456789)] }) // prettier-ignore
  })
})

describe('errors name the line', () => {
  test.each([
    ['ghost 1 2\nkiss 1 x\n', 'number 2 of line 2 is not a number'],
    ['2 3\nghost 1 2 3\nkiss 1 2\n', 'line 3 has 2 numbers instead of 3'],
    ['4 2\nghost 1 2\nkiss 1 2\n', 'it ends after 2 of 4 words (line 3)'],
    ['war 1 2\nlove 3 4\n', 'it has none of the words of the plots'],
    ['', 'it is empty'],
    ['Once upon a time\n', 'line 1 is neither a word and its numbers'],
    [`2 2\nghost 1 ${'1'.repeat(1_500_000)}`, 'line 2 has more than 200,000 bytes'],
    [Buffer.from('3 100\n\0\u0001\u0002'), 'line 2 has 0 numbers instead of 100'],
    [Buffer.from('\0\0\0'), 'it is a binary file'],
    [gzipSync('ghost 1 2'), 'it is packed with gzip'],
    ['<!doctype html><html>', 'a web page'],
  ])('%#', (content, message) => expect(() => [readVectorFacts(file(content)), read(content, 'ghost', 'kiss')]).toThrow(message))
})

test('facts come from the first lines', () => {
  expect(readVectorFacts(file('3 2\nghost 1 2\n'))).toEqual({ architecture: 'vectors', license: null, parameters: 6, bytes: 14 })
  expect(readVectorFacts(file('aa 1 2\nbb 3 4\ncc 5 6\n')).parameters).toBe(6)
})
