/** What a training is given: labels, weights and folds of one moment. */
import { stretches, type Steps } from '../analysis/steps.ts'
import { VERDICT_IMPOSSIBLE } from '../analysis/triage.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { TrainingData } from '../../contract/jobs.ts'
import type { RunConfig } from '../../contract/records.ts'
import { UserError } from '../../contract/errors.ts'
import type { Store } from '../store/store.ts'

/** What a training learns, of one moment. */
export type Lesson = Pick<TrainingData, 'labels' | 'corrected' | 'excluded' | 'rowWeight'> & { readonly lastBatch: number }

export interface TrainPlan {
  readonly store: Store
  readonly catalogue: Catalogue
  readonly config: RunConfig
  readonly parent: number | null
  /** Name of a run that retrains none. */
  readonly name: string
}

/**
 * Effective labels, impossible cells left out of the loss, reviewed rows weighted: in steps, of the labels there are at the first.
 * @throws UserError `too-few-movies` when there is nothing to learn from
 */
export function* readLesson({ store, catalogue, config }: Pick<TrainPlan, 'store' | 'catalogue' | 'config'>): Steps<Lesson> {
  const { k, source } = catalogue
  const rows = catalogue.rowsOf('train').length
  if (rows < 2 * config.folds || k === 0)
    throw new UserError(
      'too-few-movies',
      `Training with ${config.folds} folds needs at least ${2 * config.folds} training movies with a plot and a genre; there are ${rows}: import more, or switch a cleaning rule off.`,
    )
  const [lastBatch, labels, verdicts] = [store.changes.lastBatch(), catalogue.labels.slice(), catalogue.verdicts.slice()]
  const rowWeight = rowWeights(catalogue, config.reviewedWeight)
  const excluded = yield* cellsWhere(verdicts, k, (verdict) => verdict === VERDICT_IMPOSSIBLE)
  const corrected = yield* cellsWhere(labels, k, (label, cell) => label !== source[cell])
  return { labels, corrected, excluded, rowWeight, lastBatch }
}

/** Records a run, and what the compute process is given to learn from; it makes the folds. */
export function recordTraining({ store, catalogue, config, parent, name }: TrainPlan, { lastBatch, ...lesson }: Lesson): TrainingData {
  const run = store.runs.start({
    name: parent === null ? name : `Retraining of run ${parent}`,
    createdAt: new Date().toISOString(),
    config,
    parent,
    genres: catalogue.genres.map((g) => g.id),
    corrections: lesson.corrected.length,
    lastBatch,
  })
  return {
    project: store.path,
    run,
    genres: Int32Array.from(catalogue.genres, (g) => g.id),
    movies: catalogue.ids.slice(),
    split: catalogue.split.slice(),
    ...lesson,
  }
}

/** The cells whose value is asked for, ascending. */
function* cellsWhere(matrix: Uint8Array, k: number, holds: (value: number, cell: number) => boolean): Steps<Int32Array> {
  const found: number[] = []
  for (const [first, end] of stretches(matrix.length / Math.max(1, k), k)) {
    for (let cell = first * k; cell < end * k; cell++) if (holds(matrix[cell]!, cell)) found.push(cell)
    yield
  }
  return Int32Array.from(found)
}

function rowWeights({ n, reviewed }: Catalogue, weight: number): Float32Array {
  const weights = new Float32Array(n).fill(1)
  for (let row = 0; row < n; row++) if (reviewed[row]) weights[row] = weight
  return weights
}
