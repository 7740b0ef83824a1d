/** A small deterministic engine: enough of the contract's behaviour to develop and test the window against. */
import { METHODS, type Api, type Args, type ArgsIn, type Method, type Result } from '../../src/contract/api.ts'
import type { Change, Filter } from '../../src/contract/review.ts'
import type { EventName, Events, JobEvent, JobResults } from '../../src/contract/events.ts'
import { RULE_SET_FILE, type CleanRuleSet, type CleanStep } from '../../src/contract/cleaning.ts'
import { UserError } from '../../src/contract/errors.ts'
import type { RejectedRecord } from '../../src/contract/importing.ts'
import type { EpochFigures, ModelEntry } from '../../src/contract/models.ts'
import type { MergePlan } from '../../src/contract/merging.ts'
import type { BackupList } from '../../src/contract/safety.ts'
import type { BatchInfo, ChangeEntry, RunConfig, RunInfo, UndoState } from '../../src/contract/records.ts'
import { cleaningReport, DEFAULT_RULE_SET, genrePreview, ruleBook } from './fake-cleaning.ts'
import { GENRES, movies, type FakeMovie } from './fake-data.ts'
import { comparison, importReport, plan } from './fake-reports.ts'
import { recordCheck, rejectedRecords, importLog, mergePlan, page } from './fake-rejected.ts'
import { backupList, everything, newBackup, salvageReport } from './fake-safety.ts'
import {
  configFor,
  defaultsFor,
  devices,
  downloaded,
  epochsOf,
  estimateOf,
  hubDescribe,
  hubSearch,
  library,
  librarySettings,
  logOf,
  predictText,
} from './fake-models.ts'
import { detail, metrics, row, runInfo, THRESHOLD } from './fake-records.ts'

const ENTRY: ChangeEntry = {
  batch: 1,
  movie: 1,
  key: 'm1',
  title: '',
  genre: null,
  field: 'reviewed',
  from: '0',
  to: '1',
  at: '2026-01-01T10:00:00.000Z',
  who: '',
  why: '',
  run: null,
  undoes: null,
}

type Handlers = { [M in Method]: (args: Args<M>) => Result<M> | Promise<Result<M>> }
interface Batch {
  readonly info: BatchInfo
  readonly undo: () => void
  readonly redo: () => void
}

const RESULTS: { readonly [K in JobEvent['kind']]?: JobResults[K] } = {
  salvage: salvageReport,
  everything,
  'export-model': { folder: null, files: ['config.json', 'model.safetensors'].map((name) => ({ name, bytes: 18, file: 'f1' })) },
}

export class FakeApi implements Api {
  all: FakeMovie[]
  /** How long an explanation takes: a transformer's takes seconds. */
  explainMs = 0
  /** How the next job ends, if not well. */
  nextJobFails = ''
  /** Files that cannot be inspected: end of the path to the reason. */
  readonly unreadable = new Map<string, string>()
  backups: BackupList = backupList
  ruleSet: CleanRuleSet = DEFAULT_RULE_SET
  rejected: readonly RejectedRecord[] = rejectedRecords
  staged: MergePlan | null = null
  readonly saved = new Map<string, CleanStep[]>()
  runs: RunInfo[] = []
  models: readonly ModelEntry[] = library
  settings = librarySettings
  calls: Method[] = []
  /** The next call of the method fails. */
  readonly failNext = new Map<Method, UserError>()
  readonly #jobMs: number
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()
  readonly #done: Batch[] = []
  readonly #undone: Batch[] = []
  readonly #jobs = new Map<number, JobEvent>()
  /** Epochs of trainings so far. */
  readonly #told = new Map<number, EpochFigures[]>()
  #project = 'Sample'

  constructor({ count = 400, trained = true, jobMs = 20 } = {}) {
    this.all = movies(count)
    this.#jobMs = jobMs
    if (trained) this.runs = [runInfo(1, null, 0)]
  }
  async call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    this.calls.push(method)
    await Promise.resolve()
    const failure = this.failNext.get(method)
    this.failNext.delete(method)
    if (failure) throw failure
    const parsed = METHODS[method].args.parse(args) as Args<M>
    return this.#handlers[method](parsed)
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener)
    return () => set.delete(listener)
  }
  emit<E extends EventName>(event: E, payload: Events[E]): void {
    for (const l of this.#listeners.get(event) ?? []) l(payload as never)
  }
  get #trained(): boolean {
    return this.runs.length > 0
  }
  #movie(id: number): FakeMovie {
    const m = this.all[id - 1]
    if (!m) throw new UserError('no-movie', `There is no movie ${id}. Refresh the list.`)
    return m
  }
  #state(): UndoState {
    const cells = this.all.reduce((n, m) => n + m.labels.filter((l, i) => l !== m.source[i]).length + m.verdicts.filter((v) => v).length, 0)
    return {
      undo: this.#done.at(-1)?.info.description ?? null,
      redo: this.#undone.at(-1)?.info.description ?? null,
      corrections: cells,
      reviewed: this.all.filter((m) => m.reviewed).length,
    }
  }
  #apply(changes: readonly Change[], description: string): BatchInfo & UndoState {
    const touched = [...new Set(changes.map((c) => c.movie))]
    const copy = () => touched.map((id) => structuredClone(this.#movie(id)))
    const before = copy()
    for (const c of changes) {
      const m = this.#movie(c.movie)
      if (c.field === 'label') m.labels[c.genre - 1] = c.to
      else if (c.field === 'verdict') m.verdicts[c.genre - 1] = c.to
      else if (c.field === 'reviewed') m.reviewed = c.to
      else m.note = c.to
    }
    const after = copy()
    const put = (state: FakeMovie[]) => () => state.forEach((m) => (this.all[m.id - 1] = structuredClone(m)))
    const info = { batch: this.#done.length + 1, description, changes: changes.length, movies: touched }
    this.#done.push({ info, undo: put(before), redo: put(after) })
    this.#undone.length = 0
    this.emit('changed', { what: 'labels' })
    return { ...info, ...this.#state() }
  }
  #revert(from: Batch[], to: Batch[], way: 'undo' | 'redo'): BatchInfo & UndoState {
    const batch = from.pop()
    if (!batch) throw new UserError('nothing', `Nothing to ${way}.`)
    batch[way]()
    to.push(batch)
    this.emit('changed', { what: 'labels' })
    return { ...batch.info, ...this.#state() }
  }
  #open(name: string, count: number): Result<'project.info'> {
    if (name !== this.#project) {
      this.#project = name
      this.all = movies(count)
      this.emit('changed', { what: 'project' })
    }
    return this.#info()
  }
  #matches(m: FakeMovie, f: Filter, bucket: Filter['bucket']): boolean {
    const r = row(m, this.#trained)
    if (bucket !== 'all' && !r.buckets.includes(bucket)) return false
    if (f.genre !== null && m.labels[f.genre - 1] !== true && !r.cells.some((c) => c.genre === f.genre)) return false
    if (f.kind !== 'any' && !r.cells.some((c) => c.kind === f.kind)) return false
    if (
      !f.text
        .toLowerCase()
        .split(' ')
        .every((w) => `${m.title} ${m.plot}`.toLowerCase().includes(w))
    )
      return false
    if (f.reviewed !== 'any' && m.reviewed !== (f.reviewed === 'yes')) return false
    return f.split === 'any' || r.split === f.split
  }
  #query(f: Filter): Result<'review.query'> {
    const found = this.all.filter((m) => this.#matches(m, f, f.bucket))
    const by = {
      score: (m: FakeMovie) => row(m, this.#trained).score ?? 0,
      title: (m: FakeMovie) => m.title,
      file: (m: FakeMovie) => m.id,
      probability: () => 0,
    }[f.sort]
    found.sort((a, b) => (by(a) < by(b) ? -1 : 1) * (f.descending ? -1 : 1))
    const n = (bucket: Filter['bucket']) => this.all.filter((m) => this.#matches(m, f, bucket)).length
    return {
      movies: Int32Array.from(found, (m) => m.id),
      buckets: { all: n('all'), good: n('good'), bad: n('bad'), impossible: n('impossible') },
    }
  }
  #exported: JobResults['export'] | null = null
  #start(kind: JobEvent['kind'], run: number | null, done: () => void): { job: number } {
    const job = this.#jobs.size + 1
    const steps = 5
    const failure = this.nextJobFails
    this.nextJobFails = ''
    const step = (i: number) => {
      if (this.#jobs.get(job)?.state === 'cancelled') return
      const state = i < steps ? 'running' : failure === '' ? 'done' : 'failed'
      const left = i === 0 ? null : (steps - i) * this.#jobMs
      this.#tell({
        job,
        kind,
        state,
        phase: `fold ${i} of ${steps}`,
        progress: i / steps,
        elapsedMs: i * this.#jobMs,
        remainingMs: left,
        message: state === 'done' ? 'Done.' : state === 'failed' ? failure : '',
        code: null,
        run,
        result: state !== 'done' ? null : kind === 'export' ? this.#exported : (RESULTS[kind] ?? null),
      } as JobEvent)
      if (i < steps) setTimeout(() => step(i + 1), this.#jobMs)
      else if (state === 'done') done()
    }
    step(0)
    return { job }
  }
  #train(settings: Args<'train.start'>['config'], retrain: boolean): { job: number; run: number } {
    const id = this.runs.length + 1
    const before = this.runs.find((r) => r.current) ?? null
    const config = retrain ? (before?.config ?? configFor({})) : configFor(settings)
    const run = runInfo(id, retrain ? (before?.id ?? null) : null, this.#state().corrections, config)
    this.runs = [...this.runs, { ...run, status: 'running', current: false }]
    const made = this.#start(retrain ? 'retrain' : 'train', id, () => {
      this.runs = [...this.runs.filter((r) => r.id !== id).map((r) => ({ ...r, current: false })), run]
      this.emit('changed', { what: 'runs' })
    })
    this.#epochs(id, config, made.job)
    return { ...made, run: id }
  }
  /** Told while the job runs. */
  #epochs(run: number, config: RunConfig, job: number): void {
    if (config.family !== 'transformer') return
    const all = epochsOf(config)
    const told = (i: number) => {
      const figures = all[i]
      if (!figures || this.#jobs.get(job)?.state === 'cancelled') return
      this.#told.get(run)?.push(figures)
      this.emit('epoch', { run, figures })
      setTimeout(() => told(i + 1), (5 * this.#jobMs) / all.length)
    }
    this.#told.set(run, [])
    told(0)
  }
  #tell(job: JobEvent): void {
    this.#jobs.set(job.job, job)
    this.emit('job', job)
  }
  #info(): Result<'project.info'> {
    const n = (s: string) => this.all.filter((m) => row(m, false).split === s).length
    const splits = { train: n('train'), valid: 0, test: n('test') }
    return {
      path: `/p/${this.#project}.reel`,
      name: this.#project,
      sample: true,
      movies: this.all.length,
      kept: this.all.length,
      genres: GENRES,
      splits,
      currentRun: this.runs.at(-1)?.id ?? null,
      notices: [],
    }
  }
  #overview(): Result<'overview.get'> {
    const rows = this.all.map((m) => row(m, this.#trained))
    const k = GENRES.length
    const pairs = new Int32Array(k * k)
    for (const m of this.all) for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) if (m.labels[i] && m.labels[j]) pairs[i * k + j]! += 1
    const kinds = (id: number, kind: string) => rows.filter((r) => r.cells.some((c) => c.genre === id && c.kind === kind)).length
    const genres = GENRES.map((g, i) => ({
      ...g,
      source: this.all.filter((m) => m.source[i]).length,
      corrected: this.all.filter((m) => m.labels[i]).length,
      missing: kinds(g.id, 'missing'),
      spurious: kinds(g.id, 'spurious'),
      swapped: 0,
      impossible: this.all.filter((m) => m.verdicts[i] === 'impossible').length,
    }))
    const n = (b: 'good' | 'bad' | 'impossible') => rows.filter((r) => r.buckets.includes(b)).length
    return {
      movies: this.all.length,
      genres,
      cooccurrence: pairs,
      buckets: { good: n('good'), bad: n('bad'), impossible: n('impossible') },
      labelsPerMovie: [],
      reviewed: this.#state().reviewed,
    }
  }
  #explain(movie: number, genre: number): Result<'review.explain'> {
    const { plot } = this.#movie(movie)
    const words = [...plot.matchAll(/\p{L}+/gu)].map((m, i) => ({
      start: m.index,
      end: m.index + m[0].length,
      score: (((i * 7 + genre) % 11) - 5) / 10,
    }))
    const spans = words.filter((w) => Math.abs(w.score) > 0.2)
    const features = spans.slice(0, 8).map((s) => ({ feature: plot.slice(s.start, s.end), contribution: s.score }))
    return { genre, spans, features, intercept: -1.2, logit: 0.4, note: 'From the final model, which has seen the train rows.' }
  }
  readonly #handlers: Handlers = {
    'app.info': () => ({ version: '0.1.0', node: '24', sqlite: '3', projectsDir: '/p' }),
    'project.list': () =>
      ['Sample', 'Other'].map((name) => ({ path: `/p/${name}.reel`, name, modifiedAt: '2026-01-01T10:00:00.000Z', bytes: 1e6 })),
    'project.open': () => this.#open('Other', 5),
    'project.sample': () => this.#open('Sample', this.all.length),
    'project.info': () => this.#info(),
    'files.put': (a) => ({ path: `/tmp/${a.name}`, bytes: a.offset + a.bytes.byteLength }),
    'files.get': () => ({ bytes: new TextEncoder().encode('id,genres\n1,Drama\n'), total: 18 }),
    'import.inspect': (a) => {
      for (const [end, why] of this.unreadable) if (a.paths.some((p) => p.endsWith(end))) throw new UserError('not-utf8', why)
      return plan(a)
    },
    'import.run': (a) =>
      this.#start('import', null, () => {
        this.#project = a.name
        this.emit('changed', { what: 'project' })
      }),
    'import.report': () => importReport,
    'import.forget': () => ({ forgotten: true }),
    'clean.rules': () => ruleBook,
    'clean.ruleSet': () => this.ruleSet,
    'clean.report': () => cleaningReport(this.ruleSet),
    'clean.set': ({ ruleSet }) =>
      this.#start('clean', null, () => {
        this.ruleSet = ruleSet ?? this.ruleSet
        this.emit('changed', { what: 'catalogue' })
      }),
    'clean.preview': ({ ruleSet, count }) =>
      new Promise((resolve) => void this.#start('preview', null, () => resolve(cleaningReport(ruleSet, count)))),
    'clean.genres': ({ ruleSet }) => genrePreview(ruleSet),
    'clean.saved': () => [...this.saved].map(([name, steps]) => ({ name, modifiedAt: '2026-01-01T10:00:00.000Z', steps })),
    'clean.save': ({ name, ruleSet }) => {
      this.saved.set(name, ruleSet)
      return { path: `/p/${name}.json`, text: '', file: { reelabel: 'cleaning rule set', version: 1, steps: ruleSet } }
    },
    'clean.load': (a) => ('name' in a ? (this.saved.get(a.name) ?? []) : RULE_SET_FILE.parse(JSON.parse(a.text)).steps),
    'clean.delete': ({ name }) => {
      this.saved.delete(name)
      return null
    },
    'overview.get': () => this.#overview(),
    'metrics.get': (a) => metrics(this.all, 1, a.part, a.labels),
    'review.query': (a) => this.#query(a),
    'review.first': ({ limit, ...filter }) => {
      const { movies, buckets } = this.#query(filter)
      return { movies: movies.slice(0, limit), buckets, complete: movies.length <= limit }
    },
    'review.rows': (a) => a.movies.map((id) => row(this.#movie(id), this.#trained)),
    'review.movie': (a) => detail(this.#movie(a.movie), this.#trained),
    'review.find': ({ key }) => ({ movie: Number(key.replace('tt', '')) }),
    'review.explain': async (a) => {
      if (this.explainMs > 0) await new Promise((resolve) => setTimeout(resolve, this.explainMs))
      return this.#explain(a.movie, a.genre)
    },
    'labels.apply': (a) => this.#apply(a.changes, a.description),
    'labels.bulk': (a) => {
      const genre = Number(a.genre)
      const matched = this.#query(a.filter).movies
      const to = a.action === 'add'
      const changes = [...matched].filter((id) => this.#movie(id).labels[genre - 1] !== to)
      const edits = changes.map((movie): Change => ({ field: 'label', movie, genre, to }))
      if (!a.dryRun && edits.length > 0) this.#apply(edits, `${to ? 'Added' : 'Removed'} a genre`)
      return { count: changes.length, matched: matched.length, batch: null, ...this.#state() }
    },
    'labels.undo': () => this.#revert(this.#done, this.#undone, 'undo'),
    'labels.redo': () => this.#revert(this.#undone, this.#done, 'redo'),
    'labels.state': () => this.#state(),
    'labels.history': () => this.#done.slice(-1).map(({ info }) => ({ ...ENTRY, batch: info.batch, movie: info.movies[0] ?? 0 })),
    'train.defaults': defaultsFor,
    'train.start': (a) => this.#train(a.config, a.retrain),
    'train.resume': () => this.#train({}, true),
    'train.drop': ({ run }) => {
      this.runs = this.runs.map((r) => (r.id === run ? { ...r, resumable: false } : r))
      return null
    },
    'runs.log': ({ run }) =>
      logOf(
        this.runs.find((r) => r.id === run),
        this.#told.get(run),
      ),
    'predict.text': ({ plot }) => predictText(plot, this.runs.slice(-3)),
    'models.list': () => this.models,
    'models.add': ({ path }) => {
      if (!path.startsWith('/')) throw new UserError('no-folder', `${path} is no folder of this machine: give its whole path.`)
      const entry = { ...downloaded(path), id: path, name: path.slice(path.lastIndexOf('/') + 1), source: 'folder' as const }
      this.models = [...this.models, entry]
      return entry
    },
    'models.remove': ({ id }) => {
      this.models = this.models.filter((m) => m.id !== id)
      return null
    },
    'models.search': hubSearch,
    'models.describe': ({ id }) => hubDescribe(id),
    'models.download': ({ id }) =>
      this.#start('download', null, () => (this.models = [...this.models.filter((m) => m.id !== id), downloaded(id)])),
    'models.export': () => this.#start('export-model', null, () => undefined),
    'models.estimate': ({ config }) => estimateOf(config),
    'models.devices': () => devices,
    'models.settings': ({ offline = this.settings.offline }) => (this.settings = { ...this.settings, offline }),
    'runs.list': () => this.runs,
    'runs.restore': (a) => {
      this.runs = this.runs.map((r) => ({ ...r, current: r.id === a.run }))
      this.emit('changed', { what: 'runs' })
      return runInfo(a.run, null, 0)
    },
    'runs.compare': (a) => comparison(a.a, a.b),
    'jobs.list': () => [...this.#jobs.values()],
    'jobs.cancel': (a) => {
      const job = this.#jobs.get(a.job)
      if (!job) throw new UserError('no-job', `There is no job ${a.job}.`)
      const ended: JobEvent = { ...job, state: 'cancelled', message: 'Cancelled. Nothing was changed.' }
      this.#tell(ended)
      return ended
    },
    'import.log': ({ after, limit }) => page(importLog, after, limit, 'entries'),
    'rejected.list': ({ after, limit }) => page(this.rejected, after, limit, 'records'),
    'rejected.check': ({ records }) => records.map(recordCheck),
    'rejected.retry': ({ records }) =>
      this.#start('repair', null, () => {
        const taken = records.filter((r) => recordCheck(r).why === null).map((r) => r.record)
        this.rejected = this.rejected.filter((a) => !taken.includes(a.record))
        this.emit('changed', { what: 'catalogue' })
      }),
    'merge.stage': () =>
      this.#start('compare', null, () => {
        this.staged = mergePlan
      }),
    'merge.plan': () => this.staged,
    'merge.run': () =>
      this.#start('merge', null, () => {
        this.staged = null
        this.emit('changed', { what: 'project' })
      }),
    'merge.discard': () => {
      this.staged = null
      return null
    },
    'backups.list': () => this.backups,
    'backups.make': () =>
      this.#start('backup', null, () => (this.backups = { ...this.backups, backups: [newBackup(), ...this.backups.backups] })),
    'backups.restore': () => this.#start('restore', null, () => this.emit('changed', { what: 'project' })),
    'backups.set': ({ automatic }) => (this.backups = { ...this.backups, automatic }),
    'project.copy': () => this.#start('copy', null, () => undefined),
    'project.salvage': () => this.#start('salvage', null, () => undefined),
    'export.everything': () => this.#start('everything', null, () => undefined),
    'export.run': ({ what }) => {
      const files = [{ name: `${what}.csv`, path: '/tmp/x.csv', bytes: 18, file: 'f1' }]
      this.#exported = { files, records: this.all.length, changedRecords: 3, neutralised: 0 }
      return this.#start('export', null, () => undefined)
    },
  }
  static readonly threshold = THRESHOLD
}
