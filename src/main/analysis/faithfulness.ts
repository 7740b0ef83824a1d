/**
 * Faithfulness of explanations: how far the words that they name first account for a prediction. Comprehensiveness and sufficiency (DeYoung
 * et al. 2020, ERASER) over several shares of the words, averaged (AOPC), and normalised between the least and the most that any order of the
 * words achieves (NAOPC, Edin et al. 2024), because these bounds differ from model to model.
 */
import type { Span } from '../../contract/records.ts'

/** Shares of the words that are deleted or kept, in percent. */
const PERCENT = [1, 5, 10, 20, 50]
/** Up to this many words every order is tried; with more, a beam search keeps `WIDTH` sets and extends each by the `TRIED` best words. */
const EXACT_WORDS = 10
const [WIDTH, TRIED] = [3, 6]

/** The probability when only the words marked 1 are left, for each of some sets. */
export type Ask = (kept: readonly Uint8Array[]) => Promise<ArrayLike<number>>
type Range = Pick<Span, 'start' | 'end'>

/** Number of words for each share: rounded up, at least one. */
const countsOf = (words: number): number[] => PERCENT.map((percent) => Math.max(1, Math.ceil((percent * words) / 100)))
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length

/** A text without those of its words that are not marked 1. */
export function withOnly(text: string, words: readonly Range[], kept: Uint8Array): string {
  let [out, at] = ['', 0]
  words.forEach(({ start, end }, i) => {
    if (kept[i]) return
    out += text.slice(at, start)
    at = end
  })
  return out + text.slice(at)
}

/** Words by their contribution, the largest first; equal ones by their place. @param spans of the explanation */
export function orderOf(words: readonly Range[], spans: readonly Span[]): Int32Array {
  const scores = words.map((word) => spans.reduce((sum, s) => (s.start < word.end && s.end > word.start ? sum + s.score : sum), 0))
  return Int32Array.from(words.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/** True: the chosen words are deleted (comprehensiveness); false: only they are kept (sufficiency). */
type Deletes = boolean
const leftBy = (chosen: Uint8Array, deletes: Deletes): Uint8Array => (deletes ? chosen.map((c) => 1 - c) : chosen)

/** Mean fall of the probability when the first words of an order, of each share, are deleted or kept alone. */
async function fall(order: Int32Array, full: number, deletes: Deletes, ask: Ask): Promise<number> {
  const sets = countsOf(order.length).map((count) => {
    const chosen = new Uint8Array(order.length)
    for (const word of order.subarray(0, count)) chosen[word] = 1
    return leftBy(chosen, deletes)
  })
  return mean(Array.from(await ask(sets), (p) => full - p))
}

/** The largest (`sign` 1) or smallest (-1) mean fall of any order, exact for short texts, else found by a beam search. */
async function extremeFall(words: number, full: number, deletes: Deletes, ask: Ask, sign: 1 | -1): Promise<number> {
  const counts = countsOf(words)
  const exact = words <= EXACT_WORDS
  const only = (word: number): Uint8Array => leftBy(new Uint8Array(words).fill(1, word, word + 1), deletes)
  const alone = Array.from(await ask(Array.from({ length: words }, (_, word) => only(word))))
  const ranked = Array.from(alone.keys()).sort((a, b) => sign * (alone[a]! - alone[b]!) || a - b)
  let beam: { readonly chosen: Uint8Array; readonly sum: number; readonly rank: number }[] = [
    { chosen: new Uint8Array(words), sum: 0, rank: 0 },
  ]
  for (let size = 1; size <= Math.max(...counts); size++) {
    // what follows depends on the set alone, not on the order in which it was chosen: of equal sets the better sum stays
    const next = new Map<string, { readonly chosen: Uint8Array; readonly sum: number }>()
    for (const { chosen, sum } of beam)
      for (const word of ranked.filter((w) => !chosen[w]).slice(0, exact ? words : TRIED)) {
        const set = chosen.slice()
        set[word] = 1
        const before = next.get(set.join(''))
        if (!before || sign * (sum - before.sum) > 0) next.set(set.join(''), { chosen: set, sum })
      }
    const sets = [...next.values()]
    const probabilities = await ask(sets.map(({ chosen }) => leftBy(chosen, deletes)))
    const [here, later] = [counts.filter((count) => count === size).length, counts.filter((count) => count > size).length]
    beam = sets
      .map(({ chosen, sum }, i) => {
        const fallen = full - probabilities[i]!
        return { chosen, sum: sum + here * fallen, rank: sum + (here + later) * fallen }
      })
      .sort((a, b) => sign * (b.rank - a.rank))
      .slice(0, exact ? sets.length : WIDTH)
  }
  return (Math.max(...beam.map(({ sum }) => sign * sum)) * sign) / counts.length
}

export interface OrderFaithfulness {
  readonly comprehensiveness: number
  readonly sufficiency: number
  /** Null if every order has the same figure. */
  readonly normalisedComprehensiveness: number | null
  readonly normalisedSufficiency: number | null
}
/** Below this difference of probabilities two bounds are the same. */
const SAME = 1e-6

/** Measures orders of the words of one text. @param full the probability of the whole text */
export async function faithfulnessOf(
  orders: readonly Int32Array[],
  full: number,
  ask: Ask,
): Promise<{ readonly exact: boolean; readonly orders: readonly OrderFaithfulness[] }> {
  const words = orders[0]?.length ?? 0
  const measure = async (deletes: Deletes): Promise<{ readonly raw: number; readonly normalised: number | null }[]> => {
    const falls: number[] = []
    for (const order of orders) falls.push(await fall(order, full, deletes, ask))
    // a beam search may miss a bound that one of the orders reaches
    const low = Math.min(await extremeFall(words, full, deletes, ask, -1), ...falls)
    const high = Math.max(await extremeFall(words, full, deletes, ask, 1), ...falls)
    return falls.map((raw) => ({ raw, normalised: high - low < SAME ? null : (raw - low) / (high - low) }))
  }
  const [removed, kept] = [await measure(true), await measure(false)]
  return {
    exact: words <= EXACT_WORDS,
    orders: orders.map((_, i) => ({
      comprehensiveness: removed[i]!.raw,
      sufficiency: kept[i]!.raw,
      normalisedComprehensiveness: removed[i]!.normalised,
      normalisedSufficiency: kept[i]!.normalised,
    })),
  }
}
