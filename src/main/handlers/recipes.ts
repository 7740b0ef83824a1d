/** Recipes: defaults, and the complete recipe for a caller's settings. */
import type { Args } from '../../contract/api.ts'
import { schemaProblems, UserError } from '../../contract/errors.ts'
import { MAPPING_KEYS } from '../../contract/importing.ts'
import { TRANSFORMER_CONFIG, type TransformerConfig, type UsableModel } from '../../contract/models.ts'
import type { LinearConfig, RunConfig } from '../../contract/records.ts'
import { ENSEMBLE_SETTINGS, LINEAR_CONFIG, TRANSFORMER_SETTINGS, type ConfigIn, type TransformerIn } from '../../contract/training.ts'
import { LINEAR_DEFAULTS, linearDefaults } from '../compute/linear/defaults.ts'
import { libraryDefaults, scratchDefaults } from '../compute/train/defaults.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'
import { ensembleConfig } from './ensemble.ts'

const SCRATCH_ID = 'scratch'

/** The default recipe for a family, model and mode, with the device and threads of the settings. @throws UserError `no-model`, `model-unusable` */
export async function defaultsOf(c: Context, w: Workspace, { family, model, mode }: Args<'train.defaults'>): Promise<RunConfig> {
  if (family === 'linear') return linearDefaults(w.catalogue.rowsOf('train').length)
  const { trainingDevice: device, trainingThreads: threads } = c.settings.settings
  if (model === SCRATCH_ID) return { ...scratchDefaults(), ...(mode ? { mode } : {}), device, threads }
  const { id, architecture, lora } = await usableModel(c, model)
  const recipe = { ...libraryDefaults({ source: 'library', id, digest: '' }, architecture, mode ?? undefined), device, threads }
  // training of an adapter continues with the adapter's own rank, alpha and targets
  return lora ? { ...recipe, lora } : recipe
}

/** A model of the library. @throws UserError `no-model`, `model-unusable` with its problem */
export async function usableModel(c: Context, id: string): Promise<UsableModel> {
  return (await c.reader.ask({ t: 'model', library: c.library.dir, model: id }, [id])).model
}
/** The model of the library that a recipe begins with; null if it begins with none. @throws UserError as {@link usableModel} */
export const modelOf = async (c: Context, config: RunConfig): Promise<UsableModel | null> =>
  config.family === 'transformer' && config.model.source === 'library' ? usableModel(c, config.model.id) : null

/**
 * The complete recipe for the given settings. Missing ones come from the run being retrained if it has the same family, model
 * and mode, else from the defaults.
 * @throws UserError `bad-arguments`, `no-column`
 */
export async function configOf(c: Context, w: Workspace, given: ConfigIn, old: RunConfig | null): Promise<RunConfig> {
  const config = await completed(c, w, given, old)
  const known = textColumns(w)
  const missing = config.columns?.find((name) => !known.includes(name))
  if (missing !== undefined)
    throw new UserError(
      'no-column',
      `A model cannot read the column "${missing}": ${known.length > 0 ? `choose of ${known.join(', ')}` : 'the catalogue has no further columns'}.`,
    )
  return config
}

/** Original columns that a model may read after the plot: not those of the id, the title, the plot and the genres, nor a split. */
export function textColumns({ store }: Workspace): string[] {
  const files = store.sources.currentFiles().filter(({ role }) => role === 'movies')
  const others = files.flatMap(({ columns, mapping, genreColumns, genresColumn, idColumn }) => {
    const taken = new Set([...MAPPING_KEYS.map((key) => mapping[key]), ...genreColumns, genresColumn, idColumn, ''])
    return columns.filter((name) => !taken.has(name))
  })
  return [...new Set(others)]
}

async function completed(c: Context, w: Workspace, given: ConfigIn, old: RunConfig | null): Promise<RunConfig> {
  const family = given.family ?? old?.family ?? 'linear'
  if (family === 'linear') {
    const base = old?.family === 'linear' ? old : linearDefaults(w.catalogue.rowsOf('train').length)
    return { ...LINEAR_DEFAULTS, ...base, ...checked(LINEAR_CONFIG, given) } as LinearConfig
  }
  if (family === 'ensemble') return ensembleConfig(w, checked(ENSEMBLE_SETTINGS, { ...given, family }), old)
  return transformerConfig(c, w, checked(TRANSFORMER_SETTINGS, { ...given, family }), old)
}

async function transformerConfig(c: Context, w: Workspace, given: TransformerIn, old: RunConfig | null): Promise<TransformerConfig> {
  const before = old?.family === 'transformer' ? old : null
  const model = given.model ? idOf({ model: given.model }) : before ? idOf(before) : SCRATCH_ID
  // each mode has its own learning rate
  const isSame = before !== null && idOf(before) === model && (given.mode ?? before.mode) === before.mode
  const base = isSame ? before : ((await defaultsOf(c, w, { family: 'transformer', model, mode: given.mode ?? null })) as TransformerConfig)
  const config = checked(TRANSFORMER_CONFIG, {
    ...base,
    ...given,
    lora: { ...base.lora, ...given.lora },
    focal: { ...base.focal, ...given.focal },
  })
  const { source } = config.model
  if (config.model.source === 'scratch' && config.model.dim % config.model.heads !== 0)
    throw new UserError(
      'bad-arguments',
      `config.model.heads: ${config.model.dim} numbers cannot be shared by ${config.model.heads} heads evenly`,
    )
  if (source === 'scratch' && config.mode !== 'full')
    throw new UserError('bad-arguments', 'config.mode: a model without weights is trained whole: choose full')
  return config
}

const idOf = ({ model }: Pick<TransformerConfig, 'model'>): string => (model.source === 'library' ? model.id : SCRATCH_ID)

interface Schema<T> {
  safeParse(value: unknown): {
    readonly data?: T | undefined
    readonly error?: { readonly issues: readonly { path: PropertyKey[]; message: string }[] } | undefined
  }
}
function checked<T>(schema: Schema<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (!error) return data as T
  const issues = error.issues.map(({ path, message }) => ({ path: ['config', ...path], message }))
  throw new UserError('bad-arguments', schemaProblems({ issues }, 'config', 8))
}

const MODES: Readonly<Record<TransformerConfig['mode'], string>> = {
  lora: 'LoRA of',
  head: 'Head of',
  top: 'Top layers of',
  full: 'Fine-tuned',
}
/** Name of a run with this recipe. */
export function nameOf(c: Context, config: RunConfig): string {
  if (config.family === 'linear') return 'Training'
  if (config.family === 'ensemble') return `Ensemble of runs ${config.runs.join(', ')}`
  if (config.model.source === 'scratch') return 'Small transformer'
  return `${MODES[config.mode]} ${c.library.get(config.model.id, c.library.known()).name}`
}
