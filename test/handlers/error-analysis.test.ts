import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { answers, Bench, codeOf, tunes } from '../support/project.ts'

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
  const { genres, confusion, movies, given, predicted, alone, overlap } = await b.call('errors.matrices', { part: 'oof' })
  const names = genres.map(({ name }) => name)
  expect([names, movies, overlap]).toEqual([['Comedy', 'Drama', 'War'], 40, null])
  const count = async (where: string): Promise<number> => (await b.call('review.query', { where: `${where} split:train` })).movies.length
  for (const [i, row] of names.entries())
    for (const [j, column] of names.entries()) {
      const where = i === j ? `genre:${row} predicted:${row}` : `genre:${row} -predicted:${row} predicted:${column} -genre:${column}`
      expect(confusion[i * 4 + j]).toBe(await count(where))
      expect(given[i * 3 + j]).toBe(await count(`genre:${row} genre:${column}`))
      expect(predicted[i * 3 + j]).toBe(await count(`predicted:${row} predicted:${column}`))
      const lacking = i === j ? '' : `-genre:${column}`
      expect(alone[i * 3 + j]).toBe(await count(`predicted:${column} predictions=1 genre:${row} ${lacking}`))
    }
  for (const [j, column] of names.entries()) expect(alone[9 + j]).toBe(await count(`predicted:${column} predictions=1 -genre:${column}`))
  expect(await count('predictions>=1')).toBe(40)
  expect(await count('predictions=2')).toBe(
    (await count('predicted:Comedy predicted:Drama -predicted:War')) +
      (await count('predicted:Comedy -predicted:Drama predicted:War')) +
      (await count('-predicted:Comedy predicted:Drama predicted:War')),
  )
  const missed = names.map((name) => `(genre:${name} -predicted:${name})`).join(' OR ')
  const wrong = names.map((name) => `(predicted:${name} -genre:${name})`).join(' OR ')
  expect(confusion[15]).toBe(await count(`-(${missed}) -(${wrong})`))
  expect(confusion[3]).toBe(await count(`genre:Comedy -predicted:Comedy -(${wrong})`))
  expect(confusion[12]).toBe(await count(`predicted:Comedy -genre:Comedy -(${missed})`))
  expect(await codeOf(() => b.call('errors.matrices', { part: 'valid' }))).toBe('empty-part')
})

test('words that movies of every genre have, the most frequent first', async () => {
  const genres = ['Drama', 'Comedy']
  const plot = (i: number): string =>
    i % 4 === 0 ? 'A Ghost, a house and a ghost.' : i % 2 === 0 ? 'The house by the sea.' : 'The house burns.'
  // 60 movies of both genres by turns, and a genre that is too rare to count
  const b = await Bench.open([
    ...Array.from({ length: 60 }, (_, i) => `m${i}: ${genres[i % 2]} || ${plot(i)} ${i} are told.`),
    ...Array.from({ length: 3 }, (_, i) => `w${i}: War || A war of ${i} words.`),
  ])
  const found = await b.call('errors.sharedWords', { share: 0.5 })
  expect(found).toMatchObject({ movies: 63, total: 63, genres: ['Comedy', 'Drama'] })
  // "the": 15 of 30 dramas; "ghost", "sea" and "burns" are words of one genre; ties are in the order of the alphabet
  expect(found.words.map(({ word, movies }) => [word, movies])).toEqual([['title', 63], ['are', 60],
    ['house', 60],
    ['told', 60], ['the', 45]]) // prettier-ignore
  expect(found.words.at(-1)).toMatchObject({ least: { genre: 'Drama', share: 0.5 }, most: { genre: 'Comedy', share: 1 } })
  expect((await b.call('errors.sharedWords', { share: 0.6, most: 1 })).words.map(({ word }) => word)).toEqual(['title'])
})

test('the strongest words stand under the names of the genres', async () => {
  const b = await trained()
  const weights = (word: string) => ({ for: [{ word, weight: 2 }], against: [{ word: 'town', weight: -1 }] })
  b.compute.answer = (q) =>
    q.t === 'strongest' ? { t: 'strongest-words', id: q.id, genres: ['a', 'b', 'c'].slice(0, q.most).map(weights) } : null
  expect(await b.call('errors.strongest', { most: 3 })).toEqual({
    run: 1,
    genres: ['Comedy', 'Drama', 'War'].map((name, i) => ({ name, ...weights('abc'[i]!) })),
  })
})

test('words of each outcome, and what would change one movie', async () => {
  const b = await trained()
  // a ghost is all that speaks for a genre
  b.compute.answer = (q) => {
    if (q.t === 'logits') return { t: 'logits', id: q.id, logits: Float64Array.from(q.texts, (text) => (text.includes('ghost') ? 9 : -9)) }
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

test('words say whose they are: the final model learned from training movies, and the models of the folds may not be stored', async () => {
  const b = await trained()
  let of: 'fold' | 'final' = 'fold'
  b.compute.answer = (q) => {
    if (q.t === 'logits') return { t: 'logits', id: q.id, logits: new Float64Array(q.texts.length) }
    if (q.t !== 'explain') return null
    return { t: 'explained', id: q.id, explanation: { spans: [], terms: [], rest: 0, intercept: 0, logit: 0, note: '', of } }
  }
  const genre = await b.genre('Drama')
  const modelsOf = async () => [
    (await b.call('errors.words', { genre: 'drama', most: 2 })).model,
    (await b.call('errors.words', { genre: 'drama', most: 2, part: 'test' })).model,
    (await b.call('errors.flip', { movie: await b.movie('m0'), genre })).model,
    (await b.call('errors.flip', { movie: await b.movie('m41'), genre })).model,
  ]
  expect(await modelsOf()).toEqual(['fold', 'fold', 'fold', 'fold'])
  of = 'final'
  expect(await modelsOf()).toEqual(['learned', 'final', 'learned', 'final'])
})

test('faithfulness: the method that names the ghost is kept for the run', async () => {
  const b = await trained()
  expect(await b.call('errors.faithfulness', {})).toBeNull()
  // a ghost is all that speaks for a genre; only occlusion finds it
  const asked: string[] = []
  b.compute.answer = (q) => {
    if (q.t === 'logits') return { t: 'logits', id: q.id, logits: Float64Array.from(q.texts, (text) => (text.includes('ghost') ? 2 : -2)) }
    if (q.t !== 'explain') return null
    asked.push(q.method)
    const word = q.method === 'occlusion' ? 'ghost' : 'town'
    const start = q.text.indexOf(word)
    const spans = start < 0 ? [] : [{ start, end: start + word.length, score: 1 }]
    return { t: 'explained', id: q.id, explanation: { spans, terms: [], rest: 0, intercept: 0, logit: 0, note: '', of: 'fold' } }
  }
  const measure = (seed: number) => b.job(() => b.call('errors.measureFaithfulness', { sample: 12, seed }))
  expect(await measure(1)).toMatchObject({ state: 'done', message: 'Explanations of run 1 use the method occlusion.' })
  const found = (await b.call('errors.faithfulness', {}))!
  expect(found).toMatchObject({ run: 1, seed: 1, predictions: 12, exact: 12, refused: 0, best: 'occlusion' })
  const [exact, occlusion] = found.methods
  expect([exact!.method, occlusion!.method]).toEqual(['exact', 'occlusion'])
  // without the ghost the probability falls from 0.88 to 0.12; movies without a ghost have no order that counts
  expect(occlusion).toMatchObject({ normalisedComprehensiveness: 1, normalisedSufficiency: 0, score: 1 })
  expect(exact!.score).toBeLessThan(found.random.score + 0.5)
  expect(exact!.normalisedComprehensiveness).toBeLessThan(1)
  const again = await measure(1).then(() => b.call('errors.faithfulness', {}))
  expect({ ...again, at: '' }).toEqual({ ...found, at: '' })
  // explanations use it from now on, unless another one is asked for
  asked.length = 0
  const question = { movie: await b.movie('m0'), genre: await b.genre('Drama') }
  await b.call('review.explain', question)
  await b.call('review.explain', { ...question, method: 'exact' })
  expect(asked).toEqual(['occlusion', 'exact'])
  expect(await codeOf(() => b.call('review.explain', { ...question, method: 'ig' }))).toBe('no-method')
})

test('gradient x input is refused for ModernBERT, with the reason, and offered for other transformers', async () => {
  const b = await Bench.open(Array.from({ length: 40 }, (_, i) => `m${i}: ${['Drama', 'War'][i % 2]!} | ${i < 30 ? 'train' : 'test'}`))
  const family = async (model_type: string): Promise<{ code: unknown; message: string }> => {
    b.compute.tuneScript = (job, say, die) =>
      tunes(job, (m) => {
        if (m.t === 'model-files') writeFileSync(join(m.folder, 'config.json'), JSON.stringify({ model_type }))
        say(m)
      }, die) // prettier-ignore
    await b.train({ config: { family: 'transformer', folds: 2 } })
    const question = { movie: await b.movie('m0'), genre: await b.genre('Drama') }
    return b.call('review.explain', { ...question, method: 'gradient' }).then(
      () => ({ code: null, message: '' }),
      (error: unknown) => error as { code: unknown; message: string },
    )
  }
  expect(await family('modernbert')).toMatchObject({ code: 'no-method', message: expect.stringMatching(/by gradient, because ModernBERT normalises.*: choose one of ig, occlusion\./) as string }) // prettier-ignore
  // the stand-in of the process explains no transformer
  expect((await family('bert')).code).toBe('not-faked')
})

describe('scores by a property', () => {
  async function withColumns(): Promise<Bench> {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const genres = [['Drama'], ['Comedy', 'War'], ['War'], ['Drama', 'Comedy']][i % 4]!
      const split = i < 40 ? 'train' : 'test'
      return `m${i},Title ${i},${'word '.repeat(3 + (i % 7))}${i}.,"${genres.join(', ')}",${split},${i % 9 === 0 ? '' : 1960 + i},${i % 3 ? 'en' : 'fr'},text ${i}`
    })
    const b = await Bench.open(['id,title,plot,genres,split,year,Lang,Tagline', ...rows, ''].join('\n'))
    b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
    await b.train()
    return b
  }
  test.each([
    ['genres', ['genres=1', 'genres=2']],
    ['length', null],
    ['YEAR', null],
    ['lang', ['Lang:en', 'Lang:fr']],
  ])('each bin of %s opens its movies, and has their scores', async (by, wanted) => {
    const b = await withColumns()
    const { bins, genres } = await b.call('errors.scores', { part: 'oof', by, resamples: 50 })
    const wheres = bins.map(({ where }) => where)
    if (wanted) expect(wheres.toSorted()).toEqual(wanted)
    else expect(wheres.length).toBeGreaterThan(3)
    const counts = await Promise.all(
      wheres.map(async (where) => (await b.call('review.query', { where: `${where} split:train` })).movies.length),
    )
    expect(bins.map(({ movies }) => movies)).toEqual(counts)
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(40)
    for (const { where, scores, support, f1 } of bins) {
      const metrics = await b.call('metrics.get', { part: 'oof', where, resamples: 0 })
      expect(genres).toEqual(metrics.genres)
      expect(scores.microF1.value).toBeCloseTo(metrics.micro.f1, 9)
      expect(scores.macroF1.value).toBeCloseTo(metrics.macro.f1, 9)
      expect(scores.jaccard.value).toBeCloseTo(metrics.jaccard_samples, 9)
      expect(support).toEqual(metrics.per_label.support)
      expect(f1).toEqual(metrics.per_label.f1.map((value, g) => (support[g] === 0 ? null : (expect.closeTo(value, 9) as number))))
      expect(scores.microF1.low).toBeLessThanOrEqual(scores.microF1.value)
      expect(scores.microF1.high).toBeGreaterThanOrEqual(scores.microF1.value)
    }
  })
  test('movies without a value are a bin, and what has no bins is refused with what has some', async () => {
    const b = await withColumns()
    const { bins } = await b.call('errors.scores', { by: 'year' })
    expect(bins.at(-1)).toMatchObject({ where: '-year:*', value: '' })
    const refused = (by: string): Promise<unknown> =>
      b.call('errors.scores', { by }).then(
        () => 'none',
        (e: unknown) => (e instanceof Error ? e.message : e),
      )
    expect(await refused('Tagline')).toContain('Tagline holds texts, which cannot be divided into bins: choose length, genres, ')
    expect(await refused('yaer')).toBe('There is no column yaer: did you mean year?')
  })
})
