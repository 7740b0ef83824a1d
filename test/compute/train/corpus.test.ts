import { expect, test } from 'vitest'
import { batchOf, digestOf, pack, tokenise, tokensOf } from '../../../src/main/compute/train/corpus.ts'

const corpus = pack([Int32Array.of(2, 7, 3), Int32Array.of(2, 3), Int32Array.of(2, 8, 9, 3)], 5)

test('texts are restored unchanged', () => {
  expect([...corpus.lengths]).toEqual([3, 2, 4])
  expect([...tokensOf(corpus, 1)]).toEqual([2, 3])
})
test('a batch is padded on the right', () => {
  const { ids, mask } = batchOf(corpus, { rows: Int32Array.of(2, 0), width: 4 })
  expect([...ids].map(Number)).toEqual([2, 8, 9, 3, 2, 7, 3, 5])
  expect([...mask].map(Number)).toEqual([1, 1, 1, 1, 1, 1, 1, 0])
})
test('texts are truncated as the recipe says, and messages arrive in between', async () => {
  const turns: number[] = []
  const tokenizer = { padId: 0, encodeMany: (texts: Iterable<string>, o?: { maxTokens?: number }) => Array.from(texts, (text) => ({ ids: Int32Array.from(text, Number).slice(0, o?.maxTokens), offsets: new Int32Array() })) } // prettier-ignore
  const made = await tokenise(
    Array.from({ length: 600 }, () => '12345'),
    tokenizer,
    3,
    (done) => {
      turns.push(done)
      return Promise.resolve()
    },
  )
  expect([...tokensOf(made, 599)]).toEqual([1, 2, 3])
  expect(turns).toEqual([512])
})
test('a digest depends on where its parts are separated', () => {
  const digests = [digestOf('ab', 'c'), digestOf('a', 'bc'), digestOf('abc'), digestOf(Int32Array.of(1)), digestOf(Int32Array.of(2))]
  expect(new Set(digests).size).toBe(5)
})
