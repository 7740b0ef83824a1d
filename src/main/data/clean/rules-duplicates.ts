/** Rules for movies that are in the catalogue more than once: the first one stays. */
import { excerpt } from './excerpts.ts'
import { foldText, HashNumbers, hashText, Int32List, type Hash64 } from './hashing.ts'
import { NearDuplicates } from './near-duplicates.ts'
import type { Draft, Effect, Rule, RuleInstance } from './rule.ts'

/** The effect on a movie that repeats another one. */
const repeated = (movie: number, similarity: number, { plot }: Draft): Effect => ({
  out: true,
  repeats: { movie, similarity },
  example: () => [excerpt(plot), ''],
})

const exact: Rule = {
  spec: {
    rule: 'exact-duplicate',
    title: 'Exact duplicates',
    description: 'Removes movies whose plot an earlier movie already has, ignoring case and white space; the first one stays.',
    effect: 'removes',
    costly: false,
    params: [],
  },
  reads: ['plot'],
  writes: [],
  statistical: false,
  start: (): RuleInstance => {
    /** The first movie of each plot. */
    let plots = new HashNumbers()
    const hash: Hash64 = { high: 0, low: 0 }
    return {
      restart: () => {
        plots = new HashNumbers()
      },
      apply: (draft) => {
        const folded = foldText(draft.plot)
        if (folded === '') return null
        const first = plots.get(hashText(folded, hash))
        if (first > 0) return repeated(first, 1, draft)
        plots.set(hash, draft.source.movie)
        return null
      },
    }
  },
}

const near: Rule = {
  spec: {
    rule: 'near-duplicate',
    title: 'Near duplicates',
    description: 'Removes movies whose plot nearly repeats an earlier one: they share most runs of words. The first one stays.',
    effect: 'removes',
    costly: true,
    params: [
      {
        name: 'similarity',
        label: 'Similarity',
        help: 'Share of word sequences that two plots have in common (Jaccard similarity). 1: identical.',
        kind: 'number',
        min: 0.5,
        max: 1,
        value: 0.8,
      },
      {
        name: 'shingle',
        label: 'Words per sequence',
        help: 'Longer sequences require longer identical passages.',
        kind: 'integer',
        min: 1,
        max: 10,
        value: 3,
      },
    ],
  },
  reads: ['plot'],
  writes: [],
  statistical: true,
  start: (params): RuleInstance => {
    const found = new NearDuplicates(params.number('similarity'), params.number('shingle'))
    let seen = new Int32List()
    return {
      gather: ({ plot }) => found.add(plot),
      gathered: () => found.finish(),
      restart: () => {
        found.restart()
        seen = new Int32List()
      },
      apply: (draft) => {
        const match = found.lookUp(draft.plot)
        seen.push(draft.source.movie)
        return match === null ? null : repeated(seen.at(match.index), match.similarity, draft)
      },
    }
  },
}

export const DUPLICATE_RULES: readonly Rule[] = [exact, near]
