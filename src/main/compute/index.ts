/** Entry of a compute process: does one job and ends. It reads the project and never writes to it. */
import type {
  ClassicalJob,
  ComputeReply,
  ComputeRequest,
  DecodeJob,
  DividedTraining,
  EnsembleJob,
  FineTuneJob,
  GatherJob,
  MapJob,
  ShardsJob,
  SuspectJob,
  TrainingData,
  TrainingPart,
  TrainJob,
} from '../../contract/jobs.ts'
import type { TextRecipe } from '../../contract/model-text.ts'
import { toReply } from '../../contract/errors.ts'
import { recordCells } from '../data/import/files/tables.ts'
import { connect } from '../processes/worker-port.ts'
import { toUserError } from '../store/database.ts'
import { eachKept, eachPlot, eachText, eachTitleAndPlot } from '../store/reader.ts'
import { gather, textsIn } from './gather.ts'
import { assignFolds, byMovie, cellMatrix, conclude, divider, groupsOf, rowsOf, validationScore } from './evaluate.ts'
import { trainClassical } from './classical/train.ts'
import { answerAll } from './decode/answer.ts'
import { combine, packEnsemble } from './ensemble.ts'
import { embed } from './embed.ts'
import { bayesEvidence } from './linear/evidence.ts'
import { writeFoldOfMovies } from './model-artifact.ts'
import { keepFold, knownFolds } from './linear/fold-result.ts'
import { serialise } from './linear/serialise.ts'
import { trainFold, trainLinear, type LinearInput } from './linear/train.ts'
import { layOut } from './map/layout.ts'
import { chooseSession } from './devices/choose.ts'
import { fineTune, fineTunePart } from './train/finetune.ts'
import { caveatOf } from './train/job.ts'
import { peakMemoryMb } from './train/memory.ts'
import { moviesOfFiles, writeShards } from './shards.ts'
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

type Training = TrainingData & {
  readonly config: TextRecipe & { readonly folds: number; readonly seed: number }
  readonly divided?: DividedTraining
}
/** Input of both families: the folds are made in this process, which reads the plots, unless they come from another machine. */
function inputOf(job: Training): LinearInput & { readonly group: Int32Array } {
  const ids = (rows: Int32Array): Int32Array => rows.map((row) => job.movies[row]!)
  const { labels, rowWeight, movies, genres, divided } = job
  const given = { n: movies.length, k: genres.length, labels, excluded: cellMatrix(job.excluded, labels.length), rowWeight }
  if (divided) return { ...given, plots: (rows) => textsIn(divided.texts, rows), fold: divided.fold, group: divided.group }
  const plots = (rows: Int32Array): Iterable<string> =>
    eachText(job.project, ids(rows), job.config, recordCells, (place) => job.plots?.get(rows[place]!))
  progress(0, 'making folds')
  const training = rowsOf(job.split, 'train')
  const groups = byMovie(
    groupsOf(() => eachPlot(job.project, ids(training)), training.length),
    ids(training),
  )
  const group = Int32Array.from(movies.keys())
  training.forEach((row, i) => (group[row] = training[groups[i]!]!))
  return { ...given, plots, fold: assignFolds(job, training, groups), group }
}
/** The number of the fold that a part of a training stands for; NaN for other parts. */
const foldOf = (part: TrainingPart): number => Number(part.replace('fold-', ''))

async function train(job: TrainJob): Promise<void> {
  const report = (fraction: number, phase: string): void => progress(FOLDED + fraction * (TRAINED - FOLDED), phase)
  const [input, { config, divided }] = [inputOf(job), job]
  const threads = divided?.threads ?? undefined
  if (divided && divided.part !== 'final') {
    const fold = foldOf(divided.part)
    await keepFold(divided.folder, fold, await trainFold(input, config, fold, report, threads))
    return void post({ t: 'done', memoryMb: peakMemoryMb() })
  }
  const known = divided ? await knownFolds(divided.folder, config.folds) : undefined
  const result = await trainLinear(input, config, report, threads, known)
  postResult(job, result)
  const { folds } = result.model
  const model = { ...result.model, folds: folds && { ...folds, rows: folds.rows.map((row) => job.movies[row]!) } }
  post({ t: 'model', bytes: serialise(model), features: model.vocabulary.length })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function tune(job: FineTuneJob): Promise<void> {
  const { config, genreNames, divided } = job
  const input = inputOf(job)
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
  const given = { ...input, valid, genreNames }
  if (divided && divided.part !== 'final') {
    await fineTunePart(given, config, job, host, divided.part === 'warm-up' ? 'warm-up' : foldOf(divided.part))
    return void post({ t: 'done', memoryMb: peakMemoryMb() })
  }
  progress(FOLDED / 2, 'weighing words')
  const evidence = await bayesEvidence(input, config.folds, turn)
  const { probabilities, folder, trained, storesFolds } = await fineTune(given, config, job, host)
  if (storesFolds) writeFoldOfMovies(folder, job.movies, input.fold)
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
    divide: divider(() => eachPlot(project, movies), n, k, config.linear.folds),
  }
  const { neighbours, ...found } = await findSuspects(input, config, progress, turn)
  const nearest = neighbours.rows.map((row) => movies[row] ?? 0)
  post({ t: 'suspects', found: { ...found, nearest, cosines: neighbours.cosines } })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

/** Share of the progress of a map in which a model reads the texts. */
const EMBEDDED = 0.7

async function map({ project, movies, logits, embedder, config }: MapJob): Promise<void> {
  const texts = (): Iterable<string> => eachText(project, movies, config.linear, recordCells)
  const before = embedder ? EMBEDDED : 0
  const embedding = (fraction: number, phase: string): void => progress(before * fraction, phase)
  const dense = embedder ? await embed(embedder, texts(), embedding, turn) : logits
  const laying = (fraction: number, phase: string): void => progress(before + (1 - before) * fraction, phase)
  post({ t: 'map', found: await layOut({ texts: texts(), dense, n: movies.length }, config, laying, turn) })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function gatherTexts({ of: job, folder }: GatherJob): Promise<void> {
  const { plots, fold, group, n } = inputOf(job)
  const report = (done: number): void => progress(done / n, 'reading the plots')
  post({ t: 'gathered', texts: await gather(plots(Int32Array.from(fold.keys())), folder, report), fold, group })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function decode(job: DecodeJob): Promise<void> {
  await answerAll(job, eachTitleAndPlot(job.project, job.movies), {
    progress,
    turn,
    answered: (answers) => post({ t: 'answered', answers }),
  })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

async function shards(job: ShardsJob): Promise<void> {
  const { project, plan, recipe } = job
  const movies = plan ? moviesOfFiles(plan, recipe) : eachKept(project, recipe, recordCells)
  const found = await writeShards(job, movies, (done) => progress(0, `reading: ${done.toLocaleString('en')} movies`))
  post({ t: 'shards', shards: found })
  post({ t: 'done', memoryMb: peakMemoryMb() })
}

const WORK = { train, 'fine-tune': tune, ensemble, classical, suspects, map, gather: gatherTexts, shards, decode }

port.onMessage((job) => {
  const done = (WORK[job.t] as (job: ComputeRequest) => Promise<void>)(job)
  done.catch((error: unknown) => post({ t: 'error', error: toReply(toUserError(job.project, error)) }))
})
