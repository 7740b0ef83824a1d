/** What a training would take here, before it starts. */
import { freemem } from 'node:os'
import type { CostEstimate } from '../../contract/models.ts'
import type { RunConfig } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import { trainingBytes, type TrainingSize } from '../compute/linear/memory.ts'
import { threadCount } from '../compute/linear/pool.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import type { Workspace } from '../workspace.ts'
import type { Context } from './context.ts'

const MB = 1 << 20

export function sizeOf({ catalogue }: Workspace): TrainingSize {
  const rows = catalogue.rowsOf('train')
  let characters = 0
  for (const row of rows) characters += catalogue.plotLengths[row]!
  return { movies: catalogue.n, training: rows.length, genres: catalogue.k, characters }
}

/** Size of the small transformer: embeddings of tokens and places, layers, the head left out. */
export function scratchParameters({ model, maxTokens }: TransformerConfig): { parameters: number; bytes: number } {
  if (model.source !== 'scratch') throw new Error('not the small transformer')
  const { layers, dim, hidden, vocabulary } = model
  const layer = 4 * dim * (dim + 1) + 2 * dim * hidden + hidden + dim + 4 * dim
  const parameters = (vocabulary + maxTokens + 2) * dim + 2 * dim + layers * layer
  return { parameters, bytes: 4 * parameters }
}

/** Time and memory of a training with this recipe. */
export function estimate(_c: Context, w: Workspace, config: RunConfig): Promise<CostEstimate> {
  const freeMb = Math.round(freemem() / MB)
  const peakMb =
    config.family === 'linear' ? Math.round(trainingBytes(sizeOf(w), config, threadCount((config.folds + 1) * w.catalogue.k)) / MB) : 0
  return Promise.resolve({ seconds: null, peakMb, freeMb, fits: peakMb < freeMb, basis: 'sizes of the catalogue' })
}

/** Throws `too-little-memory` with numbers and what to lower. */
export async function assertFits(c: Context, w: Workspace, config: TransformerConfig): Promise<void> {
  const { fits, peakMb, freeMb } = await estimate(c, w, config)
  if (!fits)
    throw new UserError(
      'too-little-memory',
      `This training needs about ${peakMb} MB of memory and ${freeMb} MB are free: lower the tokens computed at once (microTokens) or the longest text (maxTokens), or train adapters or the head alone.`,
    )
}
