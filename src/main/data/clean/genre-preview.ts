import type { CleanRuleSet, GenrePreview } from '../../../contract/cleaning.ts'
import { ruleOf } from './rule-set.ts'
import { Params, type RuleInstance } from './rule.ts'
import { renamed } from './rules-genres.ts'

/** A list of genres, each once, and the number of movies that have it. */
export interface CountedList {
  readonly genres: readonly string[]
  readonly movies: number
}

/** The genres of a catalogue after the active genre rules of a rule set, ignoring all other rules. */
export async function previewGenres(lists: readonly CountedList[], ruleSet: CleanRuleSet): Promise<GenrePreview> {
  let after = lists
  const renames: NonNullable<RuleInstance['rename']>[] = []
  for (const step of ruleSet) {
    const rule = ruleOf(step.rule)
    if (!step.on || !rule.writes.includes('genres')) continue
    const instance = await rule.start(new Params(rule.spec, step))
    for (const { genres, movies } of after) for (const name of genres) instance.countGenre?.(name, movies)
    instance.gathered?.()
    const { rename } = instance
    if (!rename) throw new Error(`the rule ${step.rule} does not rename genres`)
    after = after.map(({ genres, movies }) => ({ genres: renamed(genres, rename), movies }))
    renames.push(rename)
  }
  const becomes = (name: string): readonly string[] => renames.reduce<readonly string[]>(renamed, [name])
  const sum = (passes: (before: readonly string[], now: readonly string[]) => boolean): number =>
    lists.reduce((n, { genres, movies }, i) => n + (passes(genres, after[i]?.genres ?? []) ? movies : 0), 0)
  const from = new Map<string, string[]>()
  const before = counted(lists).map((genre) => ({ ...genre, becomes: becomes(genre.name) }))
  for (const genre of before) for (const name of genre.becomes) from.set(name, [...(from.get(name) ?? []), genre.name])
  return {
    movies: lists.reduce((n, { movies }) => n + movies, 0),
    changed: sum((was, now) => was.length !== now.length || was.some((name, i) => name !== now[i])),
    emptied: sum((was, now) => was.length > 0 && now.length === 0),
    before,
    after: counted(after).map((genre) => ({ ...genre, from: from.get(genre.name) ?? [] })),
  }
}

/** Genres and how many movies have each, most frequent first. */
function counted(lists: readonly CountedList[]): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { genres, movies } of lists) for (const name of genres) counts.set(name, (counts.get(name) ?? 0) + movies)
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, 'en'))
}
