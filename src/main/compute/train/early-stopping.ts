/** Which epoch of a training is kept, and when it has gone on for long enough. */

/** What is known after some epochs; part of a checkpoint. */
export interface StoppingState {
  /** From 1; 0: none yet. */
  readonly bestEpoch: number
  /** Figure of the best epoch; null: there is no validation, so that the last epoch is the best. */
  readonly best: number | null
  /** The last epoch, from 1. */
  readonly epoch: number
}
export const NO_EPOCHS: StoppingState = { bestEpoch: 0, best: null, epoch: 0 }

/** The state after one more epoch. A figure that is only as good keeps the earlier epoch. */
export function afterEpoch(kept: StoppingState, figure: number | null): StoppingState {
  const epoch = kept.epoch + 1
  const better = figure === null || kept.best === null || figure > kept.best
  return better ? { epoch, bestEpoch: epoch, best: figure } : { ...kept, epoch }
}

/** Whether so many epochs have passed without a better one that the training ends. */
export const patienceSpent = (kept: StoppingState, patience: number | null): boolean =>
  patience !== null && kept.epoch - kept.bestEpoch >= patience
