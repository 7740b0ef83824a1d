/** Counts the effects of one step and reports them, with examples. */
import type { CleanStepReport } from '../../../contract/cleaning.ts'
import { genreKey } from './aliases.ts'
import { Int32List } from './hashing.ts'
import type { SourceMovie } from '../../../contract/records.ts'
import type { Effect, Repeated } from './rule.ts'

const EXAMPLES = 5
/** Groups whose labels disagree, and movies of each, that the report lists. */
const CONFLICTS = 20
const MOVIES_OF_A_CONFLICT = 6
/** Similarities are stored as integers. */
const SCALE = 1e9

export interface Named {
  readonly key: string
  readonly title: string
}
/** Key and title of movies, by id. */
export type Names = ReadonlyMap<number, Named>
export type Describe = (movies: readonly number[]) => Names | Promise<Names>
/** A movie's genres after cleaning. */
export type GenresOf = (movie: number) => readonly string[]

interface Example {
  readonly movie: number
  readonly before: string
  readonly after: string
  readonly repeats: Repeated | null
}
interface Conflict {
  similarity: number
  readonly movies: number[]
}
interface Groups {
  readonly groups: number
  readonly conflicting: number
  /** The first effects. */
  readonly conflicts: readonly Conflict[]
}

export class StepStatistics {
  count = 0
  removed = 0
  readonly #examples: Example[] = []
  /** For duplicates: the movie, the one that it repeats, and their similarity. */
  readonly #movies = new Int32List()
  readonly #firsts = new Int32List()
  readonly #similarities = new Int32List()

  add({ movie }: SourceMovie, effect: Effect): void {
    this.count++
    if (effect.out) this.removed++
    if (this.#examples.length < EXAMPLES) {
      const [before, after] = effect.example()
      this.#examples.push({ movie, before, after, repeats: effect.repeats ?? null })
    }
    if (!effect.repeats) return
    this.#movies.push(movie)
    this.#firsts.push(effect.repeats.movie)
    this.#similarities.push(effect.repeats.similarity * SCALE)
  }
  /** @param describe names the movies that the report shows */
  async report(
    describe: Describe,
    genresOf: GenresOf,
  ): Promise<Pick<CleanStepReport, 'count' | 'examples' | 'conflicts' | 'groups' | 'conflicting'>> {
    const { groups, conflicting, conflicts } = this.#grouped(genresOf)
    const shown = this.#examples.flatMap((e) => [e.movie, ...(e.repeats ? [e.repeats.movie] : [])])
    const wanted = [...new Set([...shown, ...conflicts.flatMap((c) => c.movies)])]
    const names = wanted.length === 0 ? new Map<number, Named>() : await describe(wanted)
    const name = (movie: number): Named => {
      const { key, title } = names.get(movie) ?? { key: String(movie), title: '' }
      return { key, title }
    }
    return {
      count: this.count,
      examples: this.#examples.map(({ movie, before, after, repeats }) =>
        repeats
          ? {
              ...name(movie),
              before: `${genresOf(movie).join(', ')}: ${before}`,
              after: repeated(movie, repeats, name(repeats.movie), genresOf),
            }
          : { ...name(movie), before, after },
      ),
      conflicts: conflicts.map(({ similarity, movies }) => ({
        similarity,
        movies: movies.map((movie) => ({ movie, ...name(movie), genres: genresOf(movie) })),
      })),
      groups,
      conflicting,
    }
  }
  #grouped(genresOf: GenresOf): Groups {
    const all = new Set<number>()
    const conflicting = new Set<number>()
    const conflicts = new Map<number, Conflict>()
    for (let i = 0; i < this.#movies.length; i++) {
      const first = this.#firsts.at(i)
      all.add(first)
      if (agree(genresOf(first), genresOf(this.#movies.at(i)))) continue
      conflicting.add(first)
      if (conflicts.size >= CONFLICTS && !conflicts.has(first)) continue
      const conflict = conflicts.get(first) ?? { similarity: 1, movies: [first] }
      conflicts.set(first, conflict)
      conflict.similarity = Math.min(conflict.similarity, this.#similarities.at(i) / SCALE)
      if (conflict.movies.length < MOVIES_OF_A_CONFLICT) conflict.movies.push(this.#movies.at(i))
    }
    return { groups: all.size, conflicting: conflicting.size, conflicts: [...conflicts.values()] }
  }
}

function agree(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length && a.every((name, i) => name === b[i])) return true
  const [one, other] = [new Set(a.map(genreKey)), new Set(b.map(genreKey))]
  return one.size === other.size && [...one].every((key) => other.has(key))
}

function repeated(movie: number, { movie: first, similarity }: Repeated, { key, title }: Named, genresOf: GenresOf): string {
  const same = similarity === 1 ? 'has the same plot' : `has nearly the same plot (${(100 * similarity).toFixed(0)}%)`
  const labels = agree(genresOf(first), genresOf(movie)) ? 'agree' : 'conflict'
  return `removed: ${key} ${title} (${genresOf(first).join(', ')}) ${same}; their labels ${labels}`
}
