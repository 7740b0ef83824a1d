/** Models, devices, trainings of transformers and what they say, for the fake engine. */
import type { Args } from '../../src/contract/api.ts'
import { UserError } from '../../src/contract/errors.ts'
import type {
  CostEstimate,
  DeviceInfo,
  EpochFigures,
  HubModel,
  LibrarySettings,
  ModelEntry,
  TrainingLog,
  TransformerConfig,
} from '../../src/contract/models.ts'
import type { RunConfig, RunInfo, TextPrediction } from '../../src/contract/records.ts'
import type { TransformerIn } from '../../src/contract/training.ts'
import { GENRES, numbers } from './fake-data.ts'
import { DEFAULTS, THRESHOLD } from './fake-records.ts'

export const SMALL: TransformerConfig = {
  family: 'transformer',
  model: { source: 'scratch', layers: 2, dim: 192, heads: 4, hidden: 768, vocabulary: 8000, warmUpEpochs: 2 },
  mode: 'full',
  topLayers: 2,
  lora: { rank: 8, alpha: 16, dropout: 0.1, targets: [] },
  loss: 'bce',
  focal: { alpha: 0.375, gamma: 2 },
  epochs: 4,
  learningRate: 5e-4,
  schedule: 'linear',
  warmUp: 0.1,
  weightDecay: 0.01,
  decayAll: false,
  clip: 1,
  batch: 32,
  microTokens: 8192,
  maxTokens: 192,
  dropout: 0.1,
  keep: 'micro-f1',
  patience: 3,
  validation: 0.1,
  outOfFold: 'folds',
  folds: 5,
  seed: 42,
  device: 'auto',
  threads: null,
  cacheMb: 8192,
  reviewedWeight: 1.25,
}
export const ofLibrary = (id: string, mode: TransformerConfig['mode']): TransformerConfig => ({
  ...SMALL,
  model: { source: 'library', id, digest: 'sha256:1' },
  mode,
  learningRate: mode === 'full' ? 3e-5 : 5e-4,
  dropout: null,
  outOfFold: 'head',
})
export const defaultsFor = ({ family, model, mode }: Args<'train.defaults'>): RunConfig => {
  if (family === 'linear') return DEFAULTS
  return model === 'scratch' ? SMALL : ofLibrary(model, mode ?? 'lora')
}
/** The recipe that settings come to. */
export const configFor = (settings: Args<'train.start'>['config']): RunConfig =>
  settings.family === 'transformer'
    ? { ...SMALL, ...(settings as TransformerConfig) }
    : ({ ...DEFAULTS, ...settings, family: 'linear' } as RunConfig)

export const library: readonly ModelEntry[] = [
  {
    id: 'scratch',
    name: 'Small transformer',
    source: 'scratch',
    architecture: 'bert',
    path: null,
    parameters: 2_500_000,
    bytes: 0,
    license: null,
    problem: null,
    base: null,
  },
  {
    id: 'distilbert/distilbert-base-uncased',
    name: 'distilbert-base-uncased',
    source: 'hub',
    architecture: 'distilbert',
    path: '/data/models/distilbert',
    parameters: 66_362_880,
    bytes: 267_954_768,
    license: 'apache-2.0',
    problem: null,
    base: null,
  },
  {
    id: '/models/tiny-llama',
    name: 'tiny-llama',
    source: 'folder',
    architecture: 'llama',
    path: '/models/tiny-llama',
    parameters: 1_100_048_384,
    bytes: 2_200_119_864,
    license: null,
    problem: null,
    base: null,
  },
  {
    id: '/models/gone',
    name: 'gone',
    source: 'folder',
    architecture: 'bert',
    path: '/models/gone',
    parameters: 109_482_240,
    bytes: 437_955_512,
    license: null,
    problem: 'Its folder /models/gone is not there any more: put it back, or remove the model from this list.',
    base: null,
  },
]
export const estimateOf = (config: RunConfig | TransformerIn | Args<'models.estimate'>['config']): CostEstimate => {
  if (config.family !== 'transformer') return { seconds: 14, peakMb: 380, freeMb: 5200, fits: true, basis: 'From the number of words.' }
  const id = config.model?.source === 'library' ? config.model.id : ''
  const full = config.mode === 'full' && id !== ''
  if (id.includes('llama')) return { seconds: null, peakMb: 18_400, freeMb: 5200, fits: false, basis: '' }
  return {
    seconds: (id === '' ? 30 : 400) * (config.epochs ?? 4) * (full ? 3 : 1),
    peakMb: id === '' ? 540 : full ? 4700 : 1800,
    freeMb: 5200,
    fits: true,
    basis: 'From the sizes of the layers and a measurement of this machine.',
  }
}
export const devices: readonly DeviceInfo[] = [
  { name: 'cpu', label: 'CPU, 2 threads', available: true, note: '' },
  { name: 'webgpu', label: 'GPU (WebGPU): llvmpipe', available: true, note: 'Its self-test gave the CPU’s numbers.' },
  { name: 'cuda', label: 'GPU (CUDA)', available: false, note: 'Not installed.' },
]
export const librarySettings: LibrarySettings = {
  offline: false,
  forced: null,
  hub: 'https://huggingface.co',
  folder: '/data/models',
  bytes: 267_954_768,
}
const hubModels: readonly HubModel[] = [
  {
    id: 'distilbert/distilbert-base-uncased',
    architecture: 'distilbert',
    bytes: 268_000_000,
    license: 'apache-2.0',
    downloads: 12_345_678,
    updated: '2024-05-06T13:44:53.000Z',
    problem: null,
  },
  {
    id: 'somebody/distilbert-pickled',
    architecture: 'distilbert',
    bytes: null,
    license: null,
    downloads: 12,
    updated: null,
    problem: 'It has no safetensors: pickle files can run programs, and are not read.',
  },
]
const CONSENT =
  'Searching sends the words you type and the address of this machine to huggingface.co. Nothing of your project is sent. Do you agree?'
export const hubSearch = ({ query, consent }: Args<'models.search'>): readonly HubModel[] => {
  if (!consent) throw new UserError('consent', CONSENT)
  return hubModels.filter((m) => m.id.includes(query))
}
export const hubDescribe = (id: string) => ({
  id,
  files: [
    { name: 'config.json', bytes: 483 },
    { name: 'model.safetensors', bytes: 267_954_768 },
    { name: 'tokenizer.json', bytes: 466_062 },
  ],
  bytes: 268_421_313,
  license: 'apache-2.0',
  problem: null,
})
export const downloaded = (id: string): ModelEntry => ({ ...library[1]!, id, name: id.slice(id.indexOf('/') + 1) })

/** Curves that look like curves: `t` is how much of the training is done. */
export function epochFigures(fold: number | null, stage: EpochFigures['stage'], epoch: number, epochs: number): EpochFigures {
  const t = epoch / epochs
  const noise = numbers(epoch + (fold ?? 7) * 31)
  const tuning = stage === 'fine-tuning'
  return {
    fold,
    stage,
    epoch,
    epochs,
    trainLoss: (tuning ? 0.42 : 7) * (1.15 - 0.62 * t) + noise() * 0.01,
    validLoss: tuning ? 0.42 * (1.1 - 0.5 * t) + Math.max(0, t - 0.7) * 0.2 + noise() * 0.01 : null,
    microF1: tuning ? 0.62 * (1 - Math.exp(-3 * t)) + noise() * 0.01 : null,
    macroF1: tuning ? 0.54 * (1 - Math.exp(-2.4 * t)) + noise() * 0.01 : null,
    learningRate: 5e-4 * (1 - t),
    tokensPerSecond: 12_400 + Math.round(noise() * 400),
    memoryMb: 512 + epoch,
    elapsedMs: epoch * 6_400,
    best: tuning && epoch <= epochs - 1,
  }
}
/** Every epoch of a training of the small transformer, in order. */
export function epochsOf(config: TransformerConfig, folds = 2): EpochFigures[] {
  const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
  const warm = config.model.source === 'scratch' ? config.model.warmUpEpochs : 0
  return [
    ...range(warm).map((e) => epochFigures(null, 'warm-up', e, warm)),
    ...range(folds).flatMap((fold) => range(config.epochs).map((e) => epochFigures(fold - 1, 'fine-tuning', e, config.epochs))),
    ...range(config.epochs).map((e) => epochFigures(null, 'fine-tuning', e, config.epochs)),
  ]
}
/** @param told the epochs of one that was trained here */
export const logOf = (run: RunInfo | undefined, told?: readonly EpochFigures[]): TrainingLog =>
  run?.config.family === 'transformer'
    ? {
        epochs: told ?? epochsOf(run.config),
        device: 'CPU, 2 threads',
        notes: ['GPU (WebGPU) gave other numbers than the CPU: the CPU computes.', 'Memory ran out: 4,096 tokens are computed at once.'],
      }
    : { epochs: [], device: '', notes: [] }

/** What each run says of a text: words of it decide, so that another text says something else. */
export const predictText = (plot: string, runs: readonly RunInfo[]): TextPrediction[] =>
  runs.map((run, i) => {
    const next = numbers(Array.from(plot, (c) => c.charCodeAt(0)).reduce((sum, c) => (sum * 31 + c) % 65_536, 7 + i))
    return {
      run: run.id,
      name: `${run.name}, ${run.config.family}`,
      family: run.config.family,
      genres: GENRES.map((g) => {
        const probability = next() ** 3
        return { ...g, probability, threshold: THRESHOLD, predicted: probability >= THRESHOLD }
      }),
      problem: null,
    }
  })
