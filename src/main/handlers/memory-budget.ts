/** Estimates of a training's time and memory on this machine. */
import { availableParallelism } from 'node:os'
import { UserError } from '../../contract/errors.ts'
import { required } from '../../contract/required.ts'
import type { CostEstimate, TransformerConfig, UsableModel } from '../../contract/models.ts'
import type { EnsembleConfig, RunConfig } from '../../contract/records.ts'
import { SMALLER as SMALLER_LINEAR, spareMemory, trainingBytes, type TrainingSize as LinearSize } from '../compute/linear/memory.ts'
import { threadCount } from '../compute/linear/pool.ts'
import { linearDefaults } from '../compute/linear/defaults.ts'
import { suspectDefaults } from '../compute/suspects.ts'
import { MAX_MOVIES } from '../jobs/suspects.ts'
import { FAMILIES } from '../compute/models/families/index.ts'
import { parseConfig } from '../compute/models/open-model.ts'
import { SMALLER as SMALLER_TRANSFORMERS, trainingCost, type TrainingSize } from '../compute/train/memory.ts'
import { smallConfig } from '../compute/train/source.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'

const MB = 1 << 20
/** Memory reserved for the system and the rest of the program. */
const SPARE_BYTES = 256e6
/** Speed of one desktop core in a transformer's matrix products. */
const OPERATIONS_PER_SECOND = 30e9
/** Seconds of one core for a character of the plots, a genre and a fit: the 9000+ Movies dataset takes 4.5 s on two cores. */
const LINEAR_SECONDS = 35e-9

function linearSize({ catalogue }: Workspace): LinearSize {
  const rows = catalogue.rowsOf('train')
  let characters = 0
  for (const row of rows) characters += catalogue.plotLengths[row]!
  return { movies: catalogue.n, training: rows.length, genres: catalogue.k, characters }
}

function sizeOf(w: Workspace, config: TransformerConfig, used: UsableModel | null): TrainingSize {
  const { movies, training, genres, characters } = linearSize(w)
  const labels = w.catalogue.genres.map((g) => g.name)
  const model =
    config.model.source === 'scratch'
      ? parseConfig(smallConfig(config.model, config.model.vocabulary, config.maxTokens), 'The small transformer')
      : { ...required(used, 'the model of the recipe').settings, raw: {} }
  const tensors = FAMILIES[model.architecture].tensors({ ...model, labels })
  return { model, tensors, movies, training, genres, characters: characters / Math.max(1, training) }
}

/** Parameters of a recipe's small transformer without its head, and their size in bytes. */
export function scratchParameters({ model, maxTokens }: TransformerConfig): { parameters: number; bytes: number } {
  if (model.source !== 'scratch') throw new Error('not the small transformer')
  const config = parseConfig(smallConfig(model, model.vocabulary, maxTokens), 'The small transformer')
  const parameters = FAMILIES[config.architecture]
    .tensors(config)
    .filter(({ part }) => part === 'embeddings' || part === 'layer')
    .reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0)
  return { parameters, bytes: 4 * parameters }
}

const freeBytes = (): number => Math.max(0, spareMemory() - SPARE_BYTES)

/**
 * Time and memory of a training with this recipe, corrected by the measured costs of such trainings, and of the search for suspects at its end.
 * @param used the model of the library that it begins with
 */
export function estimate(c: Context, w: Workspace, config: RunConfig, used: UsableModel | null): CostEstimate {
  const free = freeBytes()
  const { peakBytes, seconds } = costOf(w, config, used)
  const { time, memory, runs } = c.measuredCosts.of(kindOf(config))
  const bytes = peakBytes * memory
  return {
    seconds: seconds * time + searchSeconds(c, w),
    peakMb: Math.round(bytes / MB),
    freeMb: Math.round(free / MB),
    fits: bytes <= free,
    runs,
  }
}

/** The share of a training in the time that {@link estimate} says; the rest is the search for suspects. */
export function trainingShare(c: Context, w: Workspace, config: RunConfig, used: UsableModel | null): number {
  const seconds = costOf(w, config, used).seconds * c.measuredCosts.of(kindOf(config)).time
  return seconds / (seconds + searchSeconds(c, w))
}

/** Returns the function that records the costs of a training. Call it before the training, because it estimates from the current catalogue. */
export function measuring(
  c: Context,
  w: Workspace,
  config: RunConfig,
  used: UsableModel | null,
): (elapsedMs: number, memoryMb: number) => void {
  const { peakBytes, seconds } = costOf(w, config, used)
  const kind = kindOf(config)
  return (elapsedMs, memoryMb) =>
    c.measuredCosts.add({ kind, time: Math.max(1, elapsedMs) / 1000 / seconds, memory: (memoryMb * MB) / peakBytes })
}

/** Trainings whose estimates are wrong by the same factor. */
const kindOf = (config: RunConfig): string =>
  config.family !== 'transformer'
    ? config.family
    : [config.model.source === 'library' ? config.model.id : 'scratch', config.mode, config.device].join(' ')

interface Estimated {
  readonly peakBytes: number
  readonly seconds: number
}
const costOf = (w: Workspace, config: RunConfig, used: UsableModel | null): Estimated => {
  if (config.family === 'ensemble') return ensembleCost(w, config)
  return config.family === 'linear' ? linearCost(w, config) : transformerCost(w, config, used)
}

/** Bytes of a process without data, and of a member's logit: as it is, and standardised with its column. */
const [ENSEMBLE_BASE, LOGIT_BYTES] = [220e6, 4 + 10]
/** Seconds of a movie's part in one fit of a stack, for each pair of logits. */
const STACK_SECONDS = 1e-8
function ensembleCost({ catalogue: { n, k } }: Workspace, { how, runs, folds }: EnsembleConfig): Estimated {
  const logits = runs.length * k
  const fits = how === 'stack' ? k * (folds + 1) : 0
  return { peakBytes: ENSEMBLE_BASE + n * logits * LOGIT_BYTES, seconds: 1 + STACK_SECONDS * n * fits * logits ** 2 }
}

function linearCost(w: Workspace, config: Extract<RunConfig, { family: 'linear' }>): Estimated {
  const size = linearSize(w)
  const fits = (config.folds + 1) * w.catalogue.k
  const threads = threadCount(fits)
  return { peakBytes: trainingBytes(size, config, threads), seconds: 1 + (LINEAR_SECONDS * size.characters * fits) / threads }
}

/** Fits of a search keep no weights, which takes half of the time. */
const SEARCH_SHARE = 0.5
/** Seconds of comparing two movies' words. */
const PAIR_SECONDS = 2.5e-9
function searchSeconds(c: Context, w: Workspace): number {
  const { n, k } = w.catalogue
  if (n > MAX_MOVIES) return 0
  const { divisions, linear } = suspectDefaults(linearDefaults(n), n)
  const fits = (divisions + 1) * linear.folds * k
  const characters = w.catalogue.plotLengths.reduce((sum, length) => sum + length, 0)
  const seconds = 1 + (SEARCH_SHARE * LINEAR_SECONDS * characters * fits) / threadCount(fits) + PAIR_SECONDS * n * n
  return seconds * c.measuredCosts.of('linear').time
}

function transformerCost(w: Workspace, config: TransformerConfig, used: UsableModel | null): Estimated {
  const { peakBytes, operations } = trainingCost(sizeOf(w, config, used), config)
  const cores = Math.min(config.threads ?? Infinity, availableParallelism())
  return { peakBytes, seconds: 1 + operations / (OPERATIONS_PER_SECOND * cores) }
}

/** Checks the estimate that the window shows. @throws UserError `too-little-memory` with the numbers and a recipe that would fit */
export function assertFits(c: Context, w: Workspace, config: RunConfig, used: UsableModel | null, free = freeBytes()): void {
  const needed = peakBytes(c, w, config, used)
  if (needed <= free) return
  const fits = smallerRecipes(config)
    .map(({ name, recipe }) => ({ name, bytes: peakBytes(c, w, recipe, used) }))
    .find(({ bytes }) => bytes <= free && bytes < needed)
  const advice = fits ? `choose ${fits.name} (${gigabytes(fits.bytes)})` : 'choose a smaller model, or a machine with more memory'
  throw new UserError(
    'too-little-memory',
    `This training needs about ${gigabytes(needed)} of memory, and ${gigabytes(free)} are free: close other programs, or ${advice}.`,
  )
}
function smallerRecipes(config: RunConfig): { readonly name: string; readonly recipe: RunConfig }[] {
  if (config.family === 'ensemble') return []
  if (config.family === 'linear') return SMALLER_LINEAR.map(({ name, change }) => ({ name, recipe: { ...config, ...change } }))
  // a model without pretrained weights is trained in full
  const possible = SMALLER_TRANSFORMERS.filter(({ change }) => config.model.source === 'library' || change.mode === undefined)
  return possible.map(({ name, change }) => ({ name, recipe: { ...config, ...change } }))
}
const peakBytes = (c: Context, w: Workspace, config: RunConfig, used: UsableModel | null): number =>
  costOf(w, config, used).peakBytes * c.measuredCosts.of(kindOf(config)).memory
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
