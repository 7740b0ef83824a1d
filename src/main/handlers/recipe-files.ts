/** Recipes as files: the published ones, running one on the open project, and the reports of their runs. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ClassicalSettings } from '../../contract/classical.ts'
import { UserError } from '../../contract/errors.ts'
import type { ClassicalJob, TrainingData, TrainingRequest } from '../../contract/jobs.ts'
import type {
  RECIPE_METHODS,
  RecipeFile,
  RecipeModel,
  RecipeReport,
  RecipeResult,
  TrainedRecipeModel,
} from '../../contract/recipe-files.ts'
import { isTrainable, type ScratchModel } from '../../contract/models.ts'
import type { LinearConfig, RunConfig } from '../../contract/records.ts'
import type { ConfigIn } from '../../contract/training.ts'
import { quoted } from '../../contract/words.ts'
import { linearDefaults } from '../compute/linear/defaults.ts'
import { strongestWords } from '../compute/linear/explain.ts'
import { deserialise } from '../compute/linear/serialise.ts'
import { SCRATCH_MODEL } from '../compute/train/defaults.ts'
import { caveatOf } from '../compute/train/job.ts'
import { toCsv } from '../data/export/table.ts'
import { makeFileAtomically, writeNew } from '../files/atomic.ts'
import { recipeData, type RecipeData } from '../jobs/recipe-rows.ts'
import { withTexts, zeroShot } from '../jobs/recipe-texts.ts'
import {
  comparison,
  decided,
  predictionTable,
  quartersOf,
  scored,
  trainOnce,
  withLengths,
  type Decided,
  type Trained,
} from '../jobs/recipe-run.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { refuseToOverwrite } from './export.ts'
import { assertFits } from './memory-budget.ts'
import { PUBLISHED_RECIPES } from './published-recipes.ts'
import { configOf, modelOf } from './recipes.ts'
import { fineTune, withDigest } from './train.ts'

/** Reports that a project keeps. */
const KEPT = 10

export function recipeHandlers(c: Context): Handlers<typeof RECIPE_METHODS> {
  const reportsOf = ({ store }: Workspace): readonly RecipeReport[] => store.meta.get('recipes') ?? []
  return {
    'recipes.list': () => PUBLISHED_RECIPES,
    'recipes.reports': () => [...reportsOf(c.workspace())].reverse(),
    'recipes.delete': ({ report }) => {
      const w = c.workspace()
      const left = reportsOf(w).filter(({ id }) => id !== report)
      w.store.transaction(() => w.store.meta.set('recipes', left))
      c.emit('changed', { what: 'runs' })
      return null
    },
    'recipes.run': ({ recipe, predictions }) => {
      const w = c.workspace()
      const target = predictions === null ? null : resolve(predictions)
      if (target !== null) refuseToOverwrite(target, w)
      return c.jobs.start('recipe', null, async (control) => {
        const found = await run(c, w, recipe, control)
        control.signal.throwIfAborted()
        if (target !== null) await writePredictions(c, w, found, target)
        const before = reportsOf(w)
        const report = { ...found.report, id: (before.at(-1)?.id ?? 0) + 1 }
        w.store.transaction(() => w.store.meta.set('recipes', [...before, report].slice(-KEPT)))
        c.emit('changed', { what: 'runs' })
        const { train, valid, test } = report.rows.parts
        return { message: `${recipe.title}: ${train.length} movies to train on, ${valid.length} to validate, ${test.length} to test.`, result: report } // prettier-ignore
      })
    },
  }
}

interface ModelRun {
  readonly name: string
  readonly trained: Trained
  readonly first: Decided
}
interface Found {
  readonly report: Omit<RecipeReport, 'id'>
  readonly data: RecipeData
  readonly models: readonly ModelRun[]
}

/** Words of a genre in a report. */
const WORDS = 12
/** Share of the job that choosing the rows stands for. */
const ROWS_SHARE = 0.05

async function run(c: Context, w: Workspace, recipe: RecipeFile, control: JobControl): Promise<Found> {
  const startedAt = performance.now()
  const createdAt = new Date().toISOString()
  const data = await recipeData(w.store, w.catalogue, recipe, part(control, 0, ROWS_SHARE))
  const results: RecipeResult[] = []
  const models: ModelRun[] = []
  const comparisons: RecipeReport['comparisons'][number][] = []
  const defaults = defaultModels(recipe, data)
  const lengths = quartersOf(data)
  let words: NonNullable<RecipeReport['words']> = []
  const steps = recipe.models.filter((model) => 'thresholds' in model).length + defaults.length
  const next = (): JobControl => part(control, ROWS_SHARE + ((1 - ROWS_SHARE) * done++) / steps, (1 - ROWS_SHARE) / steps)
  let done = 0
  for (const model of recipe.models) {
    if (!('thresholds' in model)) {
      results.push(await untrained(w, data, model))
      continue
    }
    if (model.kind === 'classical' && model.settings.vectors !== null && vectorsOf(c, model) === null) {
      results.push(...model.thresholds.map(({ published }) => leftOut(model.name, lacking(model.settings), published)))
      done++
      continue
    }
    const texts = withTexts(w.store, data.data, model.texts, model.imbalance, recipe.training.seed)
    if ('lacking' in texts) {
      results.push(...model.thresholds.map(({ published }) => leftOut(model.name, texts.lacking, published)))
      done++
      continue
    }
    const { trained, note: differs } = await train(c, w, recipe, { ...data, data: texts.data }, model, next())
    const note = [differs, texts.note].filter((text) => text !== '').join(' ')
    const all = await decided({ recipe, data: data.data, model: model.name, note }, trained, model.thresholds)
    results.push(...all.map((each) => withLengths(data, lengths, each)))
    const [first] = all
    if (!first) continue
    const older = models.find(({ name }) => name === model.against)
    if (older) comparisons.push(await comparison(data, older.first, first, recipe.training.seed))
    models.push({ name: model.name, trained, first })
  }
  for (const { name, config } of defaults) {
    const trained = await trainOnce(() => c.spawn('compute'), { t: 'train', config, ...data.data }, next(), name)
    const thresholds = Float32Array.from(trained.thresholds)
    const scoring = { name: 'as trained', published: {}, atLeastOne: true }
    results.push(withLengths(data, lengths, await scored({ data: data.data, model: name, note: '' }, trained, thresholds, scoring)))
    if (words.length === 0) words = wordsOf(trained)
  }
  const genres = data.genres.map(({ name }) => name)
  const elapsedMs = Math.round(performance.now() - startedAt)
  return { report: { recipe, createdAt, elapsedMs, genres, rows: data.rows, results, lengths, words, comparisons }, data, models }
}

/** Strongest words of a linear model; none if it cannot be read, because the figures of a report stand without them. */
function wordsOf({ model }: Trained): NonNullable<RecipeReport['words']> {
  try {
    return model === null ? [] : strongestWords(deserialise(model), WORDS)
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}

/** Reelabel's default, and the default on plots alone where the recipe reads only them. */
function defaultModels({ text, training }: RecipeFile, { rows }: RecipeData): { name: string; config: LinearConfig }[] {
  const config = { ...linearDefaults(rows.parts.train.length), ...training }
  const plain = { name: "Reelabel's default", config }
  return text.reads === 'plot' ? [plain, { name: "Reelabel's default, plots alone", config: { ...config, reads: 'plot' } }] : [plain]
}

const NEEDS = {
  translator: 'left out: it needs a translator',
  'text service': 'left out: it needs a service that rewrites texts',
  decoder: 'left out: it asks a large language model',
} as const

const leftOut = (model: string, note: string, published: RecipeResult['published']): RecipeResult => ({
  model,
  thresholds: '',
  note,
  figures: null,
  published,
  genres: [],
  epochs: [],
  elapsedMs: 0,
})
const lacking = ({ vectors, features }: ClassicalSettings): string =>
  `left out: the library has no ${features === 'vector-file' ? 'file of word vectors' : 'static embeddings'} named ${quoted(vectors ?? '')}: add the ${features === 'vector-file' ? 'file' : 'folder, or download it'}, then run the recipe again`

async function untrained(
  w: Workspace,
  { data, genres }: RecipeData,
  model: Exclude<RecipeModel, TrainedRecipeModel>,
): Promise<RecipeResult> {
  const { name, published } = model
  if (model.kind === 'absent') return leftOut(name, NEEDS[model.needs], published)
  if (model.kind === 'zero-shot') {
    const named = zeroShot(w.store, data, genres.map(({ name }) => name)) // prettier-ignore
    if ('lacking' in named) return leftOut(name, named.lacking, published)
    const halves = new Float32Array(genres.length).fill(0.5)
    const predictions = { probabilities: named.probabilities, epochs: [], elapsedMs: 0 }
    return (await scored({ data, model: name, note: named.note }, predictions, halves, { name: '', published, atLeastOne: false })).result
  }
  const nothing = { probabilities: new Float32Array(data.labels.length), epochs: [], elapsedMs: 0 }
  const ones = new Float32Array(data.genres.length).fill(1)
  const { result } = await scored({ data, model: name, note: '' }, nothing, ones, { name: '', published, atLeastOne: false }) // prettier-ignore
  return result
}

async function train(
  c: Context,
  w: Workspace,
  recipe: RecipeFile,
  found: RecipeData,
  model: TrainedRecipeModel,
  control: JobControl,
): Promise<{ trained: Trained; note: string }> {
  if (model.kind === 'classical')
    return {
      trained: await trainOnce(() => c.spawn('compute'), classicalJob(recipe, found, model, vectorsOf(c, model)), control, model.name),
      note: '',
    }
  const { data, rows } = found
  const { given, note } = settingsOf(c, recipe, model)
  const config = await configOf(c, w, given, null)
  const trained = await withFolder(c, w, (folder) => requestOf(c, w, config, data, folder), (request) => trainOnce(() => c.spawn('compute'), request, control, model.name)) // prettier-ignore
  // it is about out-of-fold predictions, which nothing is chosen on where there is a validation part
  const caveat = rows.parts.valid.length > 0 && config.family === 'transformer' ? caveatOf(config) : null
  return { trained, note: [note, ...trained.notes].filter((text) => text !== '' && text !== caveat).join(' ') }
}

type ClassicalModel = Extract<TrainedRecipeModel, { kind: 'classical' }>

/** The path of the vectors in the library that a model reads; null if it reads none, or the library lacks them. */
function vectorsOf(c: Context, { settings: { vectors, features } }: ClassicalModel): string | null {
  if (vectors === null) return null
  const kind = features === 'vector-file' ? 'vectors' : 'model2vec'
  const entries = c.library.known().filter(({ architecture, problem }) => architecture === kind && problem === null)
  return entries.find(({ id, name }) => [id, name].some((text) => isNamed(text, vectors)))?.path ?? null
}

/** @throws UserError `bad-recipe` for costs of a genre that no movie has */
function classicalJob(
  { text, training }: RecipeFile,
  { data, rows, genres }: RecipeData,
  { name, settings, imbalance, thresholds }: ClassicalModel,
  vectorPath: string | null,
): ClassicalJob {
  const stranger = Object.keys(settings.costs).find((genre) => !genres.some((each) => each.name === genre))
  if (stranger !== undefined) throw new UserError('bad-recipe', `The costs of "${name}" name the genre "${stranger}", which no movie of the recipe has.`) // prettier-ignore
  const costs = genres.map((genre) => settings.costs[genre.name] ?? 1)
  const isSynthetic = imbalance.kind === 'smote' || imbalance.kind === 'mlsmote'
  // folds are only computed where something is chosen on them
  const outOfFold = rows.parts.valid.length === 0 || thresholds.some(({ on }) => on === 'oof')
  const config = { ...settings, vectorPath, ...text, ...training, outOfFold, costs, synthetic: isSynthetic ? imbalance : null }
  return { t: 'classical', config, ...data }
}

/** The settings of a model's training; published weights that are not in the library become the small transformer. */
function settingsOf(
  c: Context,
  { text, training }: RecipeFile,
  model: Exclude<TrainedRecipeModel, { kind: 'classical' }>,
): { given: ConfigIn; note: string } {
  const shared = { ...training, ...text }
  if (model.kind === 'linear') return { given: { ...model.settings, ...shared, family: 'linear' }, note: '' }
  const { weights, settings, small } = model
  // the thresholds of most recipes are chosen on a validation part: a fine-tune for each fold would be thrown away
  const base = { ...shared, family: 'transformer', outOfFold: 'head' } as const
  const found = c.library
    .known()
    .find(
      ({ id, name, problem, architecture }) =>
        problem === null && isTrainable(architecture) && [id, name].some((text) => isNamed(text, weights)),
    )
  if (found) {
    const model = { source: 'library' as const, id: found.id, digest: '' }
    return { given: { ...base, mode: 'full' as const, ...settings, model }, note: '' }
  }
  const { model: sizes, ...rest } = small
  return {
    given: { ...base, ...rest, mode: 'full' as const, model: { ...SCRATCH_MODEL, ...sizes } as ScratchModel },
    note: `${weights} is not in the library: a small transformer without pretrained weights took its place.`,
  }
}
/** `owner/name` and a folder's name both name the weights `name`. */
const isNamed = (text: string, weights: string): boolean => text === weights || text.split(/[\\/]/).at(-1) === weights.split('/').at(-1)

/** The request of a training that is not a run of the project. @throws UserError if it does not fit into memory */
export async function requestOf(c: Context, w: Workspace, recipe: RunConfig, data: TrainingData, folder: string): Promise<TrainingRequest> {
  const used = await modelOf(c, recipe)
  const config = await withDigest(recipe, used)
  assertFits(c, w, config, used)
  if (config.family === 'linear') return { t: 'train', config, ...data }
  if (config.family === 'ensemble') throw new Error('a recipe file has no ensembles')
  mkdirSync(folder, { recursive: true })
  return fineTune(c, w, { config, data }, used)
}

/** Trains with the folder of run 0, which no run of a project has; it is removed afterwards, with the model. */
export async function withFolder<T>(
  c: Context,
  w: Workspace,
  prepare: (folder: string) => Promise<TrainingRequest>,
  work: (request: TrainingRequest) => Promise<T>,
): Promise<T> {
  try {
    return await work(await prepare(c.runFolders.folder(w.store.path, 0)))
  } finally {
    c.runFolders.remove(w.store.path, 0)
  }
}

async function writePredictions(c: Context, w: Workspace, { data, models }: Found, target: string): Promise<void> {
  if (models.length === 0) throw new UserError('nothing-to-train', 'The recipe trains no model, so there are no predictions to write.')
  const { header, rows } = predictionTable(data, (movie) => w.store.movies.head(movie).key, models)
  const text = toCsv(header, rows, { neutraliseFormulas: true })
  await makeFileAtomically(target, async (temporary) => void (await writeNew(temporary, text)), c.projects.temporaryFiles)
}
