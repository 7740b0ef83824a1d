import type { Args } from '../../contract/api.ts'
import { schemaProblems, UserError } from '../../contract/errors.ts'
import type { TrainingData } from '../../contract/jobs.ts'
import type { RunConfig } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import { CONFIG } from '../../contract/training.ts'
import {
  combinations,
  MAX_CANDIDATES,
  roundsOf,
  withValues,
  type Candidate,
  type TUNE_METHODS,
  type Tuned,
  type TuningState,
} from '../../contract/tuning.ts'
import { shuffled } from '../analysis/random.ts'
import { trainOnce } from '../jobs/recipe-run.ts'
import { inSlices } from '../jobs/slices.ts'
import { readTrainingSet, type TrainingSet } from '../jobs/training.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import type { WorkProcess } from '../processes/work-process.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { requestOf, withFolder } from './recipe-files.ts'
import { configOf } from './recipes.ts'
import { queueFor, startCompute } from './train.ts'

export function tuneHandlers(c: Context): Handlers<typeof TUNE_METHODS> {
  const states = new WeakMap<Workspace, TuningState>()
  return {
    'tune.state': () => states.get(c.workspace()) ?? null,
    'tune.start': async (args) => {
      const w = c.workspace()
      const candidates = await candidatesOf(c, w, args)
      const queue = args.workers ? queueFor(c, required(candidates[0], 'a recipe to try').config) : null
      return c.jobs.start('tune', null, async (control) => {
        const tell = (found: Tuned, partial: boolean): void => void states.set(w, { ...found, partial })
        tell({ candidates: [] }, true)
        const result = await tune(
          c,
          w,
          args,
          candidates,
          () => startCompute(c, queue),
          control,
          (found) => tell(found, true),
        )
        tell(result, false)
        const [best] = result.candidates
        return { message: best ? `Best out of fold: ${wordsOf(best.values)}, micro-F1 ${best.microF1.toFixed(3)}.` : '', result }
      })
    },
  }
}

interface Wanted {
  readonly values: Readonly<Record<string, unknown>>
  readonly config: RunConfig
}
const wordsOf = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values).map(([path, value]) => `${path} ${JSON.stringify(value)}`).join(', ') // prettier-ignore

/** @throws UserError `too-many-candidates`, `bad-arguments` with the value that does not fit */
async function candidatesOf(c: Context, w: Workspace, { config, values, draws, seed }: Args<'tune.start'>): Promise<Wanted[]> {
  const size = Object.values(values).reduce((product, list) => product * list.length, 1)
  if ((draws ?? size) > MAX_CANDIDATES || size > 1e6)
    throw new UserError('too-many-candidates', `These values have ${size.toLocaleString('en')} combinations, and at most ${MAX_CANDIDATES} are tried: leave values out, or draw some of them at random.`) // prettier-ignore
  const all = combinations(values)
  const chosen =
    draws === null ? all : Array.from(shuffled(Int32Array.from(all.keys()), seed).subarray(0, draws).sort(), (at) => all[at] ?? {})
  const out: Wanted[] = []
  for (const some of chosen) {
    const parsed = CONFIG.safeParse(withValues(config, some))
    if (!parsed.success)
      throw new UserError('bad-arguments', `No recipe can have ${wordsOf(some)} (${schemaProblems(parsed.error, 'the recipe')}).`)
    const recipe = await configOf(c, w, parsed.data, null)
    if (recipe.family === 'ensemble') throw new UserError('bad-arguments', 'An ensemble has no values to tune: tune its members.')
    out.push({ values: some, config: recipe })
  }
  return out
}

async function tune(
  c: Context,
  w: Workspace,
  { halving, seed }: Args<'tune.start'>,
  wanted: readonly Wanted[],
  compute: () => WorkProcess<'compute'>,
  control: JobControl,
  tell: (found: Tuned) => void,
): Promise<Tuned> {
  const { store, catalogue } = w
  const order = shuffled(catalogue.rowsOf('train'), seed)
  const rounds = roundsOf(wanted.length, order.length, halving)
  const cost = rounds.reduce((sum, round) => sum + round.candidates * round.movies, 0)
  let [done, left]: [number, readonly Wanted[]] = [0, wanted]
  let ranked: readonly Candidate[] = []
  // recipes learn from the same labels, whatever is decided meanwhile; the sets differ only by the weight of reviewed movies
  const sets = new Map<number, TrainingSet>()
  const folds = Math.max(...wanted.map(({ config }) => config.folds))
  for (const { config } of wanted) {
    const { reviewedWeight } = config
    if (!sets.has(reviewedWeight))
      sets.set(reviewedWeight, await inSlices(readTrainingSet({ store, catalogue, config: { ...config, folds } })))
  }
  for (const round of rounds) {
    const rows = order.slice(0, round.movies).sort()
    const earlier = ranked
    const tried: { readonly of: Wanted; readonly result: Candidate }[] = []
    for (const of of left.slice(0, round.candidates)) {
      const data = dataOf(w, rows, required(sets.get(of.config.reviewedWeight), 'a training set'))
      const own = part(control, done / cost, round.movies / cost)
      const { summary, elapsedMs } = await withFolder(
        c,
        w,
        (folder) => requestOf(c, w, of.config, data, folder),
        (request) => trainOnce(compute, request, own, wordsOf(of.values)),
      )
      control.signal.throwIfAborted()
      done += round.movies
      const { microF1, macroF1 } = summary
      tried.push({ of, result: { values: of.values, movies: rows.length, microF1, macroF1, elapsedMs } })
      tried.sort((a, b) => b.result.microF1 - a.result.microF1)
      // a recipe that goes on counts with its last scores
      const again = new Set(tried.map((each) => each.of.values))
      ranked = [...tried.map(({ result }) => result), ...earlier.filter(({ values }) => !again.has(values))]
      tell({ candidates: ranked })
    }
    left = tried.map(({ of }) => of)
  }
  return { candidates: ranked }
}

/** The data of some training rows alone: without a test part, a training's summary is about its out-of-fold predictions. */
function dataOf(
  { store, catalogue }: Workspace,
  rows: Int32Array,
  set: Pick<TrainingData, 'labels' | 'corrected' | 'excluded' | 'rowWeight'>,
): TrainingData {
  const { k } = catalogue
  const place = new Map(Array.from(rows, (row, i) => [row, i]))
  const cells = (all: Int32Array): Int32Array =>
    Int32Array.from([...all].flatMap((cell) => {
      const at = place.get(Math.floor(cell / k))
      return at === undefined ? [] : [at * k + (cell % k)]
    })) // prettier-ignore
  const labels = new Uint8Array(rows.length * k)
  rows.forEach((row, i) => labels.set(set.labels.subarray(row * k, row * k + k), i * k))
  return {
    project: store.path,
    run: 0,
    genres: Int32Array.from(catalogue.genres, ({ id }) => id),
    movies: rows.map((row) => catalogue.ids[row] ?? 0),
    labels,
    corrected: cells(set.corrected),
    excluded: cells(set.excluded),
    rowWeight: Float32Array.from(rows, (row) => set.rowWeight[row] ?? 1),
    split: Uint8Array.from(rows, (row) => catalogue.split[row] ?? 0),
  }
}
