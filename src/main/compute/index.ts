/** Entry of a compute process: does one job and ends. It reads the project and never writes to it. */
import type {
  ClassicalJob,
  ComputeReply,
  ComputeRequest,
  EnsembleJob,
  FineTuneJob,
  MapJob,
  SuspectJob,
  TrainingData,
  TrainJob,
} from '../../contract/jobs.ts'
import type { TextRecipe } from '../../contract/model-text.ts'
import { toReply } from '../../contract/errors.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { connect } from '../processes/worker-port.ts'
import { toUserError } from '../store/database.ts'
import { eachPlot, eachText } from '../store/reader.ts'
import { assignFolds, cellMatrix, conclude, divider, rowsOf, validationScore } from './evaluate.ts'
import { trainClassical } from './classical/train.ts'
import { combine, packEnsemble } from './ensemble.ts'
import { bayesEvidence } from './linear/evidence.ts'
import { serialise } from './linear/serialise.ts'
import { trainLinear, type LinearInput } from './linear/train.ts'
import { layOut } from './map/layout.ts'
import { chooseSession } from './devices/choose.ts'
import { fineTune } from './train/finetune.ts'
import { caveatOf } from './train/job.ts'
import { peakMemoryMb } from './train/memory.ts'
import { findSuspects } from './suspects.ts'

/** Movies in one message of predictions, which the engine stores in one short transaction. */
const CHUNK = 16_384
/** Progress of the whole job after the folds are made, and after the models are trained. */
const [FOLDED, TRAINED] = [0.05, 0.95]

const port = connect<'compute'>()
const post = (m: ComputeReply): void => port.post(m)
const progress = (done: number, phase: string): void => post({ t: 'progress', done, total: 1, phase })
/** Lets messages leave between two pieces of work. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Input of both families: the folds are made in this process, which reads the plots. */
function inputOf(job: TrainingData & { readonly config: TextRecipe & { readonly folds: number; readonly seed: number } }): LinearInput {
  const ids = (rows: Int32Array): Int32Array => rows.map((row) => job.movies[row]!)
  const texts = (rows: Int32Array): Iterable<string> => eachText(job.project, ids(rows), job.config, recordCells)
  progress(0, 'making folds')
  const training = rowsOf(job.split, 'train')
  const fold = assignFolds(job, training, eachPlot(job.project, ids(training)))
  const { labels, rowWeight, movies, genres } = job
  return { n: movies.length, k: genres.length, plots: texts, labels, excluded: cellMatrix(job.excluded, labels.length), rowWeight, fold }
}

async function train(job: TrainJob): Promise<void> {
  const result = await trainLinear(inputOf(job), job.config, (fraction, phase) => progress(FOLDED + fraction * (TRAINED - FOLDED), phase))
  postResult(job, result)
  const { folds } = result.model
  const model = { ...result.model, folds: folds && { ...folds, rows: folds.rows.map((row) => job.movies[row]!) } }
  post({ t: 'model', bytes: serialise(model), features: model.vocabulary.length })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function tune(job: FineTuneJob): Promise<void> {
  const { config, genreNames } = job
  const input = inputOf(job)
  progress(FOLDED / 2, 'weighing words')
  const evidence = await bayesEvidence(input, config.folds, turn)
  const host = {
    progress: (fraction: number, phase: string) => progress(FOLDED + fraction * (TRAINED - FOLDED), phase),
    epoch: (figures: Extract<ComputeReply, { t: 'epoch' }>['figures']) => post({ t: 'epoch', figures }),
    note: (text: string) => post({ t: 'note', text }),
    device: (text: string) => post({ t: 'device', text }),
    score: validationScore,
    turn,
    session: chooseSession,
  }
  const caveat = caveatOf(config)
  if (caveat !== null) host.note(caveat)
  const valid = rowsOf(job.split, 'valid')
  const { probabilities, folder, trained } = await fineTune({ ...input, valid, genreNames }, config, job, host)
  postResult(job, { probabilities, evidence })
  post({ t: 'model-files', folder, features: trained })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function classical(job: ClassicalJob): Promise<void> {
  const report = (fraction: number, phase: string): void => progress(FOLDED + fraction * (TRAINED - FOLDED), phase)
  const probabilities = await trainClassical(inputOf(job), job.config, report, turn)
  postResult(job, { probabilities, evidence: probabilities })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function ensemble(job: EnsembleJob): Promise<void> {
  const input = inputOf(job)
  progress(FOLDED / 2, 'weighing words')
  const evidence = await bayesEvidence(input, job.config.folds, turn)
  const report = (fraction: number, phase: string): void => progress(FOLDED + fraction * (TRAINED - FOLDED), phase)
  const { probabilities, model } = await combine(input, job.members, job.config, report, turn)
  postResult(job, { probabilities, evidence })
  post({ t: 'model', bytes: packEnsemble(model), features: model.stack?.weights.length ?? model.members })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

interface Predicted {
  readonly probabilities: Float32Array
  readonly evidence: Float32Array
}
function postResult(job: TrainingData, { probabilities, evidence }: Predicted): void {
  progress(TRAINED, 'choosing thresholds')
  post({ t: 'conclusion', conclusion: conclude(job, probabilities) })
  const { movies, genres } = job
  const k = genres.length
  for (let at = 0; at < movies.length; at += CHUNK) {
    const end = Math.min(at + CHUNK, movies.length)
    post({
      t: 'predictions',
      movies: movies.slice(at, end),
      probabilities: probabilities.slice(at * k, end * k),
      evidence: evidence.slice(at * k, end * k),
    })
  }
}

async function suspects({ project, movies, genres, labels, source, family, decided, config }: SuspectJob): Promise<void> {
  const [n, k] = [movies.length, genres.length]
  const input = {
    texts: eachText(project, movies, config.linear, recordCells),
    n,
    k,
    labels,
    source,
    family,
    decided: cellMatrix(decided, n * k) ?? new Uint8Array(n * k),
    divide: divider(eachPlot(project, movies), n, k, config.linear.folds),
  }
  const { neighbours, ...found } = await findSuspects(input, config, progress, turn)
  const nearest = neighbours.rows.map((row) => movies[row] ?? 0)
  post({ t: 'suspects', found: { ...found, nearest, cosines: neighbours.cosines } })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function map({ project, movies, logits, config }: MapJob): Promise<void> {
  const texts = eachText(project, movies, config.linear, recordCells)
  post({ t: 'map', found: await layOut({ texts, logits, n: movies.length }, config, progress, turn) })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

const WORK = { train, 'fine-tune': tune, ensemble, classical, suspects, map }

port.onMessage((job) => {
  const done = (WORK[job.t] as (job: ComputeRequest) => Promise<void>)(job)
  done.catch((error: unknown) => post({ t: 'error', error: toReply(toUserError(job.project, error)) }))
})
