import type { LinearConfig } from '../../../contract/records.ts'

/** Chosen by cross-validation on training rows only; docs/linear-defaults.md has the measurements. */
export const LINEAR_DEFAULTS: LinearConfig = {
  family: 'linear',
  folds: 5,
  seed: 42,
  c: 1,
  classWeight: 'log',
  wordNgrams: 2,
  charNgrams: [4, 4],
  minDf: 2,
  maxFeatures: null,
  sublinearTf: true,
  stopWords: 'english',
  reviewedWeight: 1.25,
}
