import { many } from '../../messages/format.ts'

export interface Offer {
  /** What the retrain button says. */
  readonly label: string
  /** Whether a retrain would differ from the current run. */
  readonly useful: boolean
  readonly note: string
}
interface State {
  readonly corrections: number
  readonly reviewed: number
  /** The newest batch of the change log. */
  readonly batch: number
}

/** What a retrain would add to the current run. Corrections can be fewer (undone), or as many but other ones. */
export function retrainOffer(run: { readonly corrections: number; readonly lastBatch: number }, now: State): Offer {
  const since = now.corrections - run.corrections
  // all taken back again: what is left is the source
  const untouched = now.corrections === 0 && now.reviewed === 0
  if (since === 0 && (untouched || now.batch <= run.lastBatch))
    return { label: 'Retrain', useful: false, note: 'No decisions since the current run: a retrain would give the same model.' }
  if (now.corrections === 0 || since === 0)
    return { label: 'Retrain', useful: true, note: 'Your decisions have changed since the current run.' }
  const note =
    since > 0 ? `${many(since, 'correction')} since the current run.` : `${many(-since, 'correction')} fewer than in the current run.`
  return { label: `Retrain with ${many(now.corrections, 'correction')}`, useful: true, note }
}
