/** Epochs of a training as the curves show them, without state. */
import type { EpochFigures, TrainingLog } from '../../contract/models.ts'
import { m } from '../messages/index.ts'

/** Epochs that belong on one picture: of one fold, and of one stage. */
export interface Stretch {
  readonly key: string
  readonly title: string
  readonly fold: number | null
  readonly stage: EpochFigures['stage']
  readonly epochs: readonly EpochFigures[]
}
const keyOf = (e: EpochFigures): string => `${e.stage} ${e.fold ?? 'final'}`
const titleOf = ({ stage, fold }: EpochFigures): string =>
  stage === 'warm-up' ? m.runs.parts.warmUp(fold) : fold === null ? m.runs.parts.final : m.runs.parts.fold(fold)

/** In the order in which they began. */
export function stretches(epochs: readonly EpochFigures[]): Stretch[] {
  const found = new Map<string, EpochFigures[]>()
  for (const e of epochs) found.set(keyOf(e), [...(found.get(keyOf(e)) ?? []), e])
  return [...found].flatMap(([key, of]) => {
    const first = of[0]
    return first ? [{ key, title: titleOf(first), fold: first.fold, stage: first.stage, epochs: of }] : []
  })
}
/** With one more epoch; one that is told again (a resume repeats the epoch it was in) replaces itself and what came after it. */
export function withEpoch(epochs: readonly EpochFigures[], figures: EpochFigures): EpochFigures[] {
  const same = (e: EpochFigures) => keyOf(e) === keyOf(figures) && e.epoch >= figures.epoch
  return [...epochs.filter((e) => !same(e)), figures]
}
/** The log that knows more: an answer may be older than what has been told since. */
export const fuller = (read: TrainingLog, told: TrainingLog | undefined): TrainingLog =>
  told && told.epochs.length > read.epochs.length ? { ...read, epochs: told.epochs } : read

/** The stretch that speaks best for the run: what runs now, else the final model's, else the last. */
export const mainStretch = (all: readonly Stretch[], running: boolean): Stretch | null =>
  (running ? all.at(-1) : (all.findLast((s) => s.fold === null && s.stage === 'fine-tuning') ?? all.at(-1))) ?? null
/** The epoch whose weights were kept. */
export const bestEpoch = (s: Stretch): EpochFigures | null => (s.stage === 'warm-up' ? null : (s.epochs.findLast((e) => e.best) ?? null))
