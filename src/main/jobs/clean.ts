/** Cleaning an open project: a job process reads and decides, the engine writes what it is told. */
import type { CleaningReport, CleanRuleSet } from '../../contract/cleaning.ts'
import type { CleanedColumns, CleanedPlot, CleanWork } from '../../contract/jobs.ts'
import { DEFAULT_RULE_SET } from '../data/clean/rule-set.ts'
import type { GenreTargets } from '../store/cleanings.ts'
import { packLabels } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { StartWork } from './import.ts'
import type { JobControl } from '../processes/job-control.ts'
import { runWork } from '../processes/work-process.ts'
import { inSlices } from './slices.ts'
import { cleanFile, type CleaningSink, type CleanWish } from './work/clean.ts'

/** The rule set of the cleaning in force; the default one before the first. */
export const ruleSetOf = (store: Store): CleanRuleSet => store.cleanings.current()?.ruleSet ?? DEFAULT_RULE_SET

/** Writes a new generation of cleaning beside the one in force, in short transactions. */
class Generation implements CleaningSink {
  readonly #store
  readonly #id: number
  #genres = new Uint16Array(0)
  #targets: GenreTargets = {}
  constructor(store: Store, ruleSet: CleanRuleSet) {
    this.#store = store
    this.#id = store.cleanings.begin(ruleSet)
  }
  plots(plots: readonly CleanedPlot[]): void {
    this.#store.cleanings.addPlots(this.#id, plots)
  }
  genres(names: readonly string[], becomes: readonly (readonly [genre: number, places: readonly number[]])[]): void {
    this.#store.transaction(() => {
      this.#genres = Uint16Array.from(names, (name) => this.#store.movies.genreId(name))
    })
    this.#targets = Object.fromEntries(becomes.map(([genre, places]) => [genre, places.map((at) => this.#genres[at]!)]))
  }
  columns({ chunk, out, length, duplicate, counts, genres }: CleanedColumns): void {
    const labels = packLabels({ counts, genres: genres.map((at) => this.#genres[at]!) })
    this.#store.cleanings.addChunk(this.#id, { chunk, out, length, duplicate, labels, plots: [] })
  }
  /** Puts it in force; the one before goes. */
  async finish(report: CleaningReport): Promise<void> {
    this.#store.cleanings.finish(this.#id, report, this.#targets)
    await inSlices(this.#store.cleanings.dropOthers())
  }
  async drop(): Promise<void> {
    await inSlices(this.#store.cleanings.drop(this.#id))
  }
}

/**
 * Cleans the source anew; what the project says goes on as it was until all of the new cleaning is written. A cancelled or
 * failed cleaning leaves the one before in force.
 * @throws UserError `cancelled`, `cleaning-died`, and what the job process throws
 */
export async function cleanProject(store: Store, ruleSet: CleanRuleSet, control: JobControl, start: StartWork): Promise<CleaningReport> {
  const request: CleanWork = { t: 'clean', file: store.path, ruleSet, count: [], preview: false }
  return inGeneration(store, ruleSet, (sink) => inProcess(request, control, start, sink))
}

/** The same in this process, for a file that is being made. */
export async function cleanHere(store: Store, ruleSet: CleanRuleSet, control: JobControl): Promise<CleaningReport> {
  return inGeneration(store, ruleSet, (sink) => cleanFile(store.path, { ruleSet }, sink, control))
}

/** What cleaning would report; nothing is written. */
export async function previewCleaning(
  store: Store,
  { ruleSet, count = [] }: CleanWish,
  control: JobControl,
  start: StartWork,
): Promise<CleaningReport> {
  return inProcess({ t: 'clean', file: store.path, ruleSet, count, preview: true }, control, start, null)
}

async function inGeneration(
  store: Store,
  ruleSet: CleanRuleSet,
  work: (sink: CleaningSink) => Promise<CleaningReport>,
): Promise<CleaningReport> {
  const generation = new Generation(store, ruleSet)
  let report: CleaningReport
  try {
    report = await work(generation)
  } catch (error) {
    await generation.drop()
    throw error
  }
  await generation.finish(report)
  return report
}

async function inProcess(request: CleanWork, control: JobControl, start: StartWork, sink: CleaningSink | null): Promise<CleaningReport> {
  let report: CleaningReport | null = null
  await runWork(start, request, control, 'cleaning', (m) => {
    if (m.t === 'cleaned-plots') sink?.plots(m.plots)
    else if (m.t === 'cleaned-genres') sink?.genres(m.names, m.becomes)
    else if (m.t === 'cleaned-columns') sink?.columns(m.columns)
    else if (m.t === 'cleaned') report = m.report
  })
  return report!
}
