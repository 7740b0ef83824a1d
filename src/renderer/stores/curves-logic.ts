/** The parts of a training that the curves show, without state. */
import type { EpochFigures, TrainingLog } from '../../contract/models.ts'
import { m } from '../messages/index.ts'

/** The epochs of one chart: one fold and one stage of a training. */
export interface CurvePart {
  readonly key: string
  readonly title: string
  readonly fold: number | null
  readonly stage: EpochFigures['stage']
  readonly epochs: readonly EpochFigures[]
}
const keyOf = (e: EpochFigures): string => `${e.stage} ${e.fold ?? 'final'}`
const titleOf = ({ stage, fold }: EpochFigures): string =>
  stage === 'warm-up' ? m.runs.parts.warmUp(fold) : fold === null ? m.runs.parts.final : m.runs.parts.fold(fold)

/** The parts, in the order in which they began. */
export function curveParts(epochs: readonly EpochFigures[]): CurvePart[] {
  const found = new Map<string, EpochFigures[]>()
  for (const e of epochs) found.set(keyOf(e), [...(found.get(keyOf(e)) ?? []), e])
  return [...found].flatMap(([key, of]) => {
    const first = of[0]
    return first ? [{ key, title: titleOf(first), fold: first.fold, stage: first.stage, epochs: of }] : []
  })
}
/** Adds an epoch. A resumed training repeats its last epoch, which then replaces the old one and those after it. */
export function withEpoch(epochs: readonly EpochFigures[], figures: EpochFigures): EpochFigures[] {
  const same = (e: EpochFigures) => keyOf(e) === keyOf(figures) && e.epoch >= figures.epoch
  return [...epochs.filter((e) => !same(e)), figures]
}
/** Returns the log with more epochs: events may have arrived while the log was read. */
export const newerLog = (read: TrainingLog, live: TrainingLog | undefined): TrainingLog =>
  live && live.epochs.length > read.epochs.length ? { ...read, epochs: live.epochs } : read

/** The part to show first: the one that is running, else the final model, else the last one. */
export const mainPart = (all: readonly CurvePart[], running: boolean): CurvePart | null =>
  (running ? all.at(-1) : (all.findLast((s) => s.fold === null && s.stage === 'fine-tuning') ?? all.at(-1))) ?? null
/** The epoch whose weights were kept. */
export const bestEpoch = (s: CurvePart): EpochFigures | null => (s.stage === 'warm-up' ? null : (s.epochs.findLast((e) => e.best) ?? null))
