/** Samples of what the engine sends, for tests of what the window makes of them. */
import type { CleaningReport, CleanRuleSet, RuleId } from '../../src/contract/cleaning.ts'
import type { CostEstimate, DeviceInfo, EpochFigures, ModelEntry, TransformerConfig } from '../../src/contract/models.ts'
import type { Comparison, Difference, LinearConfig, RunConfig } from '../../src/contract/records.ts'
import type { Backup, BackupList } from '../../src/contract/safety.ts'

/** Linear congruential numbers in [0, 1): the same catalogue each time. */
export function numbers(seed: number): () => number {
  let s = seed
  return () => (s = (s * 1664525 + 1013904223) % 4294967296) / 4294967296
}
export const DEFAULTS: LinearConfig = {
  family: 'linear',
  folds: 5,
  reads: 'title-plot',
  columns: [],
  dropWords: [],
  seed: 42,
  c: 5,
  classWeight: 'balanced',
  ratioShare: 0,
  bayesWeight: 0,
  wordNgrams: 2,
  charNgrams: null,
  maxFeatures: null,
  minDf: 2,
  sublinearTf: true,
  stopWords: 'none',
  reviewedWeight: 2,
}

export const SMALL: TransformerConfig = {
  family: 'transformer',
  model: { source: 'scratch', layers: 2, dim: 192, heads: 4, hidden: 768, vocabulary: 8000, warmUpEpochs: 2 },
  mode: 'full',
  topLayers: 2,
  lora: { rank: 8, alpha: 16, dropout: 0.1, targets: [] },
  loss: 'bce',
  focal: { alpha: 0.375, gamma: 2 },
  largeLoss: 0.002,
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
  reads: 'title-plot',
  columns: [],
  dropWords: [],
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
export const estimateOf = (config: RunConfig): CostEstimate => {
  if (config.family !== 'transformer') return { seconds: 14, peakMb: 380, freeMb: 5200, fits: true, runs: 0 }
  const id = config.model.source === 'library' ? config.model.id : ''
  const full = config.mode === 'full' && id !== ''
  if (id.includes('llama')) return { seconds: 9000, peakMb: 18_400, freeMb: 5200, fits: false, runs: 0 }
  return {
    seconds: (id === '' ? 30 : 400) * config.epochs * (full ? 3 : 1),
    peakMb: id === '' ? 540 : full ? 4700 : 1800,
    freeMb: 5200,
    fits: true,
    runs: 3,
  }
}
export const devices: readonly DeviceInfo[] = [
  { name: 'cpu', label: 'CPU, 2 threads', available: true, note: '' },
  { name: 'webgpu', label: 'GPU (WebGPU): llvmpipe', available: true, note: 'Its self-test gave the CPU’s numbers.' },
  { name: 'cuda', label: 'GPU (CUDA)', available: false, note: 'Not installed.' },
]
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
const backup = (day: number, reason: Backup['reason'], more: Partial<Backup> = {}): Backup => {
  const at = `2026-01-${String(day).padStart(2, '0')}T10:00:00.000Z`
  const name = `Sample ${at.slice(0, 10)} ${reason}.reel`
  return {
    name,
    path: `/p/Sample backups/${name}`,
    at,
    reason,
    bytes: 1_400_000 + day * 10_000,
    kind: 'whole',
    contents: { movies: 420, batches: day * 7, lastAt: at },
    ...more,
  }
}
export const backupList: BackupList = {
  folder: '/p/Sample backups',
  backups: [
    backup(9, 'hourly', { kind: 'decisions', bytes: 18_000 }),
    backup(8, 'before-merge'),
    backup(7, 'daily'),
    backup(3, 'asked', { contents: null }),
  ],
  bytes: 4_400_000,
  automatic: true,
}

const difference = (old: number, change: number): Difference => ({
  old,
  new: old + change,
  difference: change,
  low: change - 0.008,
  high: change + 0.008,
})
export const comparison: Comparison = {
  a: 1,
  b: 2,
  part: 'test',
  movies: 80,
  resamples: 2000,
  seed: 42,
  verdict: 'better',
  differing: 30,
  corrected: { microF1: difference(0.61, 0.021), macroF1: difference(0.55, 0.012), jaccard: difference(0.47, 0.015) },
  source: { microF1: difference(0.6, -0.004), macroF1: difference(0.54, -0.002), jaccard: difference(0.46, 0.001) },
  perGenre: ['Action', 'Comedy', 'Drama', 'Horror', 'Romance', 'War', 'Western', 'Music'].map((name, i) => ({
    genre: name,
    support: 20 + i,
    old: 0.5,
    new: 0.5 + ((i % 7) - 2) / 50,
    differing: i,
  })),
}

/** Movies to which each rule applies, of 420. */
const COUNTS: { readonly [R in RuleId]?: number } = {
  missing: 12,
  placeholder: 6,
  truncated: 31,
  whitespace: 58,
  boilerplate: 9,
  'exact-duplicate': 4,
}
const REMOVES: readonly string[] = ['missing', 'placeholder', 'exact-duplicate']
/** The report of a rule set on 420 movies. */
export function cleaningReport(ruleSet: CleanRuleSet): CleaningReport {
  let rows = 420
  const steps = ruleSet.map((step) => {
    const [rowsIn, count] = [rows, COUNTS[step.rule] ?? 0]
    const effect = REMOVES.includes(step.rule) ? ('removes' as const) : ('changes' as const)
    if (step.on && effect === 'removes') rows -= count
    return {
      ...step,
      title: step.rule,
      description: '',
      effect,
      counted: true,
      rowsIn,
      count,
      rowsOut: rows,
      examples: [],
      conflicts: [],
      groups: 0,
      conflicting: 0,
    }
  })
  return { movies: 420, kept: rows, steps }
}
