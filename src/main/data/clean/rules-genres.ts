/** Rules that rewrite genres: each maps one name to a list of names. */
import type { RuleSpec } from '../../../contract/cleaning.ts'
import { canonicalGenre, foldGenre, spellingsOf } from './aliases.ts'
import type { Draft, Effect, Field, Params, Rule, RuleInstance } from './rule.ts'

/** Returns the names that replace a name; the same list for the same name. */
export type Rename = (name: string) => readonly string[]

/** Every name renamed, each once, in first-seen order; the same array if nothing changes. */
export function renamed(genres: readonly string[], rename: Rename): readonly string[] {
  const out: string[] = []
  for (const name of genres) for (const becomes of rename(name)) if (!out.includes(becomes)) out.push(becomes)
  return out.length === genres.length && out.every((name, i) => name === genres[i]) ? genres : out
}

type GenreCount = (name: string, movies: number) => void

/** A genre rule; `make` returns how it counts genres, if it needs to, and how it maps a name. */
function renaming(
  spec: Omit<RuleSpec, 'effect' | 'costly'>,
  writes: readonly Field[],
  make: (params: Params) => { readonly count?: GenreCount; readonly counted?: () => void; readonly rename: Rename },
): Rule {
  const probe = (params: Params): RuleInstance => {
    const { count, counted, rename } = make(params)
    const known = new Map<string, readonly string[]>()
    const remembered: Rename = (name) => {
      const before = known.get(name)
      if (before !== undefined) return before
      const now = rename(name)
      known.set(name, now)
      return now
    }
    const apply = ({ genres }: Draft): Effect | null => {
      const after = renamed(genres, remembered)
      return after === genres ? null : { genres: after, example: () => [genres.join(', '), after.join(', ') || 'no genre'] }
    }
    if (!count) return { apply, rename: remembered }
    return {
      gather: ({ genres }) => genres.forEach((name) => count(name, 1)),
      countGenre: count,
      gathered: counted ?? (() => undefined),
      apply,
      rename: remembered,
    }
  }
  return {
    spec: { ...spec, effect: 'changes', costly: false },
    reads: ['genres'],
    writes,
    statistical: spec.rule !== 'genre-table',
    start: probe,
  }
}

export const GENRE_RULES: readonly Rule[] = [
  renaming(
    {
      rule: 'genre-table',
      title: 'Genre table',
      description: 'Renames, merges, splits or drops genres, or adds a parent genre, according to a table.',
      params: [
        {
          name: 'table',
          label: 'Genres',
          help: 'A genre of the source and what it becomes: another name, several names, or none to drop it. Genres that are not in the table stay.',
          kind: 'genres',
          value: {},
        },
      ],
    },
    ['genres', 'some-genre'],
    (params) => {
      const table = params.table('table')
      const exact = new Map(Object.entries(table).map(([name, becomes]) => [name.trim(), becomes]))
      const folded = new Map(Object.entries(table).map(([name, becomes]) => [foldGenre(name), becomes]))
      return { rename: (name) => exact.get(name.trim()) ?? folded.get(foldGenre(name)) ?? [name] }
    },
  ),
  renaming(
    {
      rule: 'genre-alias',
      title: 'Genre aliases and case',
      description: 'Gives every genre one name: Sci-Fi becomes Science Fiction, and spelling follows the most frequent form.',
      params: [],
    },
    ['genres'],
    () => {
      const counts = new Map<string, number>()
      let spellings: ReadonlyMap<string, string> = new Map()
      return {
        count: (name, movies) => void counts.set(name, (counts.get(name) ?? 0) + movies),
        counted: () => (spellings = spellingsOf(counts)),
        rename: (name) => [canonicalGenre(name, spellings)],
      }
    },
  ),
  renaming(
    {
      rule: 'rare-genres',
      title: 'Rare genres',
      description: 'Drops genres that few movies have. A later rule “Missing plot or genre” removes movies that are left without a genre.',
      params: [
        {
          name: 'movies',
          label: 'Movies',
          help: 'A genre with fewer movies than this is dropped.',
          kind: 'integer',
          min: 1,
          max: 1_000_000,
          value: 10,
        },
      ],
    },
    ['genres', 'some-genre'],
    (params) => {
      const counts = new Map<string, number>()
      return {
        count: (name, movies) => void counts.set(name, (counts.get(name) ?? 0) + movies),
        rename: (name) => ((counts.get(name) ?? 0) < params.number('movies') ? [] : [name]),
      }
    },
  ),
]
