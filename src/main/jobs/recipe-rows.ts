/** The rows of a recipe's run: which movies it keeps, how it splits them, and what trainings learn from them. */
import { UserError } from '../../contract/errors.ts'
import type { TrainingData } from '../../contract/jobs.ts'
import type { RecipeFile, RecipeRows } from '../../contract/recipe-files.ts'
import { SPLITS, type Genre } from '../../contract/records.ts'
import { gatherRows } from '../analysis/matrix.ts'
import { permutation, trainTestSplit } from '../analysis/numpy-random.ts'
import { iterativeStratification } from '../analysis/stratify.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { loadLanguages } from '../data/clean/language.ts'
import { plotGroups } from '../data/clean/plot-groups.ts'
import { plotKey } from '../data/clean/plots.ts'
import type { JobControl } from '../processes/job-control.ts'
import { eachPlot } from '../store/reader.ts'
import type { Store } from '../store/store.ts'
import { inSlices } from './slices.ts'

/** Number of plots that are read before other calls are handled. */
const TURN = 64
/** Margin by which another language must fit better, as in the cleaning rule. */
const LANGUAGE_MARGIN = 0.3
const [TRAIN, VALID, TEST] = (['train', 'valid', 'test'] as const).map((part) => SPLITS.indexOf(part)) as [number, number, number]

/** Data of a recipe's run: n movies, and the k genres that at least one of them has. */
export interface RecipeData {
  readonly rows: RecipeRows
  readonly genres: readonly Genre[]
  /** (n) characters of each plot */
  readonly lengths: Int32Array
  /** `run` is 0, because a recipe's trainings are not runs of the project. */
  readonly data: TrainingData
}

/**
 * Applies the steps `rows`, `sample` and `split`. The catalogue and its split do not change.
 * @throws UserError `too-few-movies`
 */
export async function recipeData(store: Store, catalogue: Catalogue, recipe: RecipeFile, control: JobControl): Promise<RecipeData> {
  const { kept, removed, lengths } = await keptRows(store, catalogue, recipe.rows, control)
  const { movies, seed } = recipe.sample
  const sampled =
    movies === null || movies >= kept.length ? kept : permutation(kept.length, seed).subarray(0, movies).map((at) => kept[at] ?? 0) // prettier-ignore
  const part = await partsOf(store, catalogue, sampled, recipe)
  const count = (code: number): number => part.reduce((sum, each) => sum + (each === code ? 1 : 0), 0)
  if (count(TRAIN) < 2 * recipe.training.folds || count(TEST) === 0)
    throw new UserError(
      'too-few-movies',
      `The recipe's rows leave ${count(TRAIN)} movies to train on and ${count(TEST)} to test: it needs at least ${2 * recipe.training.folds} and 1. Import more movies, or change its rules, sample or split.`,
    )
  const made = assemble(store, catalogue, sampled, part, { movies: catalogue.n, removed, afterRules: kept.length })
  return { ...made, lengths: sampled.map((row) => lengths[row] ?? 0) }
}

async function keptRows(
  store: Store,
  { n, k, ids, labels }: Catalogue,
  rules: RecipeFile['rows'],
  control: JobControl,
): Promise<{ kept: Int32Array; removed: RecipeRows['removed']; lengths: Int32Array }> {
  const removed = { incomplete: 0, duplicates: 0, languages: 0, shortest: 0 }
  const judge = rules.languages && (await loadLanguages())
  const languages = new Set(rules.languages)
  const seen = new Set<string>()
  const why = (plot: string, row: number): keyof typeof removed | null => {
    if (rules.incomplete && (plot.trim() === '' || !labels.subarray(row * k, row * k + k).includes(1))) return 'incomplete'
    if (plot.length < rules.shortest) return 'shortest'
    if (judge && (judge(plot, languages)?.confidence ?? 0) >= LANGUAGE_MARGIN) return 'languages'
    if (!rules.duplicates) return null
    const key = plotKey(plot)
    if (seen.has(key)) return 'duplicates'
    seen.add(key)
    return null
  }
  const kept: number[] = []
  const lengths = new Int32Array(n)
  let row = 0
  for (const plot of eachPlot(store.path, ids.slice())) {
    const reason = why(plot, row)
    lengths[row] = plot.length
    if (reason === null) kept.push(row)
    else removed[reason]++
    if (++row % TURN !== 0) continue
    control.progress(row / n, 'choosing rows')
    await new Promise((resolve) => setImmediate(resolve))
    control.signal.throwIfAborted()
  }
  return { kept: Int32Array.from(kept), removed, lengths }
}

/** Code of the part of each row; a stratified split keeps near-duplicates together. */
async function partsOf(
  store: Store,
  { split: own, labels, k, ids }: Catalogue,
  rows: Int32Array,
  { split }: RecipeFile,
): Promise<Uint8Array> {
  const { method, valid, test, seed } = split
  if (method === 'project') return Uint8Array.from(rows, (row) => own[row] ?? TRAIN)
  const part = new Uint8Array(rows.length).fill(TRAIN)
  if (method === 'stratified') {
    const shares = [
      { code: TRAIN, share: 1 - valid - test },
      { code: VALID, share: valid },
      { code: TEST, share: test },
    ].filter(({ share }) => share > 0)
    const movies = rows.map((row) => ids[row] ?? 0)
    const groups = await inSlices(plotGroups(() => eachPlot(store.path, movies), rows.length))
    const dealt = iterativeStratification(gatherRows(labels, rows, k), rows.length, k, shares.map(({ share }) => share), groups, seed) // prettier-ignore
    return dealt.map((at) => shares[at]?.code ?? TRAIN)
  }
  const first = trainTestSplit(rows.length, test, seed)
  for (const at of first.test) part[at] = TEST
  if (valid > 0) for (const at of trainTestSplit(first.train.length, valid / (1 - test), seed).test) part[first.train[at] ?? 0] = VALID
  return part
}

function assemble(
  store: Store,
  { k, ids, labels, source, verdicts, genres }: Catalogue,
  rows: Int32Array,
  split: Uint8Array,
  counts: Pick<RecipeRows, 'movies' | 'removed' | 'afterRules'>,
): Omit<RecipeData, 'lengths'> {
  const kept = genres.filter((_, g) => rows.some((row) => labels[row * k + g] === 1))
  const columns = kept.map((genre) => genres.indexOf(genre))
  const matrix = (from: Uint8Array): Uint8Array => {
    const out = new Uint8Array(rows.length * columns.length)
    rows.forEach((row, i) => columns.forEach((g, j) => (out[i * columns.length + j] = from[row * k + g] ?? 0)))
    return out
  }
  const [y, given, verdict] = [matrix(labels), matrix(source), matrix(verdicts)]
  const where = (holds: (cell: number) => boolean): Int32Array => Int32Array.from([...y.keys()].filter(holds))
  const movies = rows.map((row) => ids[row] ?? 0)
  const ofPart = (code: number): number[] => [...movies].filter((_, i) => split[i] === code)
  return {
    rows: { ...counts, parts: { train: ofPart(TRAIN), valid: ofPart(VALID), test: ofPart(TEST) } },
    genres: kept,
    data: {
      project: store.path,
      run: 0,
      genres: Int32Array.from(kept, ({ id }) => id),
      movies,
      labels: y,
      corrected: where((cell) => y[cell] !== given[cell]),
      excluded: where((cell) => verdict[cell] === VERDICT_IMPOSSIBLE),
      rowWeight: new Float32Array(rows.length).fill(1),
      split,
    },
  }
}
