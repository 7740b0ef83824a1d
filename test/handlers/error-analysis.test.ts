import { expect, test } from 'vitest'
import { answers, Bench, codeOf } from '../support/project.ts'

const LINES = Array.from({ length: 60 }, (_, i) => {
  const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
  return `m${i}: ${genres.join(', ')} | ${i < 40 ? 'train' : 'test'} | ${i % 3 === 0 ? 'ghost' : 'clown'} in town ${i}`
})
async function trained(): Promise<Bench> {
  const b = await Bench.open(LINES)
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
  await b.train()
  return b
}

test('each number of the confusions opens exactly its movies', async () => {
  const b = await trained()
  const { genres, confusion, movies, given, predicted, overlap } = await b.call('errors.matrices', { part: 'oof' })
  const names = genres.map(({ name }) => name)
  expect([names, movies, overlap]).toEqual([['Comedy', 'Drama', 'War'], 40, null])
  const count = async (where: string): Promise<number> => (await b.call('review.query', { where: `${where} split:train` })).movies.length
  for (const [i, row] of names.entries())
    for (const [j, column] of names.entries()) {
      const where = i === j ? `genre:${row} predicted:${row}` : `genre:${row} -predicted:${row} predicted:${column} -genre:${column}`
      expect(confusion[i * 4 + j]).toBe(await count(where))
      expect(given[i * 3 + j]).toBe(await count(`genre:${row} genre:${column}`))
      expect(predicted[i * 3 + j]).toBe(await count(`predicted:${row} predicted:${column}`))
    }
  const missed = names.map((name) => `(genre:${name} -predicted:${name})`).join(' OR ')
  const wrong = names.map((name) => `(predicted:${name} -genre:${name})`).join(' OR ')
  expect(confusion[15]).toBe(await count(`-(${missed}) -(${wrong})`))
  expect(confusion[3]).toBe(await count(`genre:Comedy -predicted:Comedy -(${wrong})`))
  expect(confusion[12]).toBe(await count(`predicted:Comedy -genre:Comedy -(${missed})`))
  expect(await codeOf(() => b.call('errors.matrices', { part: 'valid' }))).toBe('empty-part')
})

test('words of each outcome, and what would change one movie', async () => {
  const b = await trained()
  // a ghost is all that speaks for a genre
  b.compute.answer = (q) => {
    if (q.t !== 'explain') return null
    const start = q.text.indexOf('ghost')
    const spans = start < 0 ? [] : [{ start, end: start + 5, score: 18 }]
    return {
      t: 'explained',
      id: q.id,
      explanation: { spans, terms: [], rest: 0, intercept: -9, logit: start < 0 ? -9 : 9, note: '', of: 'fold' },
    }
  }
  const words = await b.call('errors.words', { genre: 'drama', most: 5 })
  expect(words).toMatchObject({ run: 1, part: 'oof', genre: { name: 'Drama' } })
  const { hit, miss } = words.outcomes
  expect(hit.movies).toBe(Math.min(5, hit.total))
  expect(miss.words).toEqual([])
  const named = Object.values(words.outcomes).flatMap((outcome) => outcome.words)
  expect(new Set(named.map(({ word, contribution }) => `${word} ${contribution}`))).toEqual(new Set(['ghost 18']))
  expect(words.reliance.flipped).toBe(words.reliance.movies)
  expect(words.reliance.words).toEqual([{ word: 'ghost', movies: words.reliance.movies }])
  expect((await b.call('errors.words', { genre: 'drama', most: 5 })).outcomes).toEqual(words.outcomes)
  const genre = await b.genre('Drama')
  const flip = await b.call('errors.flip', { movie: await b.movie('m0'), genre })
  expect(flip).toMatchObject({ predicted: true, words: ['ghost'] })
  expect(flip.after).toBeCloseTo(1 / (1 + Math.exp(9)), 6)
  expect(await b.call('errors.flip', { movie: await b.movie('m1'), genre })).toMatchObject({ predicted: false, words: null, after: null })
  expect(await codeOf(() => b.call('errors.words', { genre: 'Noir' }))).toBe('no-genre')
})
