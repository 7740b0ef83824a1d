/** Tiny projects and a fake compute process that finishes at once, so that a test of the engine takes milliseconds. */
import Database from 'better-sqlite3'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ArgsIn } from '../../src/contract/api.ts'
import { isMark, type ChangeField, type Mark } from '../../src/contract/records.ts'
import { resultOf, type JobEvent } from '../../src/contract/events.ts'
import type { ExportReport } from '../../src/contract/exporting.ts'
import type {
  DecodeJob,
  ClassicalJob,
  InferenceReply,
  InferenceRequest,
  ComputeReply,
  FineTuneJob,
  MapJob,
  ProcessKind,
  SuspectJob,
  TrainedModel,
  TrainJob,
} from '../../src/contract/jobs.ts'
import type { EpochFigures } from '../../src/contract/models.ts'
import { toReply, UserError } from '../../src/contract/errors.ts'
import { conclude } from '../../src/main/compute/evaluate.ts'
import { explainLinear, modelOf } from '../../src/main/compute/linear/explain.ts'
import { deserialise } from '../../src/main/compute/linear/serialise.ts'
import { Engine } from '../../src/main/engine.ts'
import { DEFAULT_RULE_SET } from '../../src/main/data/clean/rule-set.ts'
import { inspect } from '../../src/main/data/import/detect/inspect.ts'
import type { PrintPdf } from '../../src/main/processes/print.ts'
import type { SpawnProcess, WorkProcess } from '../../src/main/processes/work-process.ts'
import { importProject } from '../../src/main/jobs/import.ts'
import { runInProcess } from '../../src/main/jobs/in-process.ts'
import { eachTitleAndPlot, modelBytes } from '../../src/main/store/reader.ts'
import type { TextQuery } from '../../src/main/store/search/matcher.ts'
import { readInProcess } from './reader.ts'

/** A folder that is deleted when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** A search for these words anywhere, the last one a prefix. */
export const anywhere = (text: string): TextQuery => ({ text, part: 'all', exact: false })

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * A catalogue from lines such as `dune: Drama, Sci-Fi | test | Sand and spice.`: id, genres, split and plot. The split and the plot may be
 * omitted (`||` omits only the split). The catalogue has a split column if any line names a split.
 */
export function csvOf(lines: readonly string[]): string {
  const rows = lines.map((line) => {
    const [head = '', split = '', plot] = line.split('|').map((s) => s.trim())
    const [id = '', genres = ''] = head.split(':').map((s) => s.trim())
    return { id, genres, split, plot: plot ?? `The plot of ${id} is told here at some length.` }
  })
  const withSplit = rows.some((r) => r.split !== '')
  const cells = rows.map((r) => [r.id, `Title ${r.id}`, r.plot, r.genres, ...(withSplit ? [r.split] : [])].map(quoted).join(','))
  return [`id,title,plot,genres${withSplit ? ',split' : ''}`, ...cells, ''].join('\n')
}

/** Imports a catalogue of {@link csvOf}'s lines; returns the project's path. */
export const tinyProject = (folder: string, lines: readonly string[], name = 'tiny'): Promise<string> =>
  projectOf(folder, csvOf(lines), name)

/** Imports the text of a CSV file with the columns id, title, plot and genres (lists with commas); returns the project's path. */
export async function projectOf(folder: string, text: string, name: string, format: 'table' | 'imdb-by-genre' = 'table'): Promise<string> {
  const csv = join(folder, `${name.toLowerCase()}.csv`)
  writeFileSync(csv, text)
  const project = join(folder, `${name}.reel`)
  const mapping = format === 'table' ? { id: 'id', title: 'title', plot: 'plot', genres: 'genres' } : {}
  const plan = await inspect([csv], { format, mapping, genreSyntax: 'comma' })
  const input = { plan, project, sample: false, ruleSet: DEFAULT_RULE_SET, seed: 42 }
  await importProject(input, { signal: new AbortController().signal, progress: () => undefined }, runInProcess)
  return project
}

/** What the fake compute process does with its job; `say` sends a message, `die` ends the process. */
export type Script = (job: TrainJob, say: (m: ComputeReply) => void, die: (code: number | null) => void) => void
/** The predicted probability of a cell, which is its evidence too. */
export type Believe = (job: TrainJob, row: number, column: number) => number

/** Predicts the labels, with a slightly different probability in each cell. */
export const believeLabels: Believe = (job, row, column) => {
  const jitter = ((row * 7 + column * 13) % 17) / 100
  return job.labels[row * job.genres.length + column] ? 0.95 - jitter : 0.05 + jitter
}

/** Sends what the real process sends for a job: progress, a conclusion, predictions in chunks, a model, done. */
export const answers =
  (believe: Believe = believeLabels, chunk = 5): Script =>
  (job, say) => {
    const k = job.genres.length
    say({ t: 'progress', done: 1, total: 2, phase: 'fold 1 of 2' })
    const believed = Float32Array.from({ length: job.movies.length * k }, (_, c) => believe(job, Math.floor(c / k), c % k))
    say({ t: 'conclusion', conclusion: conclude(job, believed) })
    for (let at = 0; at < job.movies.length; at += chunk) {
      const p = believed.slice(at * k, (at + chunk) * k)
      say({ t: 'predictions', movies: job.movies.slice(at, at + chunk), probabilities: p, evidence: p.slice() })
    }
    say({ t: 'model', bytes: new Uint8Array([1, 2, 3]), features: 3 })
    say({ t: 'done', memoryMb: 300 })
  }
/** Sends the predictions of one movie and then nothing. */
export const hangs: Script = (job, say) => {
  const p = new Float32Array(job.genres.length).fill(0.5)
  say({ t: 'progress', done: 1, total: 2, phase: 'fold 1 of 2' })
  say({ t: 'predictions', movies: job.movies.slice(0, 1), probabilities: p, evidence: p.slice() })
}
export const diesHalfway: Script = (job, say, die) => {
  hangs(job, say, die)
  die(null)
}

/** What the fake compute process does with the training of a transformer. */
export type TuneScript = (job: FineTuneJob, say: (m: ComputeReply) => void, die: (code: number | null) => void) => void

/** Figures of an epoch, as a training reports them. */
export const epochOf = (epoch: number, part: Partial<EpochFigures> = {}): EpochFigures => ({
  fold: null,
  stage: 'fine-tuning',
  epoch,
  epochs: 3,
  trainLoss: 1 / epoch,
  validLoss: 1.1 / epoch,
  microF1: epoch / 10,
  macroF1: epoch / 20,
  learningRate: 1e-4,
  tokensPerSecond: 1000,
  memoryMb: 300,
  elapsedMs: 1000 * epoch,
  best: true,
  ...part,
})

type Explain = Extract<InferenceRequest, { t: 'explain' }>
/** Explains by the linear model that the project holds, as the real process does. */
function explained({ id, movie, text, genre }: Explain, { project, run }: Extract<TrainedModel, { family: 'linear' }>): InferenceReply {
  try {
    const { model, is } = modelOf(deserialise(modelBytes(project, run) ?? new Uint8Array()), movie)
    return { t: 'explained', id, explanation: { ...explainLinear(model, text, genre), note: '', of: is } }
  } catch (error) {
    return { t: 'failed', id, error: toReply(error) }
  }
}

/** Reports an epoch, leaves a checkpoint, and hangs. */
export const tunesHalfway: TuneScript = (job, say) => {
  writeFileSync(join(job.runFolder, 'checkpoint'), 'half')
  say({ t: 'device', text: 'CPU, 2 threads' })
  say({ t: 'epoch', figures: epochOf(1) })
}
/** Sends what the real process sends; its model is one small file. */
export const tunes: TuneScript = (job, say) => {
  const [n, k] = [job.movies.length, job.genres.length]
  const p = Float32Array.from({ length: n * k }, (_, c) => (job.labels[c] ? 0.9 : 0.1))
  tunesHalfway(job, say, () => undefined)
  for (const epoch of [2, 3]) say({ t: 'epoch', figures: epochOf(epoch) })
  say({ t: 'note', text: 'Out of memory at 2,048 tokens per batch; retrying with 1,024.' })
  say({ t: 'predictions', movies: job.movies, probabilities: p, evidence: p.slice() })
  const folder = join(job.runFolder, 'model')
  mkdirSync(folder)
  writeFileSync(join(folder, 'trained.safetensors'), `weights of ${job.genreNames.join(', ')}`)
  say({ t: 'model-files', folder, features: 1234 })
  say({ t: 'conclusion', conclusion: conclude(job, p) })
  say({ t: 'done', memoryMb: 300 })
}

/** What the fake compute process does with a search for suspects. */
export type SuspectScript = (job: SuspectJob, say: (m: ComputeReply) => void) => void
/** Finds that cells are wrong with these probabilities; one source, which says the same of each cell. Every movie resembles its neighbours in the file. */
export const findsWrong =
  (wrong: (row: number, column: number) => number): SuspectScript =>
  (job, say) => {
    const [n, k] = [job.movies.length, job.genres.length]
    const matrix = new Float32Array(n * k)
    const sources = ['text', 'neighbours', 'duplicates', 'context', 'contextOfAll', ...(job.family ? ['family'] : [])]
    const weights = [...sources.map(() => -1), 0, 0, 0, 0]
    const found = Float32Array.from(matrix, (_, cell) => wrong(Math.floor(cell / k), cell % k))
    const nearest = Int32Array.from({ length: 2 * n }, (_, i) => job.movies[(Math.floor(i / 2) + (i % 2) + 1) % n]!)
    const estimate = { expected: found.reduce((a, b) => a + b, 0), low: 0, high: n }
    const model = {
      sources,
      weights,
      intercept: 0,
      means: weights.map(() => 1),
      partMeans: { genres: 0 },
      estimate,
      intervals: [],
      planted: { errors: 20, called: 10, found: 5 },
    }
    const evidence = Object.fromEntries(sources.map((name) => [name, matrix]))
    say({ t: 'suspects', found: { wrong: found, evidence, parts: { genres: matrix }, model, nearest, cosines: nearest.map(() => 1) } })
    say({ t: 'done', memoryMb: 300 })
  }

/** What the fake compute process does with a map. */
export type MapScript = (job: MapJob, say: (m: ComputeReply) => void) => void
/** Places the movies in a row from left to right, in two areas. */
export const placesInRow: MapScript = (job, say) => {
  const n = job.movies.length
  const places = Float32Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? (at / 2 + 0.5) / n : 0.5))
  const areas = [0.25, 0.75].map((x, i) => ({ area: i + 1, x, y: 0.5, words: [['left', 'right'][i]!] }))
  say({ t: 'progress', done: 0.5, total: 1, phase: 'laying out the sample' })
  say({ t: 'map', found: { places, levels: [areas], sampled: n, trustworthiness: 0.9 } })
  say({ t: 'done', memoryMb: 300 })
}

/** Asks a small decoder in this process. */
async function decodes(job: DecodeJob, say: (m: ComputeReply) => void): Promise<void> {
  try {
    // most tests need no decoder
    const { answerAll } = await import('../../src/main/compute/decode/answer.ts')
    await answerAll(job, eachTitleAndPlot(job.project, job.movies), {
      answered: (answers) => say({ t: 'answered', answers }),
      progress: (done, phase) => say({ t: 'progress', done, total: 1, phase }),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
    })
    say({ t: 'done', memoryMb: 300 })
  } catch (error) {
    say({ t: 'error', error: toReply(error) })
  }
}

export class FakeCompute {
  /** What the next compute process does. */
  script: Script = answers()
  tuneScript: TuneScript = tunes
  suspectScript: SuspectScript = (_, say) =>
    say({ t: 'error', error: { code: 'too-few-movies', message: 'There are too few movies for suspects.' } })
  mapScript: MapScript = placesInRow
  /** What the process that answers says; null: it dies. */
  answer: (request: InferenceRequest) => InferenceReply | null = (request) => {
    if (request.t === 'predict') return { t: 'predicted', id: request.id, probabilities: new Float32Array(3).fill(0.5) }
    if (request.t === 'explain' && request.model.family === 'linear') return explained(request, request.model)
    return { t: 'failed', id: request.id, error: { code: 'not-faked', message: 'not faked' } }
  }
  print: PrintPdf = () => Promise.reject(new UserError('no-browser', 'There is no browser.'))
  readonly jobs: TrainJob[] = []
  readonly classical: ClassicalJob[] = []
  readonly tuned: FineTuneJob[] = []
  readonly searches: SuspectJob[] = []
  readonly maps: MapJob[] = []
  readonly asked: InferenceRequest[] = []
  /** Processes that answer, ever started. */
  answering = 0
  killed = 0
  /** Runs jobs in this process. */
  readonly spawn: SpawnProcess = (kind) => this.#start[kind]()
  readonly #start: { readonly [K in ProcessKind]: () => WorkProcess<K> } = {
    job: () => runInProcess(),
    compute: () => this.#compute(),
    inference: () => this.#answering(),
    reader: () => readInProcess(),
  }
  #answering(): WorkProcess<'inference'> {
    this.answering++
    let tell: (m: InferenceReply) => void = () => undefined
    let exited: (code: number | null) => void = () => undefined
    let alive = true
    return {
      post: (request) => {
        this.asked.push(structuredClone(request))
        const reply = this.answer(request)
        setImmediate(() => alive && (reply ? tell(reply) : exited(null)))
      },
      onMessage: (l) => (tell = l),
      onExit: (l) => (exited = l),
      kill: () => (alive = false),
    }
  }
  #compute(): WorkProcess<'compute'> {
    const messages: ((m: ComputeReply) => void)[] = []
    const exits: ((code: number | null) => void)[] = []
    let alive = true
    const later = (work: () => void): void => void setImmediate(() => (alive ? work() : undefined))
    return {
      post: (request) => {
        const say = (m: ComputeReply): void => messages.forEach((l) => l(m))
        const die = (code: number | null): void => {
          alive = false
          exits.forEach((l) => l(code))
        }
        // a message that crosses a process boundary is a copy
        const copy = structuredClone(request)
        if (copy.t === 'suspects') {
          this.searches.push(copy)
          return void later(() => this.suspectScript(copy, say))
        }
        if (copy.t === 'map') {
          this.maps.push(copy)
          return void later(() => this.mapScript(copy, say))
        }
        if (copy.t === 'decode') return void later(() => void decodes(copy, say))
        if (copy.t === 'train') this.jobs.push(copy)
        else if (copy.t === 'classical') this.classical.push(copy)
        else if (copy.t === 'fine-tune') this.tuned.push(copy)
        const [script, tune] = [this.script, this.tuneScript]
        later(() => (copy.t === 'fine-tune' ? tune(copy, say, die) : script(copy as TrainJob, say, die)))
      },
      onMessage: (l) => void messages.push(l),
      onExit: (l) => void exits.push(l),
      kill: () => {
        if (alive) this.killed++
        alive = false
      },
    }
  }
}

/** An engine on a tiny project, closed when the test ends. */
export class Bench {
  readonly folder: string
  readonly path: string
  readonly compute: FakeCompute
  engine: Engine
  private constructor(folder: string, path: string, compute: FakeCompute, engine: Engine) {
    this.folder = folder
    this.path = path
    this.compute = compute
    this.engine = engine
  }
  /** @param source lines of {@link csvOf}, or the text of a CSV file */
  static async open(source: readonly string[] | string): Promise<Bench> {
    const folder = scratch()
    return Bench.on(folder, await projectOf(folder, typeof source === 'string' ? source : csvOf(source), 'tiny'))
  }
  /** On a project in a folder for tests. */
  static async on(folder: string, path: string): Promise<Bench> {
    const compute = new FakeCompute()
    const bench = new Bench(folder, path, compute, await start(folder, path, compute.spawn, (...args) => compute.print(...args)))
    onTestFinished(() => bench.engine.close())
    return bench
  }
  /** Closes the engine and starts another one on the same file, like a restart of the program. */
  async restart(): Promise<void> {
    await this.engine.close()
    this.engine = await start(this.folder, this.path, this.compute.spawn, (...args) => this.compute.print(...args))
  }
  get call(): Engine['call'] {
    return this.engine.call.bind(this.engine)
  }
  /** Id of a movie by its key. */
  async movie(key: string): Promise<number> {
    return (await this.call('review.find', { key })).movie
  }
  async genre(name: string): Promise<number> {
    const genre = (await this.call('project.info', {})).genres.find((g) => g.name === name)
    if (!genre) throw new Error(`the project has no genre ${name}`)
    return genre.id
  }
  /** Labels of a movie as text: `Drama, Horror`. */
  async labels(key: string): Promise<string> {
    const [row] = await this.call('review.rows', { movies: [await this.movie(key)] })
    return row!.labels.join(', ')
  }
  /** Applies decisions on a movie: `+Horror`, `-Drama`, `keep Drama`, `impossible War`, `clear War`, `reviewed`, `skipped no`, `note text`. */
  async decide(key: string, ...words: string[]): ReturnType<Bench['apply']> {
    const movie = await this.movie(key)
    return this.apply(await Promise.all(words.map((w) => this.change(movie, w))))
  }
  apply(changes: ArgsIn<'labels.apply'>['changes']) {
    return this.call('labels.apply', { changes })
  }
  async change(movie: number, word: string): Promise<ArgsIn<'labels.apply'>['changes'][number]> {
    const sign = /^([+-])(.+)$/.exec(word)
    if (sign) return { field: 'label', movie, genre: await this.genre(sign[2]!), to: sign[1] === '+' }
    const [verb = '', ...rest] = word.split(' ')
    const text = rest.join(' ')
    if (isMark(verb as ChangeField)) return { field: verb as Mark, movie, to: text !== 'no' }
    if (verb === 'note') return { field: 'note', movie, to: text }
    const to = verb === 'clear' ? null : (verb as 'keep' | 'impossible')
    return { field: 'verdict', movie, genre: await this.genre(text), to }
  }
  /** Waits for the end of the job that `start` begins. */
  job(start: () => Promise<{ job: number }>): Promise<JobEvent> {
    return finished(this.engine, start)
  }
  export(args: ArgsIn<'export.run'>): Promise<ExportReport> {
    return exportOf(this.engine, args)
  }
  train(args: ArgsIn<'train.start'> = { config: { folds: 2 } }): Promise<JobEvent> {
    return this.job(() => this.call('train.start', args))
  }
}

export const start = (dataDir: string, open: string | null, spawn: SpawnProcess, print?: PrintPdf): Promise<Engine> =>
  Engine.start({ dataDir, open, spawn, ...(print && { print }) })

/** Exports, and returns the report of what was written. @throws UserError if the export fails */
export async function exportOf(engine: Engine, args: ArgsIn<'export.run'>): Promise<ExportReport> {
  const end = await finished(engine, () => engine.call('export.run', args))
  if (end.state !== 'done') throw new UserError(end.code ?? 'cancelled', end.message)
  return resultOf('export', end)
}

/** Waits for the end of the job that `begin` starts. */
export async function finished(engine: Engine, begin: () => Promise<{ job: number }>): Promise<JobEvent> {
  const ends: JobEvent[] = []
  let wake = (): void => undefined
  const off = engine.on('job', (e) => {
    if (e.state !== 'running') ends.push(e)
    wake()
  })
  try {
    const { job } = await begin()
    for (;;) {
      const end = ends.find((e) => e.job === job)
      if (end) return end
      await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    off()
  }
}

/** The code of the UserError that `work` throws, the message of any other error, or `none` if it succeeds. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'none'
  } catch (error) {
    return error instanceof UserError ? error.code : String(error)
  }
}

/** SQLite's own check of a project file that nobody writes; 'ok' if it is sound. */
export function integrity(path: string): unknown {
  const db = new Database(path, { readonly: true })
  try {
    return db.pragma('integrity_check', { simple: true })
  } finally {
    db.close()
  }
}
