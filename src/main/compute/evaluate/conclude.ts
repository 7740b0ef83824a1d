import type { Conclusion, TrainingData } from '../../../contract/jobs.ts'
import { headline } from '../../analysis/metrics.ts'
import { plattScales } from '../../analysis/platt.ts'
import { chooseThresholds, predict } from '../../analysis/thresholds.ts'
import { cellMatrix, gatherRows, rowsOf } from './rows.ts'

/**
 * Thresholds and scales from the out-of-fold probabilities, and the headline figures: of the frozen test part, of the
 * out-of-fold movies where there is none.
 * @param p (movies, genres) probabilities of the job's rows
 */
export function conclude(job: Pick<TrainingData, 'labels' | 'excluded' | 'split' | 'genres'>, p: Float32Array): Conclusion {
  const k = job.genres.length
  const excluded = cellMatrix(job.excluded, job.labels.length)
  const train = rowsOf(job.split, 'train')
  const [y, q] = [gatherRows(job.labels, train, k), gatherRows(p, train, k)]
  const thresholds = chooseThresholds(y, q, train.length, k, excluded && gatherRows(excluded, train, k))
  const scales = plattScales(y, q, train.length, k)
  const test = rowsOf(job.split, 'test')
  const scope = test.length > 0 ? { part: 'test' as const, rows: test } : { part: 'oof' as const, rows: train }
  const movies = scope.rows.length
  const predicted = predict(gatherRows(p, scope.rows, k), thresholds, movies, k, { atLeastOne: true })
  const summary = { part: scope.part, ...headline(gatherRows(job.labels, scope.rows, k), predicted, movies, k) }
  return { thresholds: [...thresholds], scales, summary, movies }
}
