/** Cleans a project file: reads it and sends the result to a sink, which writes it. */
import type { CleaningReport, CleanRuleSet, RuleId } from '../../../contract/cleaning.ts'
import { UserError } from '../../../contract/errors.ts'
import type { CleanedColumns, CleanedPlot, CleanWork, JobReply } from '../../../contract/jobs.ts'
import type { SourceMovie } from '../../../contract/records.ts'
import { clean, NOT_THERE, type Cleaned } from '../../data/clean/cleaner.ts'
import { DEFAULT_RULE_SET } from '../../data/clean/rule-set.ts'
import { recordCells } from '../../data/import/files/tables.ts'
import { CleaningSource } from '../../store/cleaning-source.ts'
import type { SourceFile } from '../../store/sources.ts'
import { CHUNK_MOVIES, MAX_LABELS } from '../../store/columns.ts'
import { writeCleaning, type CleaningSink } from '../../store/cleaning-writer.ts'
import type { Store } from '../../store/store.ts'
import type { JobControl } from '../../processes/job-control.ts'

export interface CleanInput {
  readonly ruleSet: CleanRuleSet
  /** Costly rules to count although they are off. */
  readonly count?: readonly RuleId[]
  /** In catalogues of fewer movies, all rules that are off are counted too. */
  readonly costlyBelow?: number
}

/** Plots in one message, which take some milliseconds to write. */
const MAX_PLOTS = 1000
/** Fraction of the progress at which all movies are decided; the rest belongs to the columns. */
const DECIDING = 0.95

/** The rule set of the current cleaning; the default one before the first. */
export const currentRuleSet = (store: Store): CleanRuleSet => store.cleanings.current()?.ruleSet ?? DEFAULT_RULE_SET

/** Cleans a project that this process writes. @param onRead receives the movies in the order of their ids, once per pass */
export function cleanInto(store: Store, input: CleanInput, control: JobControl, onRead?: OnRead): Promise<CleaningReport> {
  return writeCleaning(store, input.ruleSet, (sink) => cleanFile(store.path, input, sink, control, onRead))
}

type OnRead = (movies: readonly SourceMovie[]) => void

/** @param sink null if only the report is wanted */
async function cleanFile(
  path: string,
  { ruleSet, count, costlyBelow }: CleanInput,
  sink: CleaningSink | null,
  control: JobControl,
  onRead: OnRead = () => undefined,
): Promise<CleaningReport> {
  const source = new CleaningSource(path)
  try {
    const read = function* (columns: readonly string[]): Generator<SourceMovie[]> {
      for (const page of source.pages(columns, cellsOf)) {
        onRead(page)
        yield page
      }
    }
    let waiting: CleanedPlot[] = []
    const send = (): void => {
      if (waiting.length > 0) sink?.plots(waiting)
      waiting = []
    }
    const cleaned = await clean({ movies: source.movies, read, describe: (ids) => source.describe(ids) }, ruleSet, {
      signal: control.signal,
      progress: (fraction, phase) => control.progress(DECIDING * fraction, phase),
      ...(count && { count }),
      ...(costlyBelow !== undefined && { costlyBelow }),
      changed: (plots) => {
        for (const plot of plots) if (waiting.push(plot) >= MAX_PLOTS) send()
      },
    })
    send()
    if (sink) tellColumns(cleaned, source, sink, control)
    return cleaned.report
  } finally {
    source.close()
  }
}

function cellsOf(raw: string, file: SourceFile): Record<string, string> {
  const cells = recordCells(raw, file)
  return Object.fromEntries(file.columns.map((name, i) => [name, cells[i] ?? '']))
}

function tellColumns(cleaned: Cleaned, source: CleaningSource, sink: CleaningSink, control: JobControl): void {
  const places = new Map<string, number>()
  const placeOf = (name: string): number => {
    const known = places.get(name)
    if (known !== undefined) return known
    places.set(name, places.size)
    return places.size - 1
  }
  const becomes = source.genres().map(({ id, name }) => [id, cleaned.genreTarget(name).map(placeOf)] as const)
  const chunks: CleanedColumns[] = []
  for (let chunk = 0; chunk * CHUNK_MOVIES < cleaned.out.length; chunk++) chunks.push(columnsOf(cleaned, chunk, placeOf))
  sink.genres([...places.keys()], becomes)
  chunks.forEach((columns, i) => {
    sink.columns(columns)
    control.progress(DECIDING + ((1 - DECIDING) * (i + 1)) / chunks.length, 'writing')
  })
}

function columnsOf({ out, length, duplicate, genresOf }: Cleaned, chunk: number, placeOf: (name: string) => number): CleanedColumns {
  const first = chunk * CHUNK_MOVIES
  const end = Math.min(out.length, first + CHUNK_MOVIES)
  const counts = new Uint8Array(end - first)
  const genres: number[] = []
  for (let id = first; id < end; id++) {
    if (out[id] === NOT_THERE) continue
    const names = genresOf(id)
    if (names.length > MAX_LABELS) throw tooManyGenres(id, names.length)
    counts[id - first] = names.length
    for (const name of names) genres.push(placeOf(name))
  }
  const slots = <T extends Uint8Array | Int32Array>(values: T): T => values.slice(first, end) as T
  return { chunk, out: slots(out), length: slots(length), duplicate: slots(duplicate), counts, genres: Uint16Array.from(genres) }
}

const tooManyGenres = (movie: number, count: number): UserError =>
  new UserError(
    'too-many-genres',
    `After cleaning, movie ${movie} has ${count} genres, and ${MAX_LABELS} are possible: choose the column that holds the genres or how it writes them, or change the rules that add genres.`,
  )

/** Cleans a project in a job process. */
export async function cleanWork(
  { file, ruleSet, count, preview }: CleanWork,
  tell: (m: JobReply) => void,
  control: JobControl,
): Promise<void> {
  const sink: CleaningSink = {
    plots: (plots) => tell({ t: 'cleaned-plots', plots }),
    genres: (names, becomes) => tell({ t: 'cleaned-genres', names, becomes }),
    columns: (columns) => tell({ t: 'cleaned-columns', columns }),
  }
  tell({ t: 'cleaned', report: await cleanFile(file, { ruleSet, count }, preview ? null : sink, control) })
}
