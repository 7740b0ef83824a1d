import { expect, test } from 'vitest'
import { occlusion, toExplanation } from '../../../src/main/compute/attribute/explain.ts'

/** Tokens as `start-end` pairs, with their scores. */
const attributed = (tokens: readonly (readonly [start: number, end: number, score: number])[], error = 0.01) =>
  [
    { ids: Int32Array.from(tokens, () => 7), offsets: Int32Array.from(tokens.flatMap(([start, end]) => [start, end])) },
    { scores: Float64Array.from(tokens, ([, , score]) => score), logit: 2, base: 0.5, error, points: 32 },
  ] as const

const TEXT = 'A shark, a shark!'
//            01234567890123456

test('pieces of a word are one span; special tokens and the remainder are added to the intercept', () => {
  const [encoding, attribution] = attributed([
    [0, 0, 0.1],
    [0, 1, 0],
    [2, 4, 0.25],
    [4, 7, 0.25],
    [7, 8, 0.5],
    [9, 10, -0.25],
    [11, 16, 0.5],
    [16, 17, 0],
    [0, 0, 0.2],
  ])
  const { spans, terms, rest, intercept, logit, note } = toExplanation(TEXT, encoding, attribution)
  expect(spans).toEqual([
    { start: 0, end: 1, score: 0 },
    { start: 2, end: 7, score: 1 },
    { start: 9, end: 10, score: -0.25 },
    { start: 11, end: 16, score: 0.5 },
  ])
  expect(intercept + spans.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(logit, 12)
  expect(terms).toEqual([
    { text: 'shark', kind: 'word', contribution: 1.5 },
    { text: 'a', kind: 'word', contribution: -0.25 },
  ])
  expect(rest).toBe(0)
  expect(note).toBe('Integrated gradients with 32 points; they miss 1.0% of their expected sum.')
})

test('equal words are added up', () => {
  const [encoding, attribution] = attributed([
    [0, 1, 0.25],
    [9, 10, -0.75],
  ])
  expect(toExplanation(TEXT, encoding, attribution).terms).toEqual([{ text: 'a', kind: 'word', contribution: -0.5 }])
})

test('a truncated plot is marked as such', () => {
  const [encoding, attribution] = attributed([[0, 1, 0.25]])
  expect(toExplanation(TEXT, encoding, attribution).note).toContain('reads only the first 1 character of the plot')
})

test('contributions that do not add up are refused', () => {
  const [encoding, attribution] = attributed([[0, 1, 0.25]], 0.12)
  expect(() => toExplanation(TEXT, encoding, attribution)).toThrow('miss 12.0% of their expected sum')
})

test('occlusion deletes each word in turn, in batches, up to where the model reads', async () => {
  const batches: number[] = []
  const logitsOf = (texts: readonly string[]) => {
    batches.push(texts.length)
    return Promise.resolve(texts.map((text) => text.split('shark').length * 2 + text.length / 100))
  }
  const { spans, intercept, logit, terms, note } = await occlusion(TEXT, logitsOf)
  expect(spans.map(({ start, end, score }) => [TEXT.slice(start, end), Number(score.toFixed(9))])).toEqual([
    ['A', 0.01],
    ['shark', 2.05],
    ['a', 0.01],
    ['shark', 2.05],
  ])
  expect(intercept + spans.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(logit, 12)
  expect(terms[0]).toMatchObject({ text: 'shark', kind: 'word' })
  expect(note).toContain('need not add up')
  expect((await occlusion(TEXT, logitsOf, 8)).spans).toHaveLength(2)
  await occlusion('word '.repeat(40), logitsOf)
  expect(batches.slice(-3)).toEqual([1, 32, 8])
})
