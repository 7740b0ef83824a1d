/** What is counted of one step, and how it is told. */
import type { CleanStepReport } from '../../../contract/cleaning.ts'
import type { RawMovie, Effect, Repeated } from './rule.ts'

const EXAMPLES = 5
/** Groups whose labels disagree, and movies of each, that the report lists. */
const CONFLICTS = 20
const MOVIES_OF_A_CONFLICT = 6

export interface Named {
  readonly key: string
  readonly title: string
}
/** Key and title of movies, by id. */
export type Names = ReadonlyMap<number, Named>
export type Describe = (movies: readonly number[]) => Names | Promise<Names>

interface Conflict {
  similarity: number
  readonly movies: { readonly movie: number; readonly genres: readonly string[] }[]
}

export class Tally {
  count = 0
  removed = 0
  readonly #examples: { readonly movie: number; readonly before: string; readonly after: string; readonly repeats: Repeated | null }[] = []
  /** The first movie of each group of duplicates, and whether a label disagrees. */
  readonly #groups = new Map<number, boolean>()
  readonly #conflicts = new Map<number, Conflict>()

  add({ movie }: RawMovie, genres: readonly string[], effect: Effect): void {
    this.count++
    if (effect.out) this.removed++
    if (this.#examples.length < EXAMPLES) {
      const [before, after] = effect.example()
      this.#examples.push({ movie, before, after, repeats: effect.repeats ?? null })
    }
    if (effect.repeats) this.#group(movie, genres, effect.repeats)
  }
  #group(movie: number, genres: readonly string[], first: Repeated): void {
    this.#groups.set(first.movie, !first.agree || this.#groups.get(first.movie) === true)
    if (first.agree) return
    let conflict = this.#conflicts.get(first.movie)
    if (!conflict) {
      if (this.#conflicts.size >= CONFLICTS) return
      conflict = { similarity: 1, movies: [{ movie: first.movie, genres: first.genres }] }
      this.#conflicts.set(first.movie, conflict)
    }
    conflict.similarity = Math.min(conflict.similarity, first.similarity)
    if (conflict.movies.length < MOVIES_OF_A_CONFLICT) conflict.movies.push({ movie, genres })
  }
  /** Movies that the report names. */
  named(): number[] {
    const examples = this.#examples.flatMap((e) => [e.movie, ...(e.repeats ? [e.repeats.movie] : [])])
    return [...examples, ...[...this.#conflicts.values()].flatMap((c) => c.movies.map((m) => m.movie))]
  }
  report(names: ReadonlyMap<number, Named>): Pick<CleanStepReport, 'count' | 'examples' | 'conflicts' | 'groups' | 'conflicting'> {
    const name = (movie: number): Named => names.get(movie) ?? { key: String(movie), title: '' }
    return {
      count: this.count,
      examples: this.#examples.map(({ movie, before, after, repeats }) => ({
        ...name(movie),
        before,
        after: repeats ? repeated(repeats, name(repeats.movie)) : after,
      })),
      conflicts: [...this.#conflicts.values()].map(({ similarity, movies }) => ({
        similarity,
        movies: movies.map((m) => ({ movie: m.movie, ...name(m.movie), genres: m.genres })),
      })),
      groups: this.#groups.size,
      conflicting: [...this.#groups.values()].filter((conflict) => conflict).length,
    }
  }
}

function repeated({ genres, similarity, agree }: Repeated, { key, title }: Named): string {
  const same = similarity === 1 ? 'has the same plot' : `has nearly the same plot (${(100 * similarity).toFixed(0)} %)`
  return `taken out: ${key} ${title} (${genres.join(', ')}) ${same}; their labels ${agree ? 'agree' : 'conflict'}`
}
