import { LINEAR_MEMBERS, type LinearConfig } from '../../../contract/records.ts'

/** Chosen by cross-validation on training rows only; docs/linear-defaults.md has the measurements. */
export const LINEAR_DEFAULTS: LinearConfig = {
  family: 'linear',
  folds: 5,
  seed: 42,
  reads: 'title-plot',
  columns: [],
  dropWords: [],
  c: 1,
  classWeight: 'log',
  ...LINEAR_MEMBERS.combined,
  wordNgrams: 2,
  charNgrams: [4, 4],
  minDf: 2,
  maxFeatures: null,
  sublinearTf: true,
  stopWords: 'english',
  reviewedWeight: 1.25,
}

/** Changes for more than this many training movies, which keep time and memory within a desktop's limits; all that apply are combined. */
const LARGE_CATALOGUES: readonly { readonly above: number; readonly change: Partial<LinearConfig> }[] = [
  { above: 100_000, change: { maxFeatures: 500_000 } },
  // seven of eight values of the matrix are character n-grams
  { above: 250_000, change: { charNgrams: null, ...LINEAR_MEMBERS.logistic } },
]

/** The default recipe for a number of training movies. All of its values are recorded with a run. */
export const linearDefaults = (trainingMovies: number): LinearConfig =>
  LARGE_CATALOGUES.filter(({ above }) => trainingMovies > above).reduce((config, { change }) => ({ ...config, ...change }), LINEAR_DEFAULTS)
