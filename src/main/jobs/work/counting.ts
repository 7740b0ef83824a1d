import type { ImportReport } from '../../../contract/importing.ts'
import type { GatheredMovie } from './gathering.ts'

/** Counts what the movies of an import have. */
export class Counting {
  readonly #genreCounts = new Map<number, number>()
  #emptyPlot = 0
  #noGenre = 0

  add({ plot, genres }: GatheredMovie): void {
    if (plot.trim() === '') this.#emptyPlot++
    if (genres.ids.length === 0) this.#noGenre++
    for (const id of genres.ids) this.#genreCounts.set(id, (this.#genreCounts.get(id) ?? 0) + 1)
  }
  /** @param names of genres by id */
  report(names: ReadonlyMap<number, string>): Pick<ImportReport, 'emptyPlot' | 'noGenre' | 'genreCounts'> {
    const counts = [...this.#genreCounts].sort((a, b) => b[1] - a[1]).map(([id, count]) => [names.get(id)!, count] as const)
    return { emptyPlot: this.#emptyPlot, noGenre: this.#noGenre, genreCounts: Object.fromEntries(counts) }
  }
}
