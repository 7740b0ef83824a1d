/** A compute process: does one job and ends. It reads the project and never writes to it. */
import type { TrainJob } from '../../contract/jobs.ts'
import { toReply } from '../../contract/errors.ts'
import { connect } from '../process-port.ts'
import { eachPlot } from '../store/reader.ts'
import { conclude } from './evaluate/conclude.ts'
import { assignFolds } from './evaluate/folds.ts'
import { serialise } from './linear/model.ts'
import { trainLinear, type LinearResult } from './linear/train.ts'
import { cellMatrix, rowsOf } from './evaluate/rows.ts'

/** Movies in one message of predictions: one short transaction of the engine. */
const CHUNK = 16_384
/** Shares of the whole at which the folds are made, and the models. */
const [FOLDED, TRAINED] = [0.05, 0.95]

const port = connect<'compute'>()
const progress = (done: number, phase: string): void => port.post({ t: 'progress', done, total: 1, phase })

async function train(job: TrainJob): Promise<void> {
  const k = job.genres.length
  const plots = (rows: Int32Array): Iterable<string> => eachPlot(job.project, rows.map((row) => job.movies[row]!)) // prettier-ignore
  progress(0, 'making folds')
  const training = rowsOf(job.split, 'train')
  const fold = assignFolds(job, training, plots(training))
  const { labels, rowWeight } = job
  const result = await trainLinear(
    { n: job.movies.length, plots, labels, excluded: cellMatrix(job.excluded, labels.length), rowWeight, fold, k },
    job.config,
    (fraction, phase) => progress(FOLDED + fraction * (TRAINED - FOLDED), phase),
  )
  progress(TRAINED, 'choosing thresholds')
  port.post({ t: 'conclusion', conclusion: conclude(job, result.probabilities) })
  postResult(job, result)
  port.post({ t: 'done' })
}

function postResult({ movies, genres }: TrainJob, { probabilities, evidence, model }: LinearResult): void {
  const k = genres.length
  for (let at = 0; at < movies.length; at += CHUNK) {
    const end = Math.min(at + CHUNK, movies.length)
    port.post({
      t: 'predictions',
      movies: movies.slice(at, end),
      probabilities: probabilities.slice(at * k, end * k),
      evidence: evidence.slice(at * k, end * k),
    })
  }
  port.post({ t: 'model', bytes: serialise(model), features: model.vocabulary.length })
}

port.onMessage((job) => {
  if (job.t === 'fine-tune') throw new Error('not built yet')
  train(job).catch((error: unknown) => port.post({ t: 'error', error: toReply(error) }))
})
