/** Estimates of a training's time and memory on this machine. */
import { availableParallelism } from 'node:os'
import type { CostEstimate, TransformerConfig } from '../../contract/models.ts'
import type { RunConfig } from '../../contract/records.ts'
import {
  assertMemory as assertLinearMemory,
  spareMemory,
  trainingBytes,
  type TrainingSize as LinearSize,
} from '../compute/linear/memory.ts'
import { threadCount } from '../compute/linear/pool.ts'
import { FAMILIES } from '../compute/models/families/index.ts'
import { parseConfig, readConfig } from '../compute/models/open-model.ts'
import { assertMemory, trainingCost, type TrainingSize } from '../compute/train/memory.ts'
import { smallConfig } from '../compute/train/source.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'

const MB = 1 << 20
/** Memory reserved for the system and the rest of the program. */
const SPARE_BYTES = 256e6
/** Speed of one desktop core in a transformer's matrix products. */
const OPERATIONS_PER_SECOND = 30e9

function linearSize({ catalogue }: Workspace): LinearSize {
  const rows = catalogue.rowsOf('train')
  let characters = 0
  for (const row of rows) characters += catalogue.plotLengths[row]!
  return { movies: catalogue.n, training: rows.length, genres: catalogue.k, characters }
}

/** @throws UserError if the model is missing or cannot be used */
function sizeOf(c: Context, w: Workspace, config: TransformerConfig): TrainingSize {
  const { movies, training, genres, characters } = linearSize(w)
  const labels = w.catalogue.genres.map((g) => g.name)
  const model =
    config.model.source === 'scratch'
      ? parseConfig(smallConfig(config.model, config.model.vocabulary, config.maxTokens), 'The small transformer')
      : readConfig(c.library.files(config.model.id).modelFolder)
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

/** Time and memory of a training with this recipe. @throws UserError if the model cannot be used */
export function estimate(c: Context, w: Workspace, config: RunConfig): CostEstimate {
  const free = freeBytes()
  const { peakBytes, seconds, basis } = config.family === 'linear' ? linearCost(w, config) : transformerCost(c, w, config)
  return { seconds, peakMb: Math.round(peakBytes / MB), freeMb: Math.round(free / MB), fits: peakBytes <= free, basis }
}

interface Estimated {
  readonly peakBytes: number
  readonly seconds: number | null
  readonly basis: string
}
function linearCost(w: Workspace, config: Extract<RunConfig, { family: 'linear' }>): Estimated {
  const peakBytes = trainingBytes(linearSize(w), config, threadCount((config.folds + 1) * w.catalogue.k))
  const before = lastPace(w, (run) => run.config.family === 'linear')
  return before === null
    ? { peakBytes, seconds: null, basis: 'Time: known after the first run.' }
    : {
        peakBytes,
        seconds: (before * w.catalogue.n) / 1000,
        basis: 'Time: as in the last linear run.',
      }
}
/** Milliseconds per movie of the newest finished run that `of` selects; null if there is none. */
function lastPace({ store, catalogue }: Workspace, of: (run: { readonly config: RunConfig }) => boolean): number | null {
  const run = store.runs.all().findLast((r) => r.status === 'done' && of(r))
  return run?.elapsedMs == null || catalogue.n === 0 ? null : run.elapsedMs / catalogue.n
}

function transformerCost(c: Context, w: Workspace, config: TransformerConfig): Estimated {
  const { peakBytes, operations } = trainingCost(sizeOf(c, w, config), config)
  const cores = Math.min(config.threads ?? Infinity, availableParallelism())
  return {
    peakBytes,
    seconds: operations / (OPERATIONS_PER_SECOND * cores),
    basis: `Estimated for ${cores} ordinary cores.`,
  }
}

/** @throws UserError `too-little-memory` if a training would not fit, saying which settings to lower */
export function assertFits(c: Context, w: Workspace, config: RunConfig): void {
  if (config.family === 'linear') assertLinearMemory(linearSize(w), config, threadCount((config.folds + 1) * w.catalogue.k))
  else assertMemory(sizeOf(c, w, config), config, freeBytes())
}
