/** Writes the results of cleanings, during an import and later. */
import { setImmediate as turn } from 'node:timers/promises'
import type { CleaningReport, CleanRuleSet } from '../../contract/cleaning.ts'
import type { CleanedColumns, CleanedPlot } from '../../contract/jobs.ts'
import type { GenreTargets } from './cleanings.ts'
import type { Store } from './store.ts'

/** Receives the results of a cleaning in this order: plots, as they are cleaned; genres; columns, chunk by chunk. */
export interface CleaningSink {
  plots(plots: readonly CleanedPlot[]): void
  /**
   * @param names genres after cleaning; columns and `becomes` refer to them by their index
   * @param becomes the genres that replace each genre of the project
   */
  genres(names: readonly string[], becomes: readonly (readonly [genre: number, places: readonly number[]])[]): void
  columns(chunk: CleanedColumns): void
}

/**
 * Writes a new generation of cleaning beside the current one, in short transactions, and makes it current when it is complete. If `work`
 * fails, the current one stays.
 */
export async function writeCleaning(
  store: Store,
  ruleSet: CleanRuleSet,
  work: (sink: CleaningSink) => Promise<CleaningReport>,
): Promise<CleaningReport> {
  const { cleanings } = store
  const generation = store.transaction(() => cleanings.begin(ruleSet))
  let genreIds = new Uint16Array(0)
  let targets: GenreTargets = {}
  const idsOf = (places: Iterable<number>): number[] => Array.from(places, (at) => genreIds[at] ?? 0)
  try {
    const report = await work({
      plots: (plots) => store.transaction(() => cleanings.addPlots(generation, plots)),
      genres: (names, becomes) => {
        genreIds = store.transaction(() => Uint16Array.from(names, (name) => store.movies.genreId(name)))
        targets = Object.fromEntries(becomes.map(([genre, places]) => [genre, idsOf(places)]))
      },
      columns: (c) => store.transaction(() => cleanings.addColumns(generation, { ...c, genres: Uint16Array.from(idsOf(c.genres)) })),
    })
    store.transaction(() => cleanings.finish(generation, report, targets))
    await inTurns(store, cleanings.dropOthers())
    return report
  } catch (error) {
    if (cleanings.generation() !== generation) await inTurns(store, cleanings.drop(generation))
    throw error
  }
}

/** Runs all steps, each in a transaction, and lets other work run after each of them. */
async function inTurns(store: Store, steps: Iterable<void>): Promise<void> {
  const each = steps[Symbol.iterator]()
  while (store.transaction(() => each.next()).done !== true) await turn()
}
