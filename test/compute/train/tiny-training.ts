/**
 * A whole fine-tuning of a tiny model, for tests: in this process, or in one that may be killed (`node tiny-training.ts FOLDER`).
 * Prints a line for each update.
 */
import { join } from 'node:path'
import { NOT_TRAINING } from '../../../src/contract/jobs.ts'
import type { EpochFigures, TransformerConfig } from '../../../src/contract/models.ts'
import { validationScore } from '../../../src/main/compute/evaluate.ts'
import { scratchDefaults } from '../../../src/main/compute/train/defaults.ts'
import { fineTune, fineTunePart, type FineTuned, type FineTuneHost, type FineTuneInput } from '../../../src/main/compute/train/finetune.ts'

export const ROWS = 160
const K = 2
/** Number of plots; the first 140 are the training part. Genre 0 is about wizards, genre 1 about wars. */
export const plots = Array.from({ length: ROWS }, (_, i) => {
  const [who, where] = [i % 3 === 0 ? 'robot' : 'wizard', (i >> 1) % 2 === 0 ? 'war' : 'school']
  return `A ${['young', 'old', 'lonely', 'brave'][i % 4]} ${who} goes to ${where} and finds ${i} friends.`
})
export const labels = Uint8Array.from(plots.flatMap((plot) => [plot.includes('wizard') ? 1 : 0, plot.includes('war') ? 1 : 0]))

export const tinyInput: FineTuneInput = {
  n: ROWS,
  k: K,
  plots: (rows) => Array.from(rows, (row) => plots[row]!),
  labels,
  excluded: null,
  rowWeight: null,
  fold: Uint8Array.from({ length: ROWS }, (_, i) => (i < 140 ? (i >> 2) % 2 : NOT_TRAINING)),
  valid: Int32Array.from({ length: ROWS }, (_, i) => i).filter((i) => i >= 140),
  genreNames: ['Fantasy', 'War'],
}
export const tinyRecipe: TransformerConfig = {
  ...scratchDefaults(),
  model: { source: 'scratch', layers: 1, dim: 32, heads: 2, hidden: 32, vocabulary: 300, warmUpEpochs: 1 },
  epochs: 4,
  folds: 2,
  batch: 16,
  microTokens: 150,
  learningRate: 5e-3,
  dropout: 0.1,
  patience: null,
}

export interface Reports {
  readonly epochs: EpochFigures[]
  readonly notes: string[]
  readonly fractions: number[]
}
export interface TinyOptions {
  readonly recipe?: Partial<TransformerConfig>
  readonly input?: Partial<FineTuneInput>
  readonly modelFolder?: string | null
  readonly adapterFolder?: string | null
  readonly step?: () => void
  readonly reports?: Reports
  readonly checkpointMs?: number
}

const placesIn = (folder: string, { modelFolder = null, adapterFolder = null }: TinyOptions) => ({
  modelFolder,
  adapterFolder,
  runFolder: join(folder, 'run'),
  cacheFolder: join(folder, 'cache'),
  deviceFolder: folder,
})

/** @param folder receives the training's files in `run` and `cache` */
export const tinyTraining = (folder: string, options: TinyOptions = {}): Promise<FineTuned> =>
  fineTune({ ...tinyInput, ...options.input }, { ...tinyRecipe, ...options.recipe }, placesIn(folder, options), hostOf(options))

/** One part of the same training, whose result the folder receives. */
export const tinyPart = (folder: string, part: 'warm-up' | number, options: TinyOptions = {}): Promise<void> =>
  fineTunePart({ ...tinyInput, ...options.input }, { ...tinyRecipe, ...options.recipe }, placesIn(folder, options), hostOf(options), part)

function hostOf({ step, reports, checkpointMs }: TinyOptions): FineTuneHost {
  return {
    progress: (fraction) => {
      reports?.fractions.push(fraction)
      step?.()
    },
    epoch: (figures) => reports?.epochs.push(figures),
    note: (text) => reports?.notes.push(text),
    device: () => undefined,
    score: validationScore,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    session: () => Promise.resolve({ options: { device: 'cpu', threads: 1 }, words: 'CPU, 1 thread' }),
    ...(checkpointMs === undefined ? {} : { checkpointMs }),
  }
}

if (import.meta.main) {
  await tinyTraining(process.argv[2]!, { step: () => process.stdout.write('.\n'), checkpointMs: 5 })
  process.stdout.write('done\n')
}
