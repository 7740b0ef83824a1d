/** A training job as data: its input, its digest, and how its work divides into stages. */
import type { EpochFigures, TransformerConfig } from '../../../contract/models.ts'
import type { SessionOptions } from '../runtime/session.ts'
import type { Targets } from './classifier.ts'
import { digestOf, type Corpus } from './corpus.ts'
import type { Division } from './divide.ts'
import type { Score } from './loop.ts'
import type { Stage } from './meter.ts'

/** n movies, k genres. */
export interface FineTuneInput extends Targets {
  readonly n: number
  /** The plots of some rows, in the order of the rows. */
  readonly plots: (rows: Int32Array) => Iterable<string>
  /** (n) 0 … folds - 1 for training rows, NOT_TRAINING for the others */
  readonly fold: Uint8Array
  /** (n) a row of its group of near-duplicates; without it, no movie has any */
  readonly group?: Int32Array
  /** Rows of the catalogue's own validation split. */
  readonly valid: Int32Array
  readonly genreNames: readonly string[]
}
export interface FineTuneHost {
  /** Fraction of the whole job, 0 to 1. */
  progress(fraction: number, phase: string): void
  epoch(figures: EpochFigures): void
  note(text: string): void
  device(text: string): void
  /** Scores of a validation part from its labels and logits (n, k). */
  score(labels: Uint8Array, logits: Float32Array, n: number, k: number): Score
  /** Lets messages arrive; throws where the job was cancelled. */
  turn(): Promise<void>
  /** Chooses and tests the device. */
  session(config: TransformerConfig, deviceFolder: string): Promise<{ readonly options: SessionOptions; readonly words: string }>
  /** See Training. */
  readonly checkpointMs?: number
}
export interface FineTuned {
  /** (n, k) out of fold for training rows, from the final model for the others */
  readonly probabilities: Float32Array
  /** Folder with what predictions and exports need, see compute/model-artifact.ts. */
  readonly folder: string
  /** Number of trained parameters. */
  readonly trained: number
  /** True if the folder has the trained tensors of the folds, too. */
  readonly storesFolds: boolean
}

/** Names of stages, as shown to the user. */
export const WARM_UP = 'reading without labels'
export const FROZEN = 'computing what is frozen'
export const nameOf = (fold: number | null): string => (fold === null ? 'final model' : `fold ${fold + 1}`)

/** Work of a job's stages; the unit is the cost of a movie in one epoch of a full training. */
export function stagesOf({ n }: Pick<FineTuneInput, 'n'>, config: TransformerConfig, divisions: readonly Division[]): Stage[] {
  const { model, mode, outOfFold, epochs } = config
  const heads = mode === 'head'
  // a head on cached vectors costs next to nothing
  const epoch = heads ? 0.01 : 1
  const ofFold = (fold: number | null): number => (fold !== null && outOfFold === 'head' ? HEAD_WORK : epochs * epoch)
  const stages = [
    { name: WARM_UP, work: model.source === 'scratch' ? model.warmUpEpochs * n : 0 },
    { name: FROZEN, work: heads || outOfFold === 'head' ? n / 3 : 0 },
    ...divisions.map(({ fold, train }) => ({ name: nameOf(fold), work: train.length * ofFold(fold) })),
  ]
  return stages.filter(({ work }) => work > 0)
}
/** Work of all epochs of a head alone. */
const HEAD_WORK = 0.2

/** Settings that only affect speed do not invalidate checkpoints. */
const SPEED: ReadonlySet<string> = new Set<keyof TransformerConfig>(['threads', 'device', 'cacheMb'])

/** Digest of everything that determines the result of a job. */
export function digestOfJob(input: FineTuneInput, config: TransformerConfig, corpus: Corpus): string {
  const recipe = Object.entries(config).filter(([name]) => !SPEED.has(name))
  const numbers = [
    input.labels,
    input.excluded ?? new Uint8Array(),
    input.rowWeight ?? new Uint8Array(),
    input.fold,
    input.group ?? new Int32Array(),
    input.valid,
  ]
  return digestOf(JSON.stringify([recipe, input.genreNames]), ...numbers, corpus.ids, corpus.starts)
}

/** A caveat about the scores of a run with this recipe; null if there is none. */
export const caveatOf = ({ outOfFold, mode }: Pick<TransformerConfig, 'outOfFold' | 'mode'>): string | null =>
  outOfFold === 'head' && mode !== 'head'
    ? 'The out-of-fold scores, and the thresholds chosen from them, belong to heads on the model as it was before this training, not to the final model.'
    : null
