/** Which epoch of a training is kept, and when it has gone on for long enough. */

/** What is known after some epochs; part of a checkpoint. */
export interface Kept {
  /** From 1; 0: none yet. */
  readonly bestEpoch: number
  /** Figure of the best epoch; null: there is no validation, so that the last epoch is the best. */
  readonly best: number | null
  /** The last epoch, from 1. */
  readonly epoch: number
}
export const NOTHING_KEPT: Kept = { bestEpoch: 0, best: null, epoch: 0 }

/** The state after one more epoch. A figure that is only as good keeps the earlier epoch. */
export function judge(kept: Kept, figure: number | null): Kept {
  const epoch = kept.epoch + 1
  const better = figure === null || kept.best === null || figure > kept.best
  return better ? { epoch, bestEpoch: epoch, best: figure } : { ...kept, epoch }
}

/** Whether so many epochs have passed without a better one that the training ends. */
export const patienceSpent = (kept: Kept, patience: number | null): boolean => patience !== null && kept.epoch - kept.bestEpoch >= patience
