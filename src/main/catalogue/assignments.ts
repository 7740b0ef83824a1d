/** Who is asked to decide which movies, and what a person must not see of the others' decisions yet. */
import type { AssignmentProgress } from '../../contract/people.ts'
import { UNDECIDED } from '../analysis/crowdlab.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

/** (k) labels that a person decided, by row. */
type Decided = ReadonlyMap<number, { readonly labels: Uint8Array }>
type ByPerson = ReadonlyMap<string, Decided>

/** True if the person has decided every genre of the movie. */
const isDone = (people: ByPerson, who: string, row: number): boolean => {
  const labels = people.get(who)?.get(row)?.labels
  return labels !== undefined && !labels.includes(UNDECIDED)
}

export class Assignments {
  /** People by row: all of them, and those who decide it blind. */
  readonly #people = new Map<number, Set<string>>()
  readonly #blind = new Map<number, { readonly people: Set<string>; readonly since: string }>()
  readonly #rows = new Map<string, number[]>()
  constructor(store: Store, catalogue: Catalogue) {
    for (const { at, shares, blind } of store.meta.get('assignments') ?? []) {
      const times = new Map<number, number>()
      for (const { movies } of shares) for (const movie of movies) times.set(movie, (times.get(movie) ?? 0) + 1)
      for (const { who, movies } of shares)
        for (const movie of movies) {
          const row = catalogue.row(movie)
          if (row < 0) continue
          this.#people.set(row, (this.#people.get(row) ?? new Set()).add(who))
          if (!blind || times.get(movie)! < 2) continue
          const group = this.#blind.get(row) ?? { people: new Set<string>(), since: at }
          this.#blind.set(row, group)
          group.people.add(who)
        }
    }
    for (const [row, people] of this.#people)
      for (const who of people) {
        const rows = this.#rows.get(who)
        if (rows) rows.push(row)
        else this.#rows.set(who, [row])
      }
  }
  get names(): readonly string[] {
    return [...this.#rows.keys()]
  }
  get anyBlind(): boolean {
    return this.#blind.size > 0
  }
  /** Rows that are assigned to a person, or with null to anybody. */
  rows(who: string | null): readonly number[] {
    return who === null ? [...this.#people.keys()] : (this.#rows.get(who) ?? [])
  }
  /** True if the row is assigned to the person, who has not decided all of its genres. */
  isOpen(people: ByPerson, who: string, row: number): boolean {
    return this.#people.get(row)?.has(who) === true && !isDone(people, who, row)
  }
  /** Rows that are assigned to a person who has not decided all of their genres. */
  open(people: ByPerson, who: string): number[] {
    return this.rows(who).filter((row) => !isDone(people, who, row))
  }
  /**
   * True while a person must not see what the others decided: not everybody who decides the movie blind has done so.
   * @param at the time of a decision, which may have been made before the assignment
   */
  hides(people: ByPerson, who: string, row: number, at?: string): boolean {
    const group = this.#blind.get(row)
    if (!group?.people.has(who) || (at !== undefined && at < group.since)) return false
    return [...group.people].some((each) => !isDone(people, each, row))
  }
  progress(people: ByPerson): AssignmentProgress[] {
    return [...this.#rows]
      .sort(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([who, rows]) => ({
        who,
        movies: rows.length,
        decided: rows.length - this.open(people, who).length,
        shared: rows.filter((row) => this.#people.get(row)!.size > 1).length,
      }))
  }
}
