import type { ImportReport } from '../../../contract/importing.ts'
import type { Filling, SourceText } from '../../store/filling.ts'
import type { GenreLists } from './genre-lists.ts'

/** Movies in one step: some milliseconds. */
const STEP = 200

/** Goes over the movies that are written, in the order of their ids: puts them into the text index and counts what they have. */
export class IndexPass {
  readonly #rows
  readonly #lists
  readonly #genreCounts = new Map<number, number>()
  #emptyPlot = 0
  #noGenre = 0
  /** The last movie that was taken. */
  at = 0

  constructor(rows: Filling, lists: GenreLists) {
    this.#rows = rows
    this.#lists = lists
  }
  /** Takes the next movies; answers them. */
  step(): readonly SourceText[] {
    const movies = this.#rows.page(this.at, STEP)
    this.#rows.index(movies)
    for (const m of movies) this.#count(m)
    this.at = movies.at(-1)?.id ?? this.at
    return movies
  }
  #count({ plot, genres }: SourceText): void {
    const ids = this.#lists.ids(genres)
    if (plot.trim() === '') this.#emptyPlot++
    if (ids.length === 0) this.#noGenre++
    for (const id of ids) this.#genreCounts.set(id, (this.#genreCounts.get(id) ?? 0) + 1)
  }
  /** @param names of genres by id */
  report(names: ReadonlyMap<number, string>): Pick<ImportReport, 'emptyPlot' | 'noGenre' | 'genreCounts'> {
    const counts = [...this.#genreCounts].sort((a, b) => b[1] - a[1]).map(([id, count]) => [names.get(id)!, count] as const)
    return { emptyPlot: this.#emptyPlot, noGenre: this.#noGenre, genreCounts: Object.fromEntries(counts) }
  }
}
