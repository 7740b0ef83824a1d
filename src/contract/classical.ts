/** Classical models of recipes: features of words, and a classifier for each genre. */
import { z } from 'zod'
import type { TextRecipe } from './model-text.ts'

export const CLASSICAL = z.strictObject({
  /**
   * The last four are the mean of vectors of words: learned from the training plots, by PPMI and SVD (`word-vectors`) or by skip-gram with
   * negative sampling, or read from a file or folder of the library.
   */
  features: z.enum(['counts', 'tf-idf', 'word-vectors', 'skip-gram', 'vector-file', 'static-embeddings']).default('tf-idf'),
  /** `chain`: a classifier chain, in which each logistic regression also reads the labels of the preceding genres. */
  classifier: z.enum(['logistic', 'svm', 'chain', 'neighbours', 'multinomial-bayes', 'complement-bayes']),
  /** Name of the file or folder in the library that `vector-file` and `static-embeddings` read. */
  vectors: z.string().min(1).max(500).nullable().default(null),
  /** Inverse strength of the L2 penalty, for logistic regression and SVM. */
  c: z.number().positive().max(1e6).default(1),
  /** Additive smoothing of naive Bayes: what is added to each count. */
  alpha: z.number().positive().max(1000).default(1),
  /** Number of neighbours, for nearest neighbours. */
  neighbours: z.int().min(1).max(1000).default(5),
  /** Dimensions of word vectors that are learned from the training plots. */
  dim: z.int().min(2).max(300).default(100),
  minDf: z.int().min(1).max(1000).default(2),
  maxFeatures: z.int().min(100).max(10_000_000).nullable().default(null),
  wordNgrams: z.int().min(1).max(3).default(1),
  stopWords: z.enum(['none', 'english']).default('none'),
  classWeight: z.enum(['none', 'balanced', 'log']).default('none'),
  /** Factor on the weight of the movies that have a genre, by its name. */
  costs: z.record(z.string(), z.number().positive().max(1000)).default({}),
})
export type ClassicalSettings = z.output<typeof CLASSICAL>

/** The problem of the settings, in a clause; null if they go together. */
export function classicalProblem({ features, classifier, vectors }: ClassicalSettings): string | null {
  const reads = features === 'vector-file' || features === 'static-embeddings'
  if (reads && vectors === null) return `${features} needs "vectors", the name of a file or folder of the library`
  if (!reads && vectors !== null) return `"vectors" is of vector-file and static-embeddings, not of ${features}`
  if (classifier.endsWith('bayes') && features !== 'counts' && features !== 'tf-idf')
    return `${classifier} counts words, and ${features} are vectors with negative numbers: choose counts or tf-idf`
  return null
}

/** Settings of a training. */
export interface ClassicalConfig extends TextRecipe, Omit<ClassicalSettings, 'costs'> {
  /** The file or folder that `vectors` names. */
  readonly vectorPath: string | null
  readonly folds: number
  readonly seed: number
  /** False: there is a final model only, and training rows have no predictions. */
  readonly outOfFold: boolean
  /** By the genres of the job; null: all 1. */
  readonly costs: readonly number[] | null
  /** Synthetic movies in the training set of each fit; `share`: see compute/classical/synthetic.ts. */
  readonly synthetic: { readonly kind: 'smote' | 'mlsmote'; readonly share: number } | null
}
