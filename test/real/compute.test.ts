/** Splits and tokenizers on real catalogues and a published vocabulary. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { fromVocabulary, loadTokenizer } from '../../src/main/compute/tokenize/load.ts'
import { expectFairSplit, type Labels } from '../analysis/support.ts'
import { tokensPerWord } from '../compute/tokenize/folders.ts'
import { readShared, realCatalogues, shared, withReal } from './shared.ts'

const rowsOf = (path: string): Record<string, string | undefined>[] =>
  parse(readFileSync(path), { columns: true, relax_quotes: true, relax_column_count: true })

describe('splits and tokenizers', withReal, () => {
  test.each([
    ['five folds', [0.2, 0.2, 0.2, 0.2, 0.2]],
    ['70/10/20', [0.7, 0.1, 0.2]],
  ])('%s: sizes as asked, every genre in its share, closer than a random split', (_name, proportions) => {
    const rows = rowsOf(realCatalogues.mymoviedb[0]).filter((row) => row['Poster_Url']?.startsWith('http'))
    const named = rows.map((row) => row['Genre']!.split(', '))
    const genres = [...new Set(named.flat())].sort()
    const y = Uint8Array.from(named.flatMap((mine) => genres.map((genre) => (mine.includes(genre) ? 1 : 0))))
    const labels: Labels = { y, n: named.length, k: genres.length }
    expectFairSplit(labels, proportions, 0.06)
  })

  test('a vocabulary of 9,000 plots reads every one of them, in little more than a token a word', () => {
    const plots = rowsOf(realCatalogues.mymoviedb[0]).map((row) => row['Overview'] ?? '').filter((plot) => plot !== '') // prettier-ignore
    expect(plots.length).toBeGreaterThan(9000)
    const { unknown, perWord } = tokensPerWord(plots, 8000)
    expect(unknown).toBe(0)
    expect(perWord).toBeLessThan(1.2)
    expect(perWord).toBeGreaterThan(1)
  })

  test('the published uncased vocabulary gives 72 texts the published ids', () => {
    const folder = join(shared, 'data/tokenizers/bert-uncased')
    const alone = fromVocabulary(readFileSync(join(folder, 'vocab.txt'), 'utf8').trimEnd().split('\n'))
    const cases = readShared('golden/tokenization_bert_uncased.json') as { text: string; ids: number[] }[]
    expect(cases).toHaveLength(72)
    for (const tokenizer of [loadTokenizer(folder), alone])
      for (const { text, ids } of cases) expect(Array.from(tokenizer.encode(text).ids), text).toEqual(ids)
  })
})
