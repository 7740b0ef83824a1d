/** Default recipes. docs/transformer-defaults.md has the measurements and the published recipes behind them. */
import { LARGE_LOSS } from './losses.ts'
import {
  isDecoder,
  type Architecture,
  type LibraryModel,
  type ScratchModel,
  type TrainMode,
  type TransformerConfig,
} from '../../../contract/models.ts'

/** The small transformer: no download, trained from the project's own plots. */
export const SCRATCH_MODEL: ScratchModel = {
  source: 'scratch',
  layers: 1,
  dim: 128,
  heads: 4,
  hidden: 256,
  vocabulary: 8000,
  warmUpEpochs: 6,
}

const COMMON = {
  family: 'transformer',
  topLayers: 2,
  lora: { rank: 8, alpha: 16, dropout: 0.1, targets: [] },
  loss: 'bce',
  // published for DistilBERT on movie genres
  focal: { alpha: 0.375, gamma: 2 },
  largeLoss: LARGE_LOSS,
  schedule: 'linear',
  warmUp: 0.1,
  weightDecay: 0.01,
  decayAll: false,
  clip: 1,
  maxTokens: 256,
  microTokens: 2048,
  dropout: null,
  keep: 'micro-f1',
  patience: 2,
  validation: 0.1,
  outOfFold: 'folds',
  folds: 5,
  seed: 42,
  reads: 'title-plot',
  columns: [],
  dropWords: [],
  device: 'auto',
  threads: null,
  cacheMb: 8192,
  reviewedWeight: 1.25,
} as const satisfies Partial<TransformerConfig>

type Recipe = Pick<TransformerConfig, 'learningRate' | 'epochs' | 'batch' | 'outOfFold'>

/**
 * Published weights: 2e-5 and small batches for a full fine-tune (Devlin et al. 2019, A.3), ten times and more for adapters (Hu et al.
 * 2021, D).
 */
const PRETRAINED: Record<TrainMode, Recipe> = {
  full: { learningRate: 3e-5, epochs: 3, batch: 16, outOfFold: 'head' },
  top: { learningRate: 5e-5, epochs: 4, batch: 16, outOfFold: 'head' },
  lora: { learningRate: 5e-4, epochs: 4, batch: 16, outOfFold: 'head' },
  // with cached activations an update costs only its optimiser: few, large updates
  head: { learningRate: 3e-3, epochs: 15, batch: 256, outOfFold: 'folds' },
}
/** Decoders are much larger: fewer movies per pass. */
const OF_DECODER: Partial<TransformerConfig> = { batch: 8, microTokens: 1024 }
/** A model trained from scratch: everything is trained, at a rate that would destroy published weights. */
const FROM_SCRATCH: Recipe & Partial<TransformerConfig> = {
  learningRate: 1e-3,
  epochs: 8,
  batch: 32,
  outOfFold: 'folds',
  microTokens: 8192,
  maxTokens: 192,
  dropout: 0.2,
  patience: 3,
  weightDecay: 0.05,
}

/** The default recipe of the small transformer. */
export const scratchDefaults = (): TransformerConfig => ({ ...COMMON, mode: 'full', ...FROM_SCRATCH, model: SCRATCH_MODEL })

/** The default recipe of a model of the library. */
export const libraryDefaults = (model: LibraryModel, architecture: Architecture, mode: TrainMode = 'lora'): TransformerConfig => ({
  ...COMMON,
  mode,
  ...PRETRAINED[mode],
  ...(isDecoder(architecture) && OF_DECODER),
  model,
})
