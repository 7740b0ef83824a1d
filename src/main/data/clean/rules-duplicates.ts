/** Rules for movies that are in the catalogue more than once: the first one stays. */
import { genreKey } from './aliases.ts'
import { excerpt } from './excerpts.ts'
import { foldText, HashNumbers, hashText, Int32List, type Hash64 } from './hashing.ts'
import { NearDuplicates } from './near-duplicates.ts'
import type { Draft, Effect, Rule, Worker } from './rule.ts'

/** Movies that later ones may repeat, with their genres: a number each, and lists of genres that are equal are one. */
class Firsts {
  readonly #movies = new Int32List()
  readonly #lists = new Int32List()
  readonly #ids = new Map<string, number>()
  readonly #genres: (readonly string[])[] = []
  get length(): number {
    return this.#movies.length
  }
  add({ source, genres }: Draft): void {
    const text = genres.join('\n')
    let id = this.#ids.get(text)
    if (id === undefined) {
      id = this.#genres.push(genres) - 1
      this.#ids.set(text, id)
    }
    this.#movies.push(source.movie)
    this.#lists.push(id)
  }
  /** The effect on a movie that repeats another one. */
  repeated(index: number, similarity: number, { plot, genres }: Draft): Effect {
    const first = { movie: this.#movies.at(index), genres: this.#genres[this.#lists.at(index)]! }
    return {
      out: true,
      repeats: { ...first, similarity, agree: sameGenres(first.genres, genres) },
      example: () => [`${genres.join(', ')}: ${excerpt(plot)}`, ''],
    }
  }
}
function sameGenres(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a.map(genreKey)), new Set(b.map(genreKey))]
  return one.size === other.size && [...one].every((key) => other.has(key))
}

const exact: Rule = {
  spec: {
    rule: 'exact-duplicate',
    title: 'Exact duplicates',
    description: 'Takes out movies whose plot, case and white space aside, an earlier movie already has; the first one stays.',
    effect: 'removes',
    costly: false,
    params: [],
  },
  reads: ['plot', 'genres'],
  writes: [],
  statistical: false,
  start: (): Worker => {
    let plots = new HashNumbers()
    let firsts = new Firsts()
    const hash: Hash64 = { high: 0, low: 0 }
    return {
      restart: () => {
        plots = new HashNumbers()
        firsts = new Firsts()
      },
      apply: (draft) => {
        const folded = foldText(draft.plot)
        if (folded === '') return null
        const known = plots.get(hashText(folded, hash))
        if (known > 0) return firsts.repeated(known - 1, 1, draft)
        firsts.add(draft)
        plots.set(hash, firsts.length)
        return null
      },
    }
  },
}

const near: Rule = {
  spec: {
    rule: 'near-duplicate',
    title: 'Near duplicates',
    description:
      'Takes out movies whose plot is nearly that of an earlier movie: most of its runs of words are the same. The first one stays.',
    effect: 'removes',
    costly: true,
    params: [
      {
        name: 'similarity',
        label: 'Similarity',
        help: 'Runs of words that both plots have, as a share of those that either has (Jaccard): 1 is the same text.',
        kind: 'number',
        min: 0.5,
        max: 1,
        value: 0.8,
      },
      {
        name: 'shingle',
        label: 'Words in a run',
        help: 'Longer runs ask for longer passages that are the same.',
        kind: 'integer',
        min: 1,
        max: 10,
        value: 3,
      },
    ],
  },
  reads: ['plot', 'genres'],
  writes: [],
  statistical: true,
  start: (params): Worker => {
    const found = new NearDuplicates(params.number('similarity'), params.number('shingle'))
    let seen = new Firsts()
    return {
      gather: ({ plot }) => found.add(plot),
      gathered: () => found.finish(),
      restart: () => {
        found.restart()
        seen = new Firsts()
      },
      apply: (draft) => {
        const match = found.lookUp(draft.plot)
        seen.add(draft)
        return match === null ? null : seen.repeated(match.index, match.similarity, draft)
      },
    }
  },
}

export const DUPLICATE_RULES: readonly Rule[] = [exact, near]
