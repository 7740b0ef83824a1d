import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import type { BatchInfo } from '../contract/records.ts'
import type { ProjectEntry, ProjectInfo } from '../contract/project.ts'
import { toReply, UserError } from '../contract/errors.ts'
import { Catalogue } from './catalogue/catalogue.ts'
import { ChangeLog, type Step } from './catalogue/log.ts'
import { Predictions } from './catalogue/predictions.ts'
import { Suspects } from './catalogue/suspects.ts'
import { ReviewIndex } from './catalogue/review-index.ts'
import { runToEnd } from './analysis/steps.ts'
import { RuleSetFolder } from './data/clean/saved-rule-sets.ts'
import { ImportMemory } from './data/import/detect/memory.ts'
import { renameDurably, writeFileAtomically } from './files/atomic.ts'
import { isRunning, thisProcess } from './files/process-identity.ts'
import { jsonIn } from './files/read.ts'
import { makePrivateFolder, removeAbandoned, temporaryName, TemporaryFiles } from './files/temporary.ts'
import { inSlices } from './jobs/slices.ts'
import { NO_MOVIE } from './store/columns.ts'
import { toUserError, type OpenOptions } from './store/database.ts'
import { isMarked, removeDatabase } from './store/project-file.ts'
import { Store } from './store/store.ts'

export const PROJECT_SUFFIX = '.reel'
/** The name of a project everywhere: that of its file. */
export const projectName = (path: string): string => basename(path, PROJECT_SUFFIX)

/** The parts of the open project that are in memory. */
interface Loaded {
  readonly turn: number
  /** Every batch of the log up to this one is included. */
  readonly since: number
  readonly catalogue: Catalogue
  readonly predictions: Predictions | null
  readonly suspects: Suspects | null
  readonly index: ReviewIndex
}

export interface WorkspaceOptions extends OpenOptions {
  /** False if another program has it open: its unfinished work must not be removed. */
  readonly alone?: boolean
  /** The other programs that have the project open. */
  readonly others?: () => readonly string[]
  /** Tells whether an interrupted run has checkpoints. */
  readonly resumable?: (run: number) => boolean
  /** The person who decides now. */
  readonly who?: () => string
}

/** The open project: its store, its columns in memory and the current run's predictions. */
export class Workspace {
  readonly store: Store
  readonly notices: string[] = []
  readonly others: () => readonly string[]
  readonly who: () => string
  #loaded!: Loaded
  #log!: ChangeLog
  /** Number of loads that were started. */
  #turn = 0
  /** The newest copy that {@link rescue} wrote, and the last batch in it. */
  #rescued: { readonly last: number; readonly path: string } | null = null
  #deciding: Promise<unknown> = Promise.resolve()

  constructor(path: string, options: WorkspaceOptions = {}) {
    this.store = new Store(path, 'open', options)
    this.others = options.others ?? (() => [])
    this.who = options.who ?? (() => '')
    try {
      if (options.alone !== false) {
        this.#endInterruptedRuns(options.resumable ?? (() => false))
        this.#dropUnfinishedCleaning()
      }
      this.#sayWhatIsUncleaned()
      this.reload()
    } catch (error) {
      this.store.close()
      throw toUserError(path, error)
    }
  }
  #endInterruptedRuns(resumable: (run: number) => boolean): void {
    for (const run of this.store.runs.all().filter((r) => r.status === 'running')) {
      this.store.runs.abandon(run.id, 'interrupted', 'The program ended while it ran.')
      this.notices.push(
        resumable(run.id)
          ? `Run ${run.id} was interrupted when the program ended: on the Train screen it can be resumed from its last checkpoint, or be deleted.`
          : `Run ${run.id} was interrupted when the program ended; its unfinished results were removed. Start it again.`,
      )
    }
  }
  #dropUnfinishedCleaning(): void {
    for (const step = this.store.cleanings.dropOthers(); !step.next().done;);
  }
  /** Adds a notice if the program ended after records were added and before they were cleaned: the catalogue lacks them. */
  #sayWhatIsUncleaned(): void {
    const { movies, cleanings, columns } = this.store
    const cleaning = cleanings.current()
    const last = movies.lastId()
    if (!cleaning || !movies.isInSource(last)) return
    if ((columns.value(cleaning.id, 'out', last) ?? NO_MOVIE) === NO_MOVIE)
      this.notices.push('The program ended before added records were cleaned: open the Clean screen and choose Apply.')
  }
  get catalogue(): Catalogue {
    return this.#loaded.catalogue
  }
  /** Index for the filters of the review list. */
  get index(): ReviewIndex {
    return this.#loaded.index
  }
  get log(): ChangeLog {
    return this.#log
  }
  get predictions(): Predictions | null {
    return this.#loaded.predictions
  }
  /** The result of the last search for suspects since the last cleaning; null if there was none. */
  get suspects(): Suspects | null {
    return this.#loaded.suspects
  }
  /** Reads everything again, after cleaning, without a pause: for a large project this blocks other calls. */
  reload(): void {
    this.#take(runToEnd(this.#load(null)))
  }
  /** Like {@link reload}, but other calls run in between. Decisions made meanwhile are included. */
  async reloadInTurns(): Promise<void> {
    this.#take(await inSlices(this.#load(null)))
  }
  async reloadRunInTurns(): Promise<void> {
    this.#take(await inSlices(this.#load(this.catalogue)))
  }
  /** @param catalogue keeps this one; null: reads it again */
  *#load(catalogue: Catalogue | null): Generator<undefined, Loaded> {
    const turn = ++this.#turn
    const since = catalogue?.lastBatch ?? 0
    const made = catalogue ?? (yield* Catalogue.loadInSteps(this.store))
    const current = this.store.meta.get('currentRun')
    const run = current === null ? null : this.store.runs.get(current)
    const suspects = Suspects.load(made, this.store)
    const predictions = run?.status === 'done' ? yield* Predictions.loadInSteps(made, this.store, run, undefined, suspects) : null
    const index = yield* ReviewIndex.loadInSteps(this.store, made, predictions, suspects, {
      run: inSlices,
      ...(catalogue && { columns: this.index.columns }),
    })
    return { turn, since, catalogue: made, predictions, suspects, index }
  }
  #take(loaded: Loaded): void {
    // a newer load has started: its result replaces this one
    if (loaded.turn !== this.#turn) return
    const { catalogue, index, since } = loaded
    const stays = catalogue === (this.#loaded as Loaded | undefined)?.catalogue
    const rows = stays ? catalogue.touchedAfter(since) : [...catalogue.catchUp(this.store)]
    if (rows.length > 0) runToEnd(index.refresh(rows))
    this.#loaded = loaded
    if (!stays) this.#log = new ChangeLog(this.store, catalogue)
  }
  /**
   * Computes the order of the list again if enough suspects were answered since the last time, in the background: other calls run in
   * between. Returns how many movies came among the next ones; null if it was not due.
   */
  async rescoreWhenDue(): Promise<number | null> {
    return this.suspects?.learnWhenDue() ? inSlices(this.index.rescore()) : null
  }
  /** Updates predictions and lists after label changes of these movies. */
  refresh(movies: readonly number[]): void {
    runToEnd(this.index.refresh(this.#rowsOf(movies)))
  }
  #rowsOf(movies: readonly number[]): number[] {
    return movies.map((movie) => this.catalogue.row(movie)).filter((row) => row >= 0)
  }
  /**
   * Runs work that decides, after the decisions before it: while a large batch is written in turns, others would be planned from columns
   * that lack a part of it.
   */
  decide<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#deciding.then(work)
    this.#deciding = result.catch(() => undefined)
    return result
  }
  /** Writes a step of the log and updates predictions and lists; if it is large, other calls run meanwhile. */
  async write(step: Step): Promise<BatchInfo> {
    const large = this.log.isLarge(step)
    const info = large ? await this.log.writeInTurns(step, inSlices) : this.log.write(step)
    if (large) await inSlices(this.index.refresh(this.#rowsOf(info.movies)))
    else this.refresh(info.movies)
    return info
  }
  /** True while the person who decides now must not see what others decided about the movie. */
  hides(movie: number): boolean {
    const { assignments, decisions } = this.index.disputes
    const row = this.catalogue.row(movie)
    return row >= 0 && assignments.anyBlind && assignments.hides(decisions.people, this.who(), row)
  }
  /** True while the movie is assigned to the person who decides now, who has not decided all of its genres. */
  isToDo(movie: number): boolean {
    const { assignments, decisions } = this.index.disputes
    return assignments.isOpen(decisions.people, this.who(), this.catalogue.row(movie))
  }
  /**
   * Runs `work`, which must not wait for anything, while the columns hold of each movie what the person who decides now may see: of a movie
   * that is decided blind, the source's labels and that person's own decisions.
   */
  asSeen<T>(movies: readonly number[], work: (hidden: ReadonlySet<number>) => T): T {
    const hidden = new Set(movies.filter((movie) => this.hides(movie)))
    if (hidden.size === 0) return work(hidden)
    const { inForce } = this.index.disputes.decisions
    const replay = (isShown: (who: string) => boolean): void => {
      for (const movie of hidden) {
        const entries = [...this.store.changes.entries(movie)].filter(({ id, who }) => inForce.has(id) && isShown(who))
        this.catalogue.replay(movie, entries)
        this.predictions?.refresh(this.catalogue.row(movie))
      }
    }
    replay((who) => who === this.who())
    try {
      return work(hidden)
    } finally {
      replay(() => true)
    }
  }
  /** The current predictions. @throws UserError `no-run` before the first training */
  trained(): Predictions {
    if (!this.predictions) throw new UserError('no-run', 'No model is trained yet: train one first (`reelabel train PROJECT.reel`).')
    return this.predictions
  }
  info(): ProjectInfo {
    const { store, catalogue } = this
    const splits = { train: 0, valid: 0, test: 0 }
    for (let i = 0; i < catalogue.n; i++) splits[catalogue.splitOf(i)]++
    return {
      path: store.path,
      name: projectName(store.path),
      sample: store.meta.get('sample') ?? false,
      movies: catalogue.movies,
      kept: catalogue.n,
      genres: catalogue.genres,
      splits,
      currentRun: this.predictions?.run ?? null,
      keys: store.meta.get('keys') ?? {},
      others: this.others(),
      notices: this.notices,
    }
  }
  /**
   * If another file has taken the project's place, writes a copy of the open project, once for each state of it.
   * @param pathFor path of a new project of that name: in a folder, or in the folder of projects if that one cannot be written
   * @returns the path of the copy; null if the project is where it was
   */
  rescue(pathFor: ProjectsFolder['pathFor']): string | null {
    if (!this.store.isElsewhere) return null
    const last = this.store.changes.lastBatch()
    if (this.#rescued?.last === last) return this.#rescued.path
    const name = `${projectName(this.store.path)} rescued`
    const path = this.#writeCopy(pathFor(name, dirname(this.store.path))) ?? this.#writeCopy(pathFor(name))
    if (path !== null) this.#rescued = { last, path }
    return path
  }
  #writeCopy(path: string): string | null {
    const temporary = temporaryName(path)
    try {
      this.store.copyNow(temporary)
      renameDurably(temporary, path)
      return path
    } catch (error) {
      console.error(error)
      return null
    } finally {
      removeDatabase(temporary)
    }
  }
  close(): void {
    this.store.close()
  }
}

/** Names of unfinished versions of the small files in the data folder. */
const SETTINGS = /^\.(?:last-project|opening-project|[\w-]+\.json)\./
const OPENING = z.object({ path: z.string(), host: z.string(), pid: z.int(), began: z.string().nullable() })

/** Writes what the next start can do without: a data folder whose disk is full keeps no project from being opened. */
function note(file: string, text: string): void {
  try {
    writeFileAtomically(file, text)
  } catch (error) {
    if (toReply(toUserError(file, error)).code !== 'disk-full') throw error
  }
}

/** Folder of the window's projects, and temporary files of uploads and exports. */
export class ProjectsFolder {
  readonly dir: string
  /** Folder of deleted projects; the first of them creates it. */
  readonly deleted: string
  /** Remembered import choices, by table header. */
  readonly importMemory: ImportMemory
  readonly ruleSets: RuleSetFolder
  /** Private folder, which {@link close} deletes. */
  readonly temporary: string
  /** Temporary files that are being written in other folders. */
  readonly temporaryFiles: TemporaryFiles
  readonly #allTemporary: string
  readonly #dataDir: string
  /** File with the path of the last project. */
  readonly #lastFile: string
  /** File with the path of the project that is being opened. */
  readonly #openingFile: string
  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#lastFile = join(dataDir, 'last-project')
    this.#openingFile = join(dataDir, 'opening-project')
    this.dir = join(dataDir, 'projects')
    this.deleted = join(this.dir, 'deleted')
    this.ruleSets = new RuleSetFolder(join(dataDir, 'rule-sets'))
    this.importMemory = new ImportMemory(join(dataDir, 'remembered-imports.json'))
    this.#allTemporary = join(dataDir, 'temporary')
    this.temporaryFiles = new TemporaryFiles(join(dataDir, 'temporary-files'))
    for (const folder of [dataDir, this.dir, this.#allTemporary]) makePrivateFolder(folder)
    this.temporary = temporaryName(join(this.#allTemporary, 'session'))
    mkdirSync(this.temporary)
  }
  /** Removes the uploads among these files. An upload is in a folder of its own in the temporary folder. */
  removeUploads(paths: readonly string[]): void {
    for (const folder of paths.map((path) => dirname(resolve(path))))
      if (dirname(folder) === this.temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  /** Removes files of killed programs. Returns notices for the analyst. */
  tidy(): string[] {
    removeAbandoned(this.#allTemporary)
    removeAbandoned(this.#dataDir, (path) => SETTINGS.test(basename(path)))
    return [
      ...removeAbandoned(this.dir, isMarked).map(
        (path) => `An unfinished import into ${basename(path)} was removed: import the files again.`,
      ),
      ...this.temporaryFiles.removeAbandoned().map((path) => `What was left of unfinished work on ${path} was removed: do it again.`),
    ]
  }
  /** The last project; null if there is none or its file is missing. */
  last(): string | null {
    if (!existsSync(this.#lastFile)) return null
    const path = readFileSync(this.#lastFile, 'utf8')
    return existsSync(path) ? path : null
  }
  remember(path: string): void {
    note(this.#lastFile, path)
    rmSync(this.#openingFile, { force: true })
  }
  /** Notes that a project is being opened; {@link remember} or {@link forget} ends that. */
  opening(path: string): void {
    note(this.#openingFile, JSON.stringify({ path, ...thisProcess() }))
  }
  /** Forgets that a project is being opened. */
  forget(): void {
    rmSync(this.#openingFile, { force: true })
  }
  /** The project that a program was opening when it ended; null if the last start went well, or is not over. It is not the last project any more. */
  takeUnopened(): string | null {
    const opening = jsonIn(this.#openingFile, OPENING)
    if (!opening || isRunning(opening, 0)) return null
    this.forget()
    if (this.last() === opening.path) rmSync(this.#lastFile, { force: true })
    return opening.path
  }
  close(): void {
    rmSync(this.temporary, { recursive: true, force: true })
  }
  list(deleted = false): ProjectEntry[] {
    const dir = deleted ? this.deleted : this.dir
    return (existsSync(dir) ? readdirSync(dir) : [])
      .filter((f) => f.endsWith(PROJECT_SUFFIX))
      .flatMap((f) => {
        const stat = statSync(join(dir, f), { throwIfNoEntry: false })
        if (!stat?.isFile()) return []
        return { path: join(dir, f), name: projectName(f), modifiedAt: stat.mtime.toISOString(), bytes: stat.size }
      })
      .sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))
  }
  /** Path for a project of that name; a number is appended if the name, or a folder of backups for it, is taken. */
  pathFor(name: string, dir = this.dir): string {
    const safe =
      name
        .replace(/[^\p{L}\p{N} ._+()-]/gu, '_')
        .replace(/^\.+/, '')
        .slice(0, 80)
        .trim() || 'Project'
    for (let i = 1; ; i++) {
      const path = join(dir, `${safe}${i === 1 ? '' : ` ${i}`}`)
      if (![PROJECT_SUFFIX, '.backups'].some((suffix) => existsSync(path + suffix))) return path + PROJECT_SUFFIX
    }
  }
}
