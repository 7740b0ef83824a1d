import { describe, expect, test } from 'vitest'
import { SOURCES, type CellFacts, type Pass } from '../../../src/main/analysis/suspects/evidence.ts'
import type { Proof } from '../../../src/contract/records.ts'

const facts: CellFacts = {
  genre: 'Western',
  given: true,
  logit: () => -4,
  nearest: [
    { movie: 812, similarity: 0.97, has: false },
    { movie: 7, similarity: 0.4, has: true },
    { movie: 9, similarity: 0.3, has: false },
  ],
  named: (movie) => ({ key: `m${movie}`, labels: ['Drama'] }),
  family: { run: 3, name: 'Small transformer' },
  pair: { genres: [{ genre: 5, name: 'Family' }], together: 0, movies: 9821 },
  rule: { genres: [{ genre: 5, name: 'Family' }, { genre: 6, name: 'Music' }], together: 98, movies: 100 }, // prettier-ignore
  broken: [{ rule: 'Western implies Period', other: 8 }, { rule: 'Western excludes War', other: 9 }], // prettier-ignore
  records: ['imdb', 'tmdb', 'tmdb'].map((file) => ({ file: `${file}.csv`, has: file === 'imdb' })),
  opinion: { service: 'local', model: 'tiny', fits: false, checked: 1200, right: 900 },
}

describe('every source says its reason in words, and what opens its proof', () => {
  test.each<[string, Partial<CellFacts>, string | null, Proof['show'] | null]>([
    ['text', {}, 'title and plot say Western 2%', 'words'],
    ['neighbours', {}, '2 of 3 most similar movies lack it', 'neighbours'],
    ['neighbours', { given: false }, '1 of 3 most similar movies have it', 'neighbours'],
    ['neighbours', { nearest: [] }, null, null],
    ['duplicates', {}, 'nearly the same text as m812, labelled Drama', 'movie'],
    ['duplicates', { given: false }, null, null],
    ['family', {}, 'Small transformer says Western 2%', 'run'],
    ['family', { family: null }, null, null],
    ['genres', {}, 'never beside Family (9,821 other movies)', 'genres'],
    ['genres', { pair: null }, null, null],
    ['rules', {}, 'beside Family and Music in 98 of 100 other movies', 'genres'],
    ['codebook', {}, 'the codebook says: Western implies Period, Western excludes War', 'genres'],
    ['codebook', { broken: [] }, null, null],
    ['records', {}, '2 of 3 imported records lack it (tmdb.csv)', 'records'],
    ['records', { given: false }, '1 of 3 imported records have it (imdb.csv)', 'records'],
    ['records', { records: [] }, null, null],
    ['opinion', {}, 'local (tiny) says that Western does not fit; it was right in 900 of 1,200 labels that were checked', 'answers'],
    [
      'opinion',
      { opinion: { service: 'local', model: 'tiny', fits: true, checked: 0, right: 0 } },
      'local (tiny) says that Western fits; none of its opinions against a label has been checked yet',
      'answers',
    ],
    ['opinion', { opinion: null }, null, null],
  ])('%s %o', (source, change, text, show) => {
    const { reason } = SOURCES[source]!
    const said = typeof reason === 'string' ? null : reason({ ...facts, ...change })
    expect(said?.text ?? null).toBe(text)
    expect(said?.proof.show ?? null).toBe(show)
  })
  test('and a source that speaks with another one names it', () => {
    for (const { reason, how } of Object.values(SOURCES)) {
      if (typeof reason === 'string') expect(typeof SOURCES[reason]?.reason).toBe('function')
      expect(how).toMatch(/^\w.+\w\)?$/)
    }
  })
})

test('movies with nearly the same words vote on each genre; others have no part in it', () => {
  const pass: Pass = {
    k: 2,
    labels: Uint8Array.of(1, 0, 0, 1, 0, 1),
    fold: Uint8Array.of(0, 1, 2),
    folds: 3,
    text: new Float32Array(6),
    bayes: new Float32Array(6),
    family: null,
    neighbours: { count: 2, rows: Int32Array.of(1, 2, 0, 2, 1, -1), cosines: Float32Array.of(0.99, 0.95, 0.99, 0.3, 0.4, 0) },
  }
  const found = SOURCES['duplicates']!.logits!(pass, {}) as Float32Array
  // movie 0 has two, neither of which has genre 0 (0.5 of 3); movie 1 has one; movie 2 has none
  const expected = [0.5 / 3, 2.5 / 3, 1.5 / 2, 0.5 / 2].map((p) => Math.log(p / (1 - p)))
  expected.forEach((value, cell) => expect(found[cell]).toBeCloseTo(value, 5))
  expect([found[4], found[5]]).toEqual([0, 0])
})
