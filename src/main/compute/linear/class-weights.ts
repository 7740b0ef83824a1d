/** What a positive and a negative cell of a genre weigh in the loss. */
import type { LinearConfig } from '../../../contract/records.ts'

export interface ClassWeight {
  readonly positive: number
  readonly negative: number
}
/** Weighted cells of one genre that take part in a fit. */
export interface Counts {
  readonly positive: number
  readonly negative: number
}

/** The recipe of `log` gives frequent genres next to nothing (and the most frequent a negative weight when it is in every row). */
const LEAST_LOG_WEIGHT = 0.2

type Rule = (genre: Counts, all: readonly Counts[]) => ClassWeight

const total = ({ positive, negative }: Counts): number => positive + negative
const logRarity = (counts: Counts): number => Math.log(total(counts) / (counts.positive + 1))

const RULES: Record<LinearConfig['classWeight'], Rule> = {
  none: () => ({ positive: 1, negative: 1 }),
  // scikit-learn: rows / (classes * rows of the class)
  balanced: (genre) => ({ positive: total(genre) / (2 * genre.positive), negative: total(genre) / (2 * genre.negative) }),
  // published for DistilBERT on movie genres: log(total / (count + 1)), divided by its mean over the genres
  log: (genre, all) => {
    const mean = all.reduce((sum, each) => sum + logRarity(each), 0) / all.length
    const weight = mean > 0 ? logRarity(genre) / mean : 1
    return { positive: Math.max(LEAST_LOG_WEIGHT, weight), negative: 1 }
  },
}

/** `all`: the counts of every genre that has both positives and negatives, this one among them. */
export const classWeight = (kind: LinearConfig['classWeight'], genre: Counts, all: readonly Counts[]): ClassWeight =>
  RULES[kind](genre, all)
