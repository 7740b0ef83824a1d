/** What becomes of an import's movies as a whole: the first cleaning, the order of titles, and the split. */
import type { CleaningReport, CleanRuleSet } from '../../../contract/cleaning.ts'
import { clean, type ChangedPlot, type Cleaned } from '../../data/clean/cleaner.ts'
import { foldText, HashNumbers, hashText, Int32List, type Hash64 } from '../../data/clean/hashing.ts'
import type { RawMovie } from '../../data/clean/rule.ts'
import type { Names } from '../../data/clean/tally.ts'
import { splitMovies } from '../split.ts'
import { TitleRanks } from './titles.ts'

/** Movies on their way to the columns, flat: that is the cheapest to copy from thread to thread. */
export interface MovieBatch {
  readonly ids: Int32Array
  /** Number of each movie's list of genres. */
  readonly lists: Int32Array
  /** (movies, 2): title, plot. */
  readonly texts: readonly string[]
  /** Lists of genres that no batch has had so far: number and JSON. */
  readonly newLists: readonly (readonly [at: number, json: string])[]
}

export interface ColumnsInput {
  readonly ruleSet: CleanRuleSet
  /** About how many movies there are. */
  readonly movies: number
  /** Seed of the split that is to be made; null: the catalogue brings one. */
  readonly seed: number | null
}
/** Whoever has the rows. */
export interface ColumnsHost {
  /** All movies in the order of their ids; once for each pass. */
  read(): AsyncIterable<MovieBatch>
  describe(movies: readonly number[]): Names | Promise<Names>
  /** Ids of genre names, made when new. */
  genreIds(names: readonly string[]): readonly number[] | Promise<readonly number[]>
  /** Takes the plots that cleaning changed. */
  changed(plots: readonly ChangedPlot[]): void
}
/** Arrays go by movie id. */
export interface MovieColumns {
  readonly report: CleaningReport
  /** What becomes of each genre of the source: ids. */
  readonly targets: readonly (readonly [genre: number, becomes: readonly number[]])[]
  readonly out: Uint8Array
  readonly length: Int32Array
  readonly duplicate: Int32Array
  /** Different lists of genre ids, and which of them each movie has. */
  readonly lists: readonly (readonly number[])[]
  readonly list: Int32Array
  readonly titles: Int32Array
  readonly split: Uint8Array | null
}

export async function makeColumns({ ruleSet, movies, seed }: ColumnsInput, host: ColumnsHost, signal: AbortSignal): Promise<MovieColumns> {
  const seen = new Seen(seed !== null)
  let first = true
  const source = {
    movies,
    describe: (ids: readonly number[]) => host.describe(ids),
    async *read(): AsyncGenerator<readonly RawMovie[]> {
      for await (const batch of host.read()) yield seen.movies(batch, first)
      first = false
    },
  }
  const cleaned = await clean(source, ruleSet, { signal, changed: (plots) => host.changed(plots) })
  const { lists, targets } = await seen.genreLists(cleaned, host)
  const columns = { out: cleaned.out, length: cleaned.length, duplicate: cleaned.duplicate, lists, list: seen.list() }
  const split = seed === null ? null : splitMovies({ ...columns, first: seen.firsts() }, ruleSet, seed)
  return { ...columns, report: cleaned.report, targets, titles: seen.titles.ranks(), split }
}

/** What the first pass keeps of each movie: some bytes, and its title. */
class Seen {
  readonly titles = new TitleRanks()
  /** Lists of genre names by their number; some numbers are no movie's. */
  readonly #names: (readonly string[] | undefined)[] = []
  readonly #list = new Int32List()
  /** The first movie of each plot; null where nobody asks. */
  readonly #plots: HashNumbers | null
  readonly #firsts = new Int32List()
  readonly #hash: Hash64 = { high: 0, low: 0 }

  constructor(plots: boolean) {
    this.#plots = plots ? new HashNumbers() : null
  }
  movies({ ids, lists, texts, newLists }: MovieBatch, isNew: boolean): RawMovie[] {
    for (const [at, json] of newLists) this.#names[at] = JSON.parse(json) as string[]
    return Array.from(ids, (movie, i) => {
      const [title, plot, list] = [texts[2 * i]!, texts[2 * i + 1]!, lists[i]!]
      if (isNew) this.#note(movie, title, plot, list)
      return { movie, key: '', title, plot, genres: this.#names[list]! }
    })
  }
  #note(movie: number, title: string, plot: string, list: number): void {
    this.titles.add(movie, title)
    while (this.#list.length < movie) this.#list.push(0)
    this.#list.push(list)
    if (!this.#plots) return
    while (this.#firsts.length < movie) this.#firsts.push(0)
    const first = this.#plots.get(hashText(foldText(plot), this.#hash))
    if (first === 0) this.#plots.set(this.#hash, movie)
    this.#firsts.push(first || movie)
  }
  list(): Int32Array {
    return this.#list.view().slice()
  }
  firsts(): Int32Array {
    return this.#firsts.view()
  }
  /** The lists after cleaning, as ids, and what became of each genre. */
  async genreLists({ genreTarget }: Pick<Cleaned, 'genreTarget'>, host: ColumnsHost): Promise<Pick<MovieColumns, 'lists' | 'targets'>> {
    const names = [...new Set(this.#names.flatMap((list) => list ?? []))]
    const targets = names.map((name) => genreTarget(name))
    const all = [...new Set([...names, ...targets.flat()])]
    const ids = await host.genreIds(all)
    const idOf = new Map(all.map((name, i) => [name, ids[i]!]))
    const becomes = new Map(names.map((name, i) => [name, targets[i]!.map((t) => idOf.get(t)!)]))
    return {
      lists: Array.from(this.#names, (list) => [...new Set((list ?? []).flatMap((name) => becomes.get(name)!))]),
      targets: names.map((name) => [idOf.get(name)!, becomes.get(name)!]),
    }
  }
}
