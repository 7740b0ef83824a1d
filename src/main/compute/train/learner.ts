/** The interface between the training loop and what it trains. */
import type { Micro, Update } from './batches.ts'

/** A tensor in ordinary memory. */
export interface Weights {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
export type Tensors = ReadonlyMap<string, Weights>

/** Result of one update: `loss` is the mean over what it was computed from, `weight` the amount of that (cells, or masked tokens). */
export interface UpdateFigures {
  readonly loss: number
  readonly weight: number
  /** Norm of the gradient, before clipping. */
  readonly norm: number
}
/** Result of one batch that was only predicted. */
export interface BatchFigures {
  readonly loss: number
  readonly weight: number
  /** (rows of the batch, genres); null if only the loss is wanted. */
  readonly logits: Float32Array | null
}
/** Position of an update within its training: all randomness depends on it. */
export interface StepAt {
  /** From 0, over all epochs. */
  readonly step: number
  /** From 1. */
  readonly epoch: number
  readonly learningRate: number
}

export interface Learner {
  /** Computes one update of the weights. If it throws, the state is undefined until `load` is called. */
  update(update: Update, at: StepAt): Promise<UpdateFigures>
  evaluate(micro: Micro): Promise<BatchFigures>
  /** Copies of the state that a resume needs: parameters and moments. */
  state(): Promise<Tensors>
  /** The trained parameters alone. */
  parameters(): Promise<Tensors>
  /** Continues from a state; null: from the beginning. */
  load(state: Tensors | null): Promise<void>
  /** Replaces the parameters, for predictions. */
  adopt(parameters: Tensors): Promise<void>
  release(): Promise<void>
}
