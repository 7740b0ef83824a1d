import { describe, expect, test } from 'vitest'
import { blockKinds, type FeatureConfig } from '../../../src/main/compute/linear/features.ts'
import { chunkNgrams } from '../../../src/main/compute/linear/tokens.ts'
import { fitVectoriser, transform, type Vectoriser } from '../../../src/main/compute/linear/vectorise.ts'
import { choose } from '../../../src/main/compute/linear/vocabulary.ts'
import type { Csr } from '../../../src/main/compute/linear/csr.ts'
import { fitTransform, golden, GOLDEN_CONFIG, range, sampleMovies, TINY_CONFIG } from './support.ts'

const named = (vectoriser: Vectoriser, matrix: Csr, row: number): Record<string, number> => {
  const names = vectoriser.blocks.flatMap((block) => [...block.ids.keys()])
  const entries = range(matrix.indptr[row]!, matrix.indptr[row + 1]!).map((i) => [names[matrix.indices[i]!]!, matrix.values[i]!] as const)
  return Object.fromEntries(entries)
}
const words = (config: Partial<FeatureConfig>, plots: string[]): string[] => {
  const { vectoriser } = fitVectoriser(plots, { ...TINY_CONFIG, charNgrams: null, ...config })
  return vectoriser.blocks.flatMap((block) => [...block.ids.keys()]).sort()
}

describe('as scikit-learn', () => {
  const { plots } = sampleMovies()
  const { vectoriser } = fitTransform(plots, range(0, golden.train), GOLDEN_CONFIG)
  const matrix = transform(vectoriser, plots.slice(golden.train))

  test('vocabulary and idf', () => {
    const [block] = vectoriser.blocks
    expect(vectoriser.columns).toBe(golden.tfidf.vocabulary_size)
    for (const [word, idf] of Object.entries(golden.tfidf.idf)) expect(block!.idf[block!.ids.get(word)!], word).toBeCloseTo(idf, 9)
  })
  test('nonzeros of each row', () => {
    expect(range(0, plots.length - golden.train).map((row) => matrix.indptr[row + 1]! - matrix.indptr[row]!)).toEqual(
      golden.tfidf.nonzeros_per_test_row,
    )
  })
  test('every value of a row to 1e-6', () => {
    const mine = named(vectoriser, matrix, 0)
    expect(Object.keys(mine).sort()).toEqual(Object.keys(golden.tfidf.test_row_0).sort())
    for (const [word, value] of Object.entries(golden.tfidf.test_row_0)) expect(Math.abs(mine[word]! - value), word).toBeLessThan(1e-6)
  })
})

// expectations of this block: scikit-learn 1.2.1
describe('text analysis', () => {
  test.each([
    ['It’s a co-op_2 Él naïve 東京 x', { stopWords: 'none' }, ['co', 'it', 'naïve', 'op_2', 'él', '東京']],
    ['It is the Robot, and the robots', { stopWords: 'english' }, ['robot', 'robots']],
    ['cat and dog', { stopWords: 'english', wordNgrams: 2 }, ['cat', 'cat dog', 'dog']],
    ['one two one', { stopWords: 'none', wordNgrams: 3 }, ['one', 'one two', 'one two one', 'two', 'two one']],
  ] as const)('%s', (plot, config, expected) => {
    expect(words({ wordNgrams: 1, ...config }, [plot])).toEqual(expected)
  })

  test.each([
    ['ab', [2, 4], [' a', 'ab', 'b ', ' ab', 'ab ', ' ab ']],
    ['a', [2, 4], [' a', 'a ', ' a ']],
    ['a', [4, 5], [' a ']],
    ['😀b', [3, 3], [' 😀b', '😀b ']],
  ] as const)('char_wb of %s', (chunk, lengths, expected) => {
    const found: string[] = []
    chunkNgrams(chunk, lengths, (ngram) => found.push(ngram))
    expect(found).toEqual(expected)
  })

  test('n-grams below minDf rows are dropped, repeats within a row count once', () => {
    expect(words({ wordNgrams: 1, minDf: 2 }, ['cat cat dog', 'dog', 'bird'])).toEqual(['dog'])
  })
  test('each block has length 1', () => {
    const { matrix, vectoriser } = fitTransform(['A cat sat.', 'A dog ran away'], [0, 1], TINY_CONFIG)
    expect(blockKinds(TINY_CONFIG)).toEqual(['word', 'char'])
    for (const row of [0, 1]) {
      const squares = [0, 0]
      for (let i = matrix.indptr[row]!; i < matrix.indptr[row + 1]!; i++)
        squares[matrix.indices[i]! < vectoriser.blocks[1]!.offset ? 0 : 1]! += matrix.values[i]! ** 2
      expect(squares[0]).toBeCloseTo(1, 6)
      expect(squares[1]).toBeCloseTo(1, 6)
    }
  })
})

test('learning and transforming read a text in the same way', () => {
  const plots = ['The cat sat on the mat.', 'İstanbul’da kedi; naïve café 😀😀', '', 'the the the']
  const { vectoriser, matrix } = fitTransform(plots, range(0, 4), TINY_CONFIG)
  const again = transform(vectoriser, plots)
  for (const row of range(0, 4)) expect(named(vectoriser, again, row)).toEqual(named(vectoriser, matrix, row))
})
test('unknown words are skipped, an empty plot has an empty row', () => {
  const { vectoriser } = fitVectoriser(['cat dog'], { ...TINY_CONFIG, charNgrams: null })
  expect(Array.from(transform(vectoriser, ['zebra', '', 'dog']).indptr)).toEqual([0, 0, 0, 1])
})
test('n-grams are named and found after the tables have grown', () => {
  const text = range(0, 40_000).map((i) => `w${i}`).join(' ') // prettier-ignore
  const { vectoriser, matrix } = fitTransform([text], [0], { ...TINY_CONFIG, charNgrams: null, wordNgrams: 2 })
  const names = [...vectoriser.blocks[0]!.ids.keys()]
  expect(names).toHaveLength(79_999)
  expect([0, 1, 79_998].map((at) => names[at])).toEqual(['w0', 'w0 w1', 'w39999'])
  expect(matrix.indices).toHaveLength(79_999)
})
test('long words do not keep their texts in memory, and are still found', () => {
  const word = 'donaudampfschifffahrt'
  const { vectoriser } = fitTransform([`the ${word} sinks`], [0], { ...TINY_CONFIG, charNgrams: null })
  expect(transform(vectoriser, [`a ${word}`]).indices).toHaveLength(1)
})

describe('a limit on the number of n-grams', () => {
  const plots = ['cat dog', 'cat dog bird', 'dog bird', 'dog fish', 'fish']
  test('keeps those in the most plots, and the first seen of equals', () => {
    const limited = (maxFeatures: number): string[] => words({ wordNgrams: 1, maxFeatures }, plots)
    // dog 4; cat, bird and fish 2 each
    expect(limited(1)).toEqual(['dog'])
    expect(limited(3)).toEqual(['bird', 'cat', 'dog'])
    expect(limited(100)).toEqual(['bird', 'cat', 'dog', 'fish'])
  })
  test('applies to each block, and the matrix has no other columns', () => {
    const { vectoriser, matrix } = fitTransform(plots, range(0, 5), { ...TINY_CONFIG, wordNgrams: 2, maxFeatures: 2 })
    expect(vectoriser.blocks.map((block) => block.ids.size)).toEqual([2, 2])
    expect(Math.max(...matrix.indices)).toBe(3)
    expect(named(vectoriser, transform(vectoriser, plots), 1)).toEqual(named(vectoriser, matrix, 1))
  })
  test('never keeps a pair without its first word', () => {
    for (const maxFeatures of range(1, 9)) {
      const kept = words({ wordNgrams: 2, maxFeatures }, plots)
      for (const ngram of kept) expect(kept).toContain(ngram.split(' ')[0])
    }
  })
  test('drops the rarest first', () => {
    const { renumbered, size } = choose(Int32Array.of(3, 1, 2, 2, 5, 2), { minDf: 2, maxFeatures: 3 })
    expect([size, [...renumbered]]).toEqual([3, [0, -1, 1, -1, 2, -1]])
  })
})
test('no n-grams at all are refused', () => {
  expect(() => fitVectoriser(['cat'], { ...TINY_CONFIG, wordNgrams: 0, charNgrams: null })).toThrow('n-grams')
})
