import type { CleanReport, CleanSwitches } from '../../contract/importing.ts'
import { cleaning, type CleanDecision, type CleanResult, type RawMovie } from '../data/clean/rules.ts'
import { openDatabase } from '../store/database.ts'
import { MovieTable, unpackGenres } from '../store/movies.ts'
import type { Store } from '../store/store.ts'
import type { JobControl } from './queue.ts'
import { inSlices } from './slices.ts'

/** What cleaning anew comes to, and what of it is not in the project yet. */
interface Outcome {
  readonly report: CleanReport
  readonly changed: readonly CleanDecision[]
  readonly plotsChanged: boolean
}

/**
 * Cleans the source movies anew under the given switches; nothing of the source is touched. Everything is decided first,
 * with turns for other calls; then what has changed is written in one transaction, and there is nothing left to cancel.
 */
export async function cleanProject(store: Store, switches: CleanSwitches, { signal }: Pick<JobControl, 'signal'>): Promise<CleanReport> {
  const { report, changed, plotsChanged } = await inSlices(outcome(store.path, switches, signal))
  store.transaction(() => {
    for (const decision of changed) store.movies.clean(decision)
    if (plotsChanged || store.meta.get('cleanReport') === null) store.movies.indexText()
    store.meta.set('cleanSwitches', switches)
    store.meta.set('cleanReport', report)
  })
  return report
}

/** In steps of one movie each. The connection is its own: a cursor that is open between two turns would keep the store from writing labels. */
function* outcome(project: string, switches: CleanSwitches, signal: AbortSignal): Generator<void, Outcome> {
  const db = openDatabase(project, 'read')
  try {
    const table = new MovieTable(db)
    const movies: RawMovie[] = []
    for (const movie of table.sources()) {
      movies.push(movie)
      signal.throwIfAborted()
      yield
    }
    const { decisions, report } = yield* decided(movies, switches, signal)
    return { report, ...(yield* compared(table, decisions, signal)) }
  } finally {
    db.close()
  }
}

function* decided(movies: readonly RawMovie[], switches: CleanSwitches, signal: AbortSignal): Generator<void, CleanResult> {
  const steps = cleaning(movies, switches)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    signal.throwIfAborted()
    yield
  }
}

/** The decisions that differ from what the project holds; both are in the order of the movies' ids. */
function* compared(
  table: MovieTable,
  decisions: readonly CleanDecision[],
  signal: AbortSignal,
): Generator<void, Pick<Outcome, 'changed' | 'plotsChanged'>> {
  const ids = new Map(table.genres().map((g) => [g.name, g.id]))
  const changed: CleanDecision[] = []
  let plotsChanged = false
  let at = 0
  for (const held of table.plots()) {
    const decision = decisions[at++]!
    const { genres, out, plot } = decision
    const labels = unpackGenres(held.labels)
    const sameLabels = labels.length === genres.length && genres.every((name, i) => ids.get(name) === labels[i])
    plotsChanged ||= plot !== held.plot
    // which movie a duplicate repeats may have changed, and is not read here
    if (plot !== held.plot || out !== held.out || !sameLabels || decision.duplicateOf !== null) changed.push(decision)
    signal.throwIfAborted()
    yield
  }
  return { changed, plotsChanged }
}
