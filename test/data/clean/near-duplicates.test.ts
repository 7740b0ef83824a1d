import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { NearDuplicates } from '../../../src/main/data/clean/near-duplicates.ts'
import { asSet, BandHasher, bandsFor, jaccard, shingles, wordHashes } from '../../../src/main/data/clean/shingles.ts'
import { catalogue, cleanAll, on } from './support.ts'

/** Shingles and the similarity of sets of them, implemented independently of the rule. */
function words(text: string): Set<string> {
  const all =
    text
      .toLowerCase()
      .replaceAll(/['’]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const runs = new Set<string>()
  for (let i = 0; i + 3 <= Math.max(3, all.length); i++) runs.add(all.slice(i, i + 3).join(' '))
  return all.length === 0 ? new Set() : runs
}
function similar(a: string, b: string): number {
  const [one, other] = [words(a), words(b)]
  const both = [...one].filter((w) => other.has(w)).length
  return one.size + other.size === both ? 0 : both / (one.size + other.size - both)
}

/** Plots, many of which are copies of earlier ones with some changed words. */
function plots(count: number, seed: number): string[] {
  const below = seededDraws(seed)
  const vocabulary = Array.from({ length: 400 }, (_, i) => `w${i.toString(36)}`)
  const word = (): string => vocabulary[below(vocabulary.length)]!
  const made: string[] = []
  for (let i = 0; i < count; i++) {
    if (i > 5 && below(3) === 0) {
      const copy = made[below(made.length)]!.split(' ')
      for (let changes = below(6); changes > 0; changes--) copy[below(copy.length)] = word()
      made.push(copy.join(' '))
    } else made.push(Array.from({ length: 8 + below(40) }, word).join(' '))
  }
  return made
}

/** The rule's specification, comparing all pairs: the most similar earlier plot that is not itself a duplicate. */
function byBruteForce(all: readonly string[], similarity: number): (number | null)[] {
  const leaders: number[] = []
  return all.map((plot, i) => {
    let best: number | null = null
    let most = 0
    for (const leader of leaders) {
      const s = similar(plot, all[leader]!)
      if (s >= similarity && s > most) [best, most] = [leader, s]
    }
    if (best === null) leaders.push(i)
    return best
  })
}

describe('near duplicates', () => {
  it.each([0.5, 0.7, 0.8, 0.95])('are those that comparing all pairs finds, from %d on', (similarity) => {
    const all = plots(300, 7)
    const finder = new NearDuplicates(similarity, 3)
    for (const plot of all) finder.add(plot)
    finder.finish()
    const found = all.map((plot) => finder.lookUp(plot)?.index ?? null)
    const expected = byBruteForce(all, similarity)
    expect(expected.filter((x) => x !== null).length).toBeGreaterThan(15)
    expect(found).toEqual(expected)
    finder.restart()
    expect(all.map((plot) => finder.lookUp(plot)?.index ?? null)).toEqual(expected)
  })

  it('of two earlier plots that are similar enough, the more similar one is chosen', () => {
    const of = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, i) => `w${from + i}`).join(' ')
    const all = [of(1, 10), of(6, 16), of(1, 13)] // 10/13 and 8/16 of the words; 5/16 between the first two
    const finder = new NearDuplicates(0.5, 1)
    for (const plot of all) finder.add(plot)
    finder.finish()
    expect(all.map((plot) => finder.lookUp(plot))).toEqual([null, null, { index: 0, similarity: 10 / 13 }])
  })

  it('similarity is that of sets of word runs', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 20 }), fc.lorem({ maxCount: 20 }), (a, b) => {
        const set = (text: string): Uint32Array => asSet(shingles(wordHashes(text, new Uint32Array(0)), 3))
        expect(jaccard(set(a), set(b))).toBeCloseTo(similar(a, b), 12)
      }),
    )
  })

  it('two sets share a row with the probability of their similarity', () => {
    const hasher = new BandHasher({ bands: 2000, rows: 1 })
    const range = (from: number, to: number): Uint32Array =>
      shingles(
        Uint32Array.from({ length: to - from }, (_, i) => from + i),
        1,
      )
    const a = hasher.hash(range(1, 81)).slice()
    const b = hasher.hash(range(21, 101)).slice()
    // 60 in both of 100; four standard deviations of 2000 draws
    expect(Math.abs(a.filter((key, i) => key === b[i]).length / 2000 - 0.6)).toBeLessThan(0.044)
  })

  it.each([0.5, 0.6, 0.7, 0.8, 0.9, 1])('bands for %d miss one pair in 2000 at most, with a hundred hashes', (similarity) => {
    const { bands, rows } = bandsFor(similarity)
    expect(1 - (1 - similarity ** rows) ** bands).toBeGreaterThanOrEqual(0.9995)
    expect(bands * rows).toBeLessThanOrEqual(100)
  })

  it('words are those between spaces and punctuation, in any script', () => {
    const count = (text: string): number => wordHashes(text, new Uint32Array(0)).length
    expect(['One, two-three!', "don't", 'é ü', '映画', '', '…', 'Ελλάδα και', 'a\u2014b'].map(count)).toEqual([3, 1, 2, 2, 0, 0, 2, 2])
    expect(wordHashes('Don’t STOP', new Uint32Array(64))).toEqual(wordHashes("don't, stop", new Uint32Array(0)))
  })

  it('keeps the first of a group, and reports groups whose labels disagree', async () => {
    const plot = 'a young woman finds a map that leads to an old house in the hills above the town where nobody lives'
    const { fates, report } = await cleanAll(
      catalogue(
        [plot, 'Drama'],
        ['something else altogether, a song', 'War'],
        [`${plot}, or so it seems`, 'Sci-Fi'],
        [plot.toUpperCase(), 'Drama'],
      ),
      [on('near-duplicate', { similarity: 0.7 })],
    )
    expect(fates.map((f) => [f.out, f.duplicateOf])).toEqual([[null, 0], [null, 0], ['near-duplicate', 1], ['near-duplicate', 1]]) // prettier-ignore
    const [step] = report.steps
    expect([step!.groups, step!.conflicting, step!.conflicts.length]).toEqual([1, 1, 1])
    expect(step!.conflicts[0]!.movies.map((m) => m.movie)).toEqual([1, 3])
    expect(step!.conflicts[0]!.similarity).toBeCloseTo(similar(plot, `${plot}, or so it seems`), 6)
  })
})
