/** The reasons of an import plan in words, on the command line and in the window. */
import { describe, expect, test } from 'vitest'
import { wordReason, type EncodingEvidence, type ImportReason, type ReasonCode, type ReasonWording } from '../../src/contract/importing.ts'
import { REASONS } from '../../src/main/cli/plan-text.ts'
import { m } from '../../src/renderer/messages/index.ts'

const at = { byte: 0x92, offset: 1_200_010 }
const EVIDENCE: { readonly [C in EncodingEvidence['code']]: EncodingEvidence<C> } = {
  'byte-order-mark': { code: 'byte-order-mark', encoding: 'utf-16le' },
  'zero-bytes': { code: 'zero-bytes', encoding: 'utf-16be', percent: 48, position: 'first' },
  ascii: { code: 'ascii' },
  'valid-utf-8': { code: 'valid-utf-8' },
  'valid-beginning': { code: 'valid-beginning', megabytes: 16 },
  'mostly-utf-8': { code: 'mostly-utf-8', invalid: 1, first: at },
  letters: { code: 'letters', encoding: 'koi8-r', at },
  'not-windows-1252': { code: 'not-windows-1252', at, firstInvalid: at, similarTo: 'Big5' },
  'windows-1252': { code: 'windows-1252', at, character: '’', inLatin1: false, similarTo: null },
}
const REASON: { readonly [C in ReasonCode]: ImportReason<C> } = {
  'memory-damaged': { code: 'memory-damaged', file: 'imports.json' },
  remembered: { code: 'remembered', at: '2026-11-20T10:00:00.000Z' },
  format: { code: 'format', name: '9000+ Movies', by: 'columns', columns: ['Title', 'Genre'] },
  csv: { code: 'csv', file: 'a.csv', delimiter: ';', escape: '\\', columns: 2, records: 9, alike: 8 },
  sheet: { code: 'sheet', file: 'a.xlsx: Movies', rows: 1000 },
  'table-kind': { code: 'table-kind', file: 'a.json', kind: 'json' },
  encoding: { code: 'encoding', file: 'a.csv', chosen: 'iso-8859-1', evidence: EVIDENCE['windows-1252'] },
  'no-header': { code: 'no-header', file: 'a.csv', because: 'number', cell: '1' },
  'header-line': { code: 'header-line', file: 'a.csv', line: 3 },
  joined: { code: 'joined', file: 'genres.csv', role: 'genres', ids: null },
  'left-out': { code: 'left-out', file: 'a.zip: notes.csv', entry: 'notes.csv', unlike: 'a.zip: a.csv' },
  hidden: { code: 'hidden', file: 'a.xlsx: Old', entry: 'Old' },
  unreadable: { code: 'unreadable', file: 'a.zip: b.png', entry: 'b.png', message: 'a.zip: b.png is not text.' },
  plot: { code: 'plot', column: 'Overview', characters: 270, tags: true },
  genres: { code: 'genres', column: 'Genre', syntax: 'comma', perCell: 2, examples: ['Drama', 'War'] },
  'genre-columns': { code: 'genre-columns', columns: 3, perMovie: 1, examples: ['Drama', 'War'] },
  title: { code: 'title', column: null },
  id: { code: 'id', column: 'id', repeats: 5, of: 20, joined: false },
  split: { code: 'split', column: 'part' },
  'filter-column': { code: 'filter-column', filter: 'year', column: 'released' },
  rejected: { code: 'rejected', count: 51, of: 52, whole: true, reasons: [{ why: 'quotes inside cells are not doubled', count: 51 }] },
  incomplete: { code: 'incomplete', lacks: 'genre', count: 474, of: 600, whole: false },
  'joined-names': { code: 'joined-names', example: 'Drama#Comedy', names: 2, separator: 'hash' },
  'numbered-genres': { code: 'numbered-genres', examples: ['28', '12'] },
  'same-genres': { code: 'same-genres', genres: ['Drama'] },
}

const tables: readonly (readonly [string, ReasonWording])[] = [
  ['the command line', REASONS],
  ['the window', m.import.reasons],
]
describe.each(tables)('%s', (_where, table) => {
  test.each(Object.values(REASON))('words $code', (reason) => {
    const text = wordReason(table, reason)
    expect(text).not.toBe('')
    expect(text).not.toMatch(/undefined|null|NaN|\[object/)
  })
  test.each(Object.values(EVIDENCE))('words the evidence $code', (evidence) => {
    const text = wordReason(table, { code: 'encoding', file: 'a.csv', chosen: null, evidence })
    expect(text).toMatch(/^a\.csv: (?:UTF|Windows|Latin|KOI8-R)/)
    expect(text).not.toMatch(/undefined|null|NaN|\[object/)
  })
})

test.each([
  [REASON.remembered, 'Columns and genres are as you chose on 20 November 2026 for a table with this header.'],
  [REASON.format, 'format: 9000+ Movies, by the columns Title, Genre'],
  [REASON.csv, 'a.csv: Semicolon. 8 of the first 9 records have the 2 cells of the header. Quotes inside cells are written \\".'],
  [
    REASON.encoding,
    'a.csv: Latin-1 (ISO 8859-1), as chosen. Detected: Windows-1252: byte 0x92 at offset 1,200,010 is “’” and is not UTF-8.',
  ],
  [REASON['left-out'], 'a.zip: notes.csv is left out: its columns are not those of a.zip: a.csv.'],
  [REASON.hidden, 'a.xlsx: Old is left out: its workbook hides it.'],
  [REASON.plot, 'plots: Overview, 270 characters on average, with HTML tags, which cleaning can remove'],
  [REASON.genres, 'genres: Genre, separated by commas, 2.0 on average, such as Drama, War'],
  [REASON['genre-columns'], 'genres: 3 columns, marked where a movie has the genre, 1.0 on average: Drama, War and 1 more'],
  [REASON.id, 'ids: id, not unique: 5 of the first 20 repeat an earlier one; the second movie of an id is called ID#2, the third ID#3'],
  [REASON.rejected, '51 of 52 records will be rejected: quotes inside cells are not doubled.'],
  [
    {
      ...REASON.rejected,
      count: 3,
      reasons: [
        { why: 'a', count: 2 },
        { why: 'b', count: 1 },
      ],
    } as const,
    '3 of 52 records will be rejected: a (2 times); b (1 time).',
  ],
  [REASON.incomplete, '474 of the first 600 movies have no genre and will be removed by cleaning.'],
  [{ ...REASON.incomplete, count: 1, whole: true }, '1 of 600 movies has no genre and will be removed by cleaning.'],
  [REASON['joined-names'], '"Drama#Comedy" and 1 other name look like several genres each: --genre-syntax hash separates them.'],
  [REASON['numbered-genres'], 'The genres are numbers, such as 28, 12: an import with --genre-names FILE gives them the names in a file.'],
  [REASON['same-genres'], 'Every movie has the same genre (Drama): a model can learn nothing from them.'],
  [
    { ...REASON.csv, alike: 1, records: 1 },
    'a.csv: Semicolon. 1 of the first 1 record has the 2 cells of the header. Quotes inside cells are written \\".',
  ],
  [{ ...REASON.id, joined: true }, 'ids: id, not unique: 5 of the first 20 repeat an earlier one; their rows are joined'],
])('the command line says %#', (reason, text) => expect(wordReason(REASONS, reason)).toBe(text))
