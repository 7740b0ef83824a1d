/** Early stopping: which epoch of a training is kept, and when the training ends. */

/** The state after some epochs; part of a checkpoint. */
export interface StoppingState {
  /** The best epoch, from 1; 0: none yet. */
  readonly bestEpoch: number
  /** Score of the best epoch; null: there is no validation, so the last epoch is the best. */
  readonly best: number | null
  /** The last epoch, from 1. */
  readonly epoch: number
}
export const NO_EPOCHS: StoppingState = { bestEpoch: 0, best: null, epoch: 0 }

/** The state after one more epoch. An equal score keeps the earlier epoch. */
export function afterEpoch(kept: StoppingState, figure: number | null): StoppingState {
  const epoch = kept.epoch + 1
  const better = figure === null || kept.best === null || figure > kept.best
  return better ? { epoch, bestEpoch: epoch, best: figure } : { ...kept, epoch }
}

/** True if `patience` epochs have passed without a better one. */
export const patienceSpent = (kept: StoppingState, patience: number | null): boolean =>
  patience !== null && kept.epoch - kept.bestEpoch >= patience
