/** Classical models of recipes: features of words, and a classifier for each genre. */
import { z } from 'zod'
import type { TextRecipe } from './model-text.ts'

export const CLASSICAL = z.strictObject({
  /** `word-vectors`: the mean of vectors that are learned from the training plots (PPMI and SVD). */
  features: z.enum(['counts', 'tf-idf', 'word-vectors']).default('tf-idf'),
  classifier: z.enum(['logistic', 'svm', 'neighbours', 'multinomial-bayes', 'complement-bayes']),
  /** Of logistic regression and SVM: inverse strength of the L2 penalty. */
  c: z.number().positive().max(1e6).default(1),
  /** Of naive Bayes: what is added to each count. */
  alpha: z.number().positive().max(1000).default(1),
  /** Of nearest neighbours. */
  neighbours: z.int().min(1).max(1000).default(5),
  /** Of word vectors. */
  dim: z.int().min(2).max(300).default(100),
  minDf: z.int().min(1).max(1000).default(2),
  maxFeatures: z.int().min(100).max(10_000_000).nullable().default(null),
  wordNgrams: z.int().min(1).max(3).default(1),
  stopWords: z.enum(['none', 'english']).default('none'),
  classWeight: z.enum(['none', 'balanced', 'log']).default('none'),
  /** Further weight of the movies that have a genre, by its name. */
  costs: z.record(z.string(), z.number().positive().max(1000)).default({}),
})
/** Settings of a training. */
export interface ClassicalConfig extends TextRecipe, Omit<z.output<typeof CLASSICAL>, 'costs'> {
  readonly folds: number
  readonly seed: number
  /** False: there is a final model only, and training rows have no predictions. */
  readonly outOfFold: boolean
  /** By the genres of the job; null: all 1. */
  readonly costs: readonly number[] | null
  /** Synthetic movies in the training set of each fit; `share`: see compute/classical/synthetic.ts. */
  readonly synthetic: { readonly kind: 'smote' | 'mlsmote'; readonly share: number } | null
}
