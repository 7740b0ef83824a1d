/** A compute process: does one job and ends. It reads the project and never writes to it. */
import type { TrainJob } from '../../contract/jobs.ts'
import { toReply } from '../../contract/errors.ts'
import { connect } from '../process-port.ts'
import { eachPlot } from '../store/reader.ts'
import { serialise } from './linear/model.ts'
import { trainLinear } from './linear/train.ts'

/** Movies in one message of predictions: one short transaction of the engine. */
const CHUNK = 65_536

const port = connect<'compute'>()

async function train(job: TrainJob): Promise<void> {
  const k = job.genres.length
  const { probabilities, evidence, model } = await trainLinear(
    {
      n: job.movies.length,
      plots: (rows) =>
        eachPlot(
          job.project,
          Int32Array.from(rows, (row) => job.movies[row]!),
        ),
      labels: job.labels,
      excluded: job.excluded,
      rowWeight: job.rowWeight,
      fold: job.fold,
      k,
    },
    job.config,
    (fraction, phase) => port.post({ t: 'progress', done: fraction, total: 1, phase }),
  )
  for (let at = 0; at < job.movies.length; at += CHUNK) {
    const end = Math.min(at + CHUNK, job.movies.length)
    port.post({
      t: 'predictions',
      movies: job.movies.slice(at, end),
      probabilities: probabilities.slice(at * k, end * k),
      evidence: evidence.slice(at * k, end * k),
    })
  }
  port.post({ t: 'model', bytes: serialise(model), features: model.vocabulary.length })
  port.post({ t: 'done' })
}

port.onMessage((job) => {
  train(job).catch((error: unknown) => port.post({ t: 'error', error: toReply(error) }))
})
