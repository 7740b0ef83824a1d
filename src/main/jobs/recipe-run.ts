/** Trains the models of a recipe one after the other, with the compute process's ordinary jobs, and scores them on the recipe's test part. */
import { fromReply, UserError } from '../../contract/errors.ts'
import type { ClassicalJob, ComputeReply, Conclusion, TrainingData, TrainingRequest } from '../../contract/jobs.ts'
import type { EpochFigures } from '../../contract/models.ts'
import {
  FIGURE_IDS,
  f1Of,
  FIGURES,
  type Decision,
  type FigureId,
  type Imbalance,
  type RecipeComparison,
  type RecipeFile,
  type RecipeResult,
} from '../../contract/recipe-files.ts'
import { required } from '../../contract/required.ts'
import { SPLITS, type Difference, type Metrics, type Split } from '../../contract/records.ts'
import { bootstrapSteps } from '../analysis/bootstrap.ts'
import { timesTrained } from '../analysis/imbalance.ts'
import { gatherRows } from '../analysis/matrix.ts'
import { multilabelSteps } from '../analysis/metrics.ts'
import { chooseBy, type Cells } from '../analysis/strategies.ts'
import { predict } from '../analysis/thresholds.ts'
import type { JobControl } from '../processes/job-control.ts'
import { supervise, type WorkProcess } from '../processes/work-process.ts'
import type { RecipeData } from './recipe-rows.ts'
import { inSlices } from './slices.ts'

/** Predictions of one training. */
export interface Trained {
  /** (n, k) out of fold for training rows, from the final model for the others */
  readonly probabilities: Float32Array
  /** Those that the training chose, on its out-of-fold predictions. */
  readonly thresholds: readonly number[]
  /** Scores of its test part, or of its out-of-fold predictions if it has none. */
  readonly summary: Conclusion['summary']
  readonly epochs: readonly EpochFigures[]
  readonly notes: readonly string[]
  readonly elapsedMs: number
  /** The final model of the linear family, as it is stored; null for other models. */
  readonly model: Uint8Array | null
}

/** Runs one training in a compute process. Nothing of it is stored. @throws UserError its own error, `cancelled`, `compute-died` */
export async function trainOnce(
  compute: () => WorkProcess<'compute'>,
  request: TrainingRequest | ClassicalJob,
  control: JobControl,
  name: string,
): Promise<Trained> {
  const startedAt = performance.now()
  const [n, k] = [request.movies.length, request.genres.length]
  // of several rows of a movie the first one counts; the others are copies
  const places = new Map(Array.from(request.movies, (id, row) => [id, row] as const).reverse())
  const probabilities = new Float32Array(n * k)
  const epochs: EpochFigures[] = []
  const notes: string[] = []
  let model: Uint8Array | null = null
  let conclusion: Conclusion | null = null
  const receive = (m: ComputeReply): boolean => {
    if (m.t === 'progress') control.progress(m.done / m.total, `${name}: ${m.phase}`)
    else if (m.t === 'predictions')
      // a copy, whose prediction follows that of its movie, has no place any more
      m.movies.forEach((id, i) => {
        const row = places.get(id)
        if (row !== undefined) probabilities.set(m.probabilities.subarray(i * k, i * k + k), row * k)
        places.delete(id)
      })
    else if (m.t === 'conclusion') conclusion = m.conclusion
    else if (m.t === 'epoch' && m.figures.fold === null) epochs.push(m.figures)
    else if (m.t === 'note') notes.push(m.text)
    else if (m.t === 'model') model = m.bytes
    else if (m.t === 'error') throw fromReply(m.error)
    return m.t === 'done'
  }
  await supervise({
    process: compute(),
    request,
    signal: control.signal,
    receive,
    cancelled: () => new UserError('cancelled', 'The recipe was cancelled.'),
    died: (code) =>
      new UserError(
        'compute-died',
        `The training of "${name}" ended too early (${code === null ? 'it was killed' : `exit code ${code}`}): run the recipe again, with fewer movies if memory is short.`,
      ),
  })
  const { thresholds, summary } = required<Conclusion>(conclusion, 'the conclusion of the training')
  return { probabilities, thresholds, summary, epochs, notes, elapsedMs: Math.round(performance.now() - startedAt), model }
}

/** Rows of one part, ascending. */
export const rowsIn = ({ split }: TrainingData, part: Split): Int32Array =>
  Int32Array.from([...split.keys()].filter((row) => split[row] === SPLITS.indexOf(part)))

/** The data with the weights of an imbalance rule, which looks at the training rows alone. */
export function weighted(data: TrainingData, rule: Imbalance, seed: number): TrainingData {
  const [rows, k] = [rowsIn(data, 'train'), data.genres.length]
  const times = timesTrained(gatherRows(data.labels, rows, k), k, rule, seed)
  const rowWeight = data.rowWeight.slice()
  rows.forEach((row, i) => (rowWeight[row] = (rowWeight[row] ?? 1) * (times[i] ?? 1)))
  return { ...data, rowWeight }
}

/** Predictions for the test part, (test rows, k), and their scores. */
export interface Decided {
  readonly result: RecipeResult
  readonly predicted: Uint8Array
}
interface Wanted {
  readonly recipe: RecipeFile
  readonly data: TrainingData
  readonly model: string
  readonly note: string
}

/** Chooses thresholds by each decision and scores them on the test part. */
export async function decided(wanted: Wanted, trained: Trained, decisions: readonly Decision[]): Promise<Decided[]> {
  const out: Decided[] = []
  for (const decision of decisions) {
    const cells = cellsFor(wanted.data, trained.probabilities, decision.on)
    const thresholds = await inSlices(chooseBy(decision.strategy, cells, decision.value, wanted.recipe.training.seed))
    const name = decision.value === null ? decision.strategy : `${decision.strategy} ${decision.value}`
    const { atLeastOne } = wanted.recipe.metrics
    out.push(await scored(wanted, trained, thresholds, { name, published: decision.published, atLeastOne }))
  }
  return out
}

function cellsFor({ split, ...data }: TrainingData, p: Float32Array, on: Decision['on']): Cells {
  const valid = on === 'valid' ? rowsIn({ ...data, split }, 'valid') : new Int32Array()
  const rows = valid.length > 0 ? valid : rowsIn({ ...data, split }, 'train')
  const k = data.genres.length
  return { y: gatherRows(data.labels, rows, k), p: gatherRows(p, rows, k), n: rows.length, k }
}

interface Scoring extends Pick<RecipeResult, 'published'> {
  /** Name of the thresholds' strategy, with its number. */
  readonly name: string
  readonly atLeastOne: boolean
}
/** Scores probabilities at thresholds on the test part. */
export async function scored(
  { data, model, note }: Omit<Wanted, 'recipe'>,
  { probabilities, epochs, elapsedMs }: Pick<Trained, 'probabilities' | 'epochs' | 'elapsedMs'>,
  thresholds: Float32Array,
  { name, published, atLeastOne }: Scoring,
): Promise<Decided> {
  const [rows, k] = [rowsIn(data, 'test'), data.genres.length]
  const [y, p] = [gatherRows(data.labels, rows, k), gatherRows(probabilities, rows, k)]
  const predicted = predict(p, thresholds, rows.length, k, { atLeastOne })
  const metrics = await inSlices(multilabelSteps(y, predicted, p, rows.length, k))
  const figures = Object.fromEntries(FIGURE_IDS.map((id) => [id, FIGURES[id].of(metrics)])) as Record<FigureId, number>
  const result = { model, thresholds: name, note, figures, published, genres: confusions(metrics, thresholds), epochs, elapsedMs } // prettier-ignore
  return { result, predicted }
}

const confusions = ({ multilabel_confusion_matrix: matrices }: Metrics, thresholds: Float32Array): RecipeResult['genres'] =>
  matrices.map(([[tn, fp], [fn, tp]], g) => ({ threshold: thresholds[g] ?? 0, tp, fp, fn, tn }))

/** Groups of test movies by the length of their plots. */
const QUARTERS = 4
/** Longest plot of each quarter of the test movies, the shortest plots first; a length is in one quarter only. */
export function quartersOf({ data, lengths }: Pick<RecipeData, 'data' | 'lengths'>): number[] {
  const sorted = [...rowsIn(data, 'test')].map((row) => lengths[row] ?? 0).sort((a, b) => a - b)
  const ends = Array.from({ length: QUARTERS }, (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / QUARTERS) - 1] ?? 0)
  return [...new Set(ends)]
}
/** The result with its micro-F1 by the length of the plot. */
export function withLengths(
  found: Pick<RecipeData, 'data' | 'lengths'>,
  quarters: readonly number[],
  { result, predicted }: Decided,
): RecipeResult {
  const k = found.data.genres.length
  const cells = quarters.map(() => ({ tp: 0, fp: 0, fn: 0, tn: 0, threshold: 0 }))
  rowsIn(found.data, 'test').forEach((row, i) => {
    const cell = cells[quarters.findIndex((end) => (found.lengths[row] ?? 0) <= end)]
    for (let g = 0; cell && g < k; g++) {
      const [given, said] = [found.data.labels[row * k + g] === 1, predicted[i * k + g] === 1]
      if (given && said) cell.tp++
      else if (given) cell.fn++
      else if (said) cell.fp++
    }
  })
  return { ...result, byLength: cells.map(f1Of) }
}

/** Bootstrap resamples of a comparison. */
const RESAMPLES = 1000

/** Compares two models' predictions on the test part, as a whole and genre by genre. */
export async function comparison(
  { data, genres }: Pick<RecipeData, 'data' | 'genres'>,
  old: Decided,
  fresh: Decided,
  seed: number,
): Promise<RecipeComparison> {
  const [rows, k] = [rowsIn(data, 'test'), genres.length]
  const [n, y] = [rows.length, gatherRows(data.labels, rows, k)]
  const options = { resamples: RESAMPLES, seed }
  const pair = { y, old: old.predicted, new: fresh.predicted }
  const [scores] = await inSlices(bootstrapSteps([pair], n, k, options))
  const column = (matrix: Uint8Array, g: number): Uint8Array => matrix.filter((_, at) => at % k === g)
  const table: { name: string; support: number; f1: Difference }[] = []
  for (const [g, { name }] of genres.entries()) {
    const one = { y: column(y, g), old: column(pair.old, g), new: column(pair.new, g) }
    const [found] = await inSlices(bootstrapSteps([one], n, 1, options))
    const { microF1: f1 } = required(found, 'the comparison')
    table.push({ name, support: one.y.reduce((sum, label) => sum + label, 0), f1 })
  }
  return { old: old.result.model, new: fresh.result.model, scores: required(scores, 'the comparison'), genres: table }
}

/** The test part's labels and probabilities by every model, as rows of a table. */
export function predictionTable(
  { data, genres }: Pick<RecipeData, 'data' | 'genres'>,
  keyOf: (movie: number) => string,
  models: readonly { readonly name: string; readonly trained: Trained; readonly first: Decided }[],
): { readonly header: readonly string[]; readonly rows: Iterable<readonly string[]> } {
  const k = genres.length
  const names = (has: (g: number) => boolean): string => genres.filter((_, g) => has(g)).map(({ name }) => name).join('|') // prettier-ignore
  function* rows(): Generator<readonly string[]> {
    for (const { name, trained, first } of models)
      for (const [i, row] of rowsIn(data, 'test').entries())
        yield [
          name,
          keyOf(data.movies[row] ?? 0),
          names((g) => data.labels[row * k + g] === 1),
          names((g) => first.predicted[i * k + g] === 1),
          ...genres.map((_, g) => (trained.probabilities[row * k + g] ?? 0).toFixed(4)),
        ]
  }
  return { header: ['model', 'id', 'labels', 'predicted', ...genres.map(({ name }) => `p(${name})`)], rows: rows() }
}
