/** What the loop drives: the one who computes, whatever the graphs behind it. */
import type { Micro, Update } from './batches.ts'

/** A tensor in ordinary memory. */
export interface Weights {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
export type Tensors = ReadonlyMap<string, Weights>

/** Of one update: `loss` is the mean over what it was computed from, `weight` how much that was (cells, or masked tokens). */
export interface UpdateFigures {
  readonly loss: number
  readonly weight: number
  /** Of the gradient, before it was clipped. */
  readonly norm: number
}
/** Of one batch that was only predicted. */
export interface BatchFigures {
  readonly loss: number
  readonly weight: number
  /** (rows of the batch, genres); null where nothing but the loss is wanted. */
  readonly logits: Float32Array | null
}
/** Where an update stands in its training: all that randomness may hang on. */
export interface StepAt {
  /** From 0, over all epochs. */
  readonly step: number
  readonly learningRate: number
}

export interface Learner {
  /** Computes one update of the weights. What it left half-done when it throws is put right by `load`. */
  update(update: Update, at: StepAt): Promise<UpdateFigures>
  evaluate(micro: Micro): Promise<BatchFigures>
  /** Copies of what a resume needs: parameters, moments. */
  state(): Promise<Tensors>
  /** The trained parameters alone. */
  parameters(): Promise<Tensors>
  /** Goes on from a state; null: from the beginning. */
  load(state: Tensors | null): Promise<void>
  /** Takes parameters, to predict with. */
  adopt(parameters: Tensors): Promise<void>
  release(): Promise<void>
}
