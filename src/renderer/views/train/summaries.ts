/** Texts on the cost of a training, the effect of a retrain, and the result of a comparison. */
import type { Comparison } from '../../../contract/records.ts'
import { m } from '../../messages/index.ts'
import type { Cost } from '../../stores/recipes.svelte.ts'

/** The cost of a training in words. */
export interface CostSummary {
  /** `about 3 min, 1.2 GB`: short enough for a list. */
  readonly short: string
  readonly sentence: string
  readonly fits: boolean
}
/** Describes an estimated cost, or why there is no estimate. */
export function costSummary(cost: Cost): CostSummary {
  const text = m.train.cost
  if ('problem' in cost) return { short: text.unknown, sentence: cost.problem, fits: true }
  const { seconds, peakMb, freeMb, fits, runs } = cost.estimate
  if (!fits) return { short: text.tooLarge(peakMb), sentence: text.tooLargeHelp(peakMb, freeMb), fits }
  return { short: text.short(seconds, peakMb), sentence: `${text.sentence(seconds, peakMb, freeMb)} ${text.basis(runs)}`, fits }
}

/** The button that starts a retrain, and the reason for it. */
export interface RetrainOffer {
  readonly button: string
  /** True if a retrain would differ from the current run. */
  readonly useful: boolean
  readonly note: string
}
interface Decisions {
  readonly corrections: number
  readonly reviewed: number
  /** The newest batch of the change log. */
  readonly batch: number
}
/** The corrections that a retrain would add to the current run. They can be fewer (after undo), or as many but different ones. */
export function retrainOffer(run: { readonly corrections: number; readonly lastBatch: number }, now: Decisions): RetrainOffer {
  const text = m.train.offer
  const since = now.corrections - run.corrections
  const undone = now.corrections === 0 && now.reviewed === 0
  if (since === 0 && (undone || now.batch <= run.lastBatch)) return { button: m.train.retrain, useful: false, note: text.same }
  if (now.corrections === 0 || since === 0) return { button: m.train.retrain, useful: true, note: text.changed }
  return { button: text.button(now.corrections), useful: true, note: since > 0 ? text.more(since) : text.fewer(-since) }
}

/** The change in F1 of each genre, largest gain first. */
export const perGenreChanges = (c: Comparison): { name: string; change: number }[] =>
  c.perGenre.map((g) => ({ name: g.genre, change: g.new - g.old })).sort((a, b) => b.change - a.change)
