import { basename, dirname, join, resolve } from 'node:path'
import { METHODS, type Api, type ArgsIn, type Method, type Result } from '../contract/api.ts'
import type { PathGrant } from '../contract/bridge.ts'
import type { EventName, Events } from '../contract/events.ts'
import { schemaProblems, toReply, UserError } from '../contract/errors.ts'
import type { QueueAccess } from '../contract/workers.ts'
import { asRequest, MAX_WAITING, refusalOf, refused, type EventMessage, type Port, type Reply } from '../contract/rpc.ts'
import { auditHandlers } from './handlers/audit.ts'
import { cleaningHandlers } from './handlers/cleaning.ts'
import { codebookHandlers } from './handlers/codebook.ts'
import { checkPaths, ChosenPaths } from './handlers/path-policy.ts'
import type { Context, Handlers } from './handlers/context.ts'
import { errorHandlers } from './handlers/error-analysis.ts'
import { sliceHandlers } from './handlers/slices.ts'
import { exportHandlers } from './handlers/export.ts'
import { fileHandlers, Outbox } from './handlers/files.ts'
import { safetyHandlers } from './handlers/safety.ts'
import { decoderHandlers } from './handlers/decoders.ts'
import { serviceHandlers } from './handlers/services.ts'
import { settingsHandlers } from './handlers/settings.ts'
import { importHandlers, rejectedHandlers } from './handlers/import.ts'
import { labelHandlers } from './handlers/labels.ts'
import { mapHandlers } from './handlers/map.ts'
import { mergingHandlers } from './handlers/merging.ts'
import { modelHandlers } from './handlers/models.ts'
import { overviewHandlers } from './handlers/overview.ts'
import { peopleHandlers } from './handlers/people.ts'
import { predictHandlers } from './handlers/predict.ts'
import { openSample, projectHandlers } from './handlers/project.ts'
import { recipeHandlers } from './handlers/recipe-files.ts'
import { reviewHandlers } from './handlers/review.ts'
import { runHandlers } from './handlers/runs.ts'
import { suspectHandlers } from './handlers/suspects.ts'
import { thresholdHandlers } from './handlers/thresholds.ts'
import { trainHandlers } from './handlers/train.ts'
import { tuneHandlers } from './handlers/tuning.ts'
import { workerHandlers } from './handlers/workers.ts'
import { Hub } from './hub/hub.ts'
import { Library } from './hub/library.ts'
import { EncryptedKeys, SystemKeyring, type Cipher } from './services/keys.ts'
import { Services } from './services/services.ts'
import { Reader } from './jobs/reader.ts'
import type { SpawnProcess } from './processes/work-process.ts'
import { printWithBrowser, type PrintPdf } from './processes/print.ts'
import { WarmProcess } from './processes/warm-process.ts'
import { keepBeforeMigration } from './jobs/backup.ts'
import { Backups } from './jobs/backups.ts'
import { SettingsFile } from './files/settings-file.ts'
import { removeAbandoned } from './files/temporary.ts'
import { MeasuredCosts } from './jobs/measured-costs.ts'
import { Jobs } from './jobs/queue.ts'
import { RunFolders } from './jobs/run-folders.ts'
import { ModelArtifacts } from './jobs/model-artifacts.ts'
import { toUserError } from './store/database.ts'
import { storedQueue } from './workers/queue-file.ts'
import { isSameFile } from './store/bare-file.ts'
import { isMarked } from './store/project-file.ts'
import { holderText, ProjectLock, setForeignLogAside, systemUser, thisProgram } from './store/project-lock.ts'
import { ProjectsFolder, Workspace } from './workspace.ts'

/** Interval between checks for other programs that have the project open. */
const OTHER_PROGRAMS_CHECK_MS = 2000

/** An opened project is remembered, for the next start to open, after this delay: one that blocks the engine before is not opened again. */
const REMEMBER_AFTER_MS = 5000

export interface EngineOptions {
  /** Folder of projects, uploads and settings. */
  readonly dataDir: string
  readonly spawn: SpawnProcess
  /** Project file to open at start. null: none. Undefined: the last one, or the embedded sample at the first start. */
  readonly open?: string | null
  /** False for a short-lived engine next to others: the project that it opens is not the window's last one. */
  readonly remembers?: boolean
  /** Prints reports as PDF; by default a browser of this machine does. */
  readonly print?: PrintPdf
  /** Who decides, instead of the person in the settings. */
  readonly by?: string | undefined
  /** Queue of the workers, instead of the one in the settings. */
  readonly queue?: QueueAccess | undefined
  /** The abilities of Electron's shell; absent where there is none. */
  readonly shell?: Shell
  /** Name of this program for others that open the same project. */
  readonly program?: string
}

/** Encrypts keys of services with the system's keychain, and asks the analyst outside of the page. */
export interface Shell extends Cipher {
  confirm(host: string): Promise<boolean>
}

export interface ServeOptions {
  /** True for a page in a browser, which may not name paths freely, see {@link checkPaths}. */
  readonly confined: boolean
  /** True if the page has the system's dialogs, so that a path which it may not name is a fault: see {@link Engine.grant}. */
  readonly dialogs?: true
}

/** The handlers of all features. */
function handlersOf(context: Context, print: PrintPdf): Handlers<typeof METHODS> {
  const outbox = new Outbox()
  /** Calls of a handler to other handlers, as a client would make them. */
  const ask: Api['call'] = async (method, args) => {
    const handler = handlers[method] as (args: unknown, caller: object) => unknown
    return (await handler(METHODS[method].args.parse(args), outbox)) as never
  }
  const handlers: Handlers<typeof METHODS> = {
    ...projectHandlers(context),
    ...fileHandlers(context, outbox),
    ...importHandlers(context),
    ...cleaningHandlers(context),
    ...rejectedHandlers(context),
    ...mergingHandlers(context),
    ...codebookHandlers(context),
    ...peopleHandlers(context),
    ...overviewHandlers(context),
    ...reviewHandlers(context),
    ...labelHandlers(context),
    ...suspectHandlers(context),
    ...mapHandlers(context),
    ...auditHandlers(context),
    ...runHandlers(context),
    ...recipeHandlers(context),
    ...thresholdHandlers(context),
    ...errorHandlers(context),
    ...sliceHandlers(context),
    ...trainHandlers(context),
    ...modelHandlers(context, outbox),
    ...predictHandlers(context, outbox),
    ...exportHandlers(context, outbox, ask, print),
    ...safetyHandlers(context, outbox, ask),
    ...settingsHandlers(context),
    ...serviceHandlers(context),
    ...decoderHandlers(context),
    ...workerHandlers(context),
    ...tuneHandlers(context),
  }
  return handlers
}

/** The engine, which is independent of Electron: store, handlers and job queue behind any number of ports. */
export class Engine implements Api {
  readonly #ports = new Set<Port>()
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()
  readonly #jobs: Jobs
  readonly #handlers: Handlers<typeof METHODS>
  readonly #projects: ProjectsFolder
  /** Paths outside of our folders that a page may name. */
  readonly #chosen = new ChosenPaths()
  readonly #remembers: boolean
  readonly #settings: SettingsFile
  readonly #backups: Backups
  readonly #who: () => string
  readonly #dataDir: string
  readonly #runFolders: RunFolders
  readonly #inference: WarmProcess<'inference'>
  readonly #reader: Reader
  readonly #program: string
  #lock: ProjectLock | null = null
  readonly #others = this.#watchOthers()
  #workspace: Workspace | null = null
  /** Runs until the project counts as opened well. */
  #opened: NodeJS.Timeout | undefined

  private constructor(options: EngineOptions) {
    this.#projects = new ProjectsFolder(options.dataDir)
    this.#remembers = options.remembers !== false
    this.#dataDir = options.dataDir
    this.#program = options.program ?? (this.#remembers ? 'a Reelabel window' : 'the command line')
    this.#settings = new SettingsFile(join(options.dataDir, 'settings.json'))
    this.#backups = new Backups({
      settings: this.#settings,
      dataDir: options.dataDir,
      start: () => options.spawn('job'),
      failed: (why) => this.#workspace?.notices.push(why),
    })
    this.#jobs = new Jobs(
      (event) => this.#emit('job', event),
      () => {
        this.#lock?.assertAlone()
        this.#workspace?.store.assertThere()
      },
    )
    this.#runFolders = new RunFolders(join(options.dataDir, 'runs'))
    this.#inference = new WarmProcess('inference', options.spawn, inferenceDied, INFERENCE_IDLE_MS)
    this.#reader = new Reader(options.spawn)
    const library = new Library({ dir: join(options.dataDir, 'models') })
    const { shell } = options
    const services = new Services({
      path: join(options.dataDir, 'services.json'),
      keychain: shell ? new EncryptedKeys(join(options.dataDir, 'service-keys.json'), shell) : new SystemKeyring(),
      env: process.env,
      assertOnline: () => library.assertOnline(),
      confirm: shell && ((host) => shell.confirm(host)),
    })
    const queueFile = join(options.dataDir, 'queue.json')
    this.#who = () => options.by ?? (this.#settings.settings.annotator || systemUser())
    const context: Context = {
      jobs: this.#jobs,
      projects: this.#projects,
      spawn: options.spawn,
      who: this.#who,
      backups: this.#backups,
      settings: this.#settings,
      library,
      hub: new Hub({ library, facts: async (path) => (await this.#reader.ask({ t: 'model-folder', path }, [path])).facts }),
      services,
      artifacts: new ModelArtifacts(join(options.dataDir, 'models', 'trained'), this.#projects.temporary),
      runFolders: this.#runFolders,
      measuredCosts: new MeasuredCosts(join(options.dataDir, 'measured-trainings.json')),
      inference: this.#inference,
      reader: this.#reader,
      places: { cacheFolder: join(options.dataDir, 'cache'), deviceFolder: join(options.dataDir, 'devices') },
      queue: () => options.queue ?? storedQueue(queueFile),
      queueFile,
      workspace: () => this.#current(),
      isOpen: (path) => this.#workspace !== null && isSameFile(path, this.#workspace.store.path),
      open: (path) => this.#open(path),
      emit: (event, payload) => this.#emit(event, payload),
    }
    this.#handlers = handlersOf(context, options.print ?? printWithBrowser)
  }
  /** @throws UserError if the project cannot be opened */
  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options)
    try {
      const notices = engine.#projects.tidy()
      if (engine.#settings.problem !== null) notices.push(engine.#settings.problem)
      engine.#runFolders.tidy()
      if (options.open === null) return engine
      const open = (path: string): Workspace => engine.#open(path)
      const workspace = options.open === undefined ? await openLast(engine.#projects, open) : open(options.open)
      workspace.notices.push(...notices)
      return engine
    } catch (error) {
      await engine.close()
      throw error
    }
  }
  #current(): Workspace {
    if (!this.#workspace) throw new UserError('no-project', 'No project is open: open or import one first.')
    return this.#workspace
  }
  #open(path: string): Workspace {
    const project = resolve(path)
    const notices = removeAbandoned(dirname(project), isMarked)
      .map((path) => basename(path))
      // an unfinished lock file is not the analyst's work
      .filter((name) => !name.startsWith('.'))
      .map((name) => `What was left of unfinished work on ${name} was removed.`)
    const kept = keepBeforeMigration(this.#dataDir, (copy) =>
      notices.push(`This project was made by an older Reelabel and has been brought up to date. How it was is kept as ${copy}.`),
    )
    if (this.#workspace?.store.isGone) {
      notices.push(...this.#leave())
      this.#lock?.release()
    }
    // before the notes of ended programs are removed
    const foreign = setForeignLogAside(project)
    if (foreign !== null) notices.push(foreignLog(project, foreign))
    const lock = new ProjectLock(project, thisProgram(this.#program))
    clearTimeout(this.#opened)
    if (this.#remembers) this.#projects.opening(project)
    try {
      const resumable = (run: number): boolean => this.#runFolders.isThere(project, run)
      const others = (): string[] => lock.others().map(holderText)
      const next = new Workspace(project, { beforeMigration: kept, alone: others().length === 0, others, resumable, lock, who: this.#who })
      notices.push(...this.#leave())
      this.#workspace = next
    } catch (error) {
      lock.release()
      if (this.#remembers) this.#projects.forget()
      throw error
    }
    this.#lock?.release()
    this.#lock = lock
    const next = this.#workspace
    next.notices.push(...notices)
    if (next.others().length === 0) this.#runFolders.sweep(project, next.store.runs.all())
    this.#backups.opened(next.store)
    this.grant(next.store.path, 'project')
    if (this.#remembers) this.#opened = setTimeout(() => this.#projects.remember(next.store.path), REMEMBER_AFTER_MS).unref()
    this.#emit('changed', { what: 'project' })
    return next
  }
  /** Closes the project. @returns what was kept of it if its file is another one by now */
  #leave(): string[] {
    const open = this.#workspace
    this.#workspace = null
    if (!open) return []
    const rescued = this.#rescue(open)
    const aside = open.store.leave()
    return [rescued, aside === null ? null : foreignLog(open.store.path, aside)].filter((kept) => kept !== null)
  }
  /** Keeps the decisions of a project whose file is gone, and says where; null if the file is there. */
  #rescue(open: Workspace): string | null {
    const copy = open.rescue((name, dir) => this.#projects.pathFor(name, dir))
    return copy === null ? null : rescuedAs(open.store.path, copy)
  }
  /** Adds to the refusal of a project whose file is gone where its decisions are kept. */
  #withRescue(error: unknown): unknown {
    const open = this.#workspace
    if (!(error instanceof UserError) || error.code !== 'project-gone' || !open) return error
    const rescued = this.#rescue(open)
    return rescued === null ? error : new UserError(error.code, `${error.message} ${rescued}`, error.details)
  }
  /** Tells the clients when another program opens or closes the project, which no call of theirs would show. */
  #watchOthers(): NodeJS.Timeout {
    let known: readonly string[] = []
    return setInterval(() => {
      const now = this.#workspace?.others() ?? []
      if (now.join() === known.join()) return
      known = now
      this.#emit('others', now)
    }, OTHER_PROGRAMS_CHECK_MS).unref()
  }
  #emit<E extends EventName>(event: E, payload: Events[E]): void {
    if (event === 'changed' && (payload as Events['changed']).what === 'labels' && this.#workspace)
      this.#backups.decided(this.#workspace.store)
    for (const port of this.#ports) port.post({ t: 'evt', event, payload } satisfies EventMessage)
    for (const l of this.#listeners.get(event) ?? []) l(payload as never)
  }
  /** Calls a method in this process. Arguments are parsed like those of other processes. */
  call<M extends Method>(method: M, args: ArgsIn<M>): Promise<Result<M>> {
    return this.#call(method, args, { confined: false }, this)
  }
  async #call<M extends Method>(method: M, args: unknown, { confined, dialogs }: ServeOptions, caller: object): Promise<Result<M>> {
    const parsed = METHODS[method].args.safeParse(args)
    if (!parsed.success) throw new UserError('bad-arguments', `${method}: ${schemaProblems(parsed.error, 'arguments', SHOWN_FAULTS)}`)
    if (confined)
      checkPaths(method, parsed.data as never, {
        temporary: this.#projects.temporary,
        projects: this.#projects.dir,
        chosen: this.#chosen,
        dialogs: dialogs === true,
      })
    const handler = this.#handlers[method] as (a: unknown, caller: object) => Result<M> | Promise<Result<M>>
    try {
      return await handler(parsed.data, caller)
    } catch (error) {
      throw this.#withRescue(toUserError(this.#workspace?.store.path ?? 'The project', error))
    }
  }
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener)
    return () => set.delete(listener)
  }
  /** Lets pages name a path that the analyst chose outside of them: in a dialog, by a drop, or as an argument. */
  grant(path: string, grant: PathGrant): void {
    this.#chosen.add(path, grant)
  }
  /** Serves calls on a port until the returned function is called. Messages that are not calls are ignored. */
  serve(port: Port, options: ServeOptions = { confined: false }): () => void {
    this.#ports.add(port)
    const uploads = new Set<string>()
    let waiting = 0
    const left = (): void => {
      // a job that a call of this port has started may still read its uploads
      if (waiting === 0 && !this.#ports.has(port)) void this.#jobs.idle().then(() => this.#projects.removeUploads([...uploads]))
    }
    port.onMessage((m) => {
      const request = asRequest(m)
      if (!request) return
      const refusal = waiting >= MAX_WAITING ? TOO_MANY : refusalOf(request.args)
      if (refusal) return void port.post(refused(request.id, refusal))
      waiting++
      void this.#answer(request, options, port).then((reply) => {
        waiting--
        if (request.known === 'files.put' && reply.ok) uploads.add((reply.value as Result<'files.put'>).path)
        port.post(reply)
        left()
      })
    })
    return () => {
      this.#ports.delete(port)
      this.#reader.left(port)
      left()
    }
  }
  async #answer(
    { id, method, args, known }: NonNullable<ReturnType<typeof asRequest>>,
    options: ServeOptions,
    caller: object,
  ): Promise<Reply> {
    try {
      if (!known) throw new UserError('no-method', `There is no method "${method.slice(0, 60)}".`)
      return { t: 'res', id, ok: true, value: await this.#call(known, args, options, caller) }
    } catch (error) {
      if (!(error instanceof UserError)) console.error(error)
      return { t: 'res', id, ok: false, error: toReply(error) }
    }
  }
  /** Cancels running jobs and closes the project. */
  async close(): Promise<void> {
    clearInterval(this.#others)
    await this.#jobs.stop()
    this.#inference.close()
    this.#reader.close()
    await this.#backups.settled()
    clearTimeout(this.#opened)
    if (this.#remembers && this.#workspace) this.#projects.remember(this.#workspace.store.path)
    for (const kept of this.#leave()) console.error(kept)
    this.#lock?.release()
    this.#projects.close()
  }
}

const rescuedAs = (project: string, copy: string): string =>
  `Another file took the place of ${project} while it was open. The project with everything that was decided is kept as ${copy}.`
const foreignLog = (project: string, log: string): string =>
  `Another file was put in the place of ${project} while a program had it open. Changes to the former file that were not yet in it are kept as ${log}-wal; \`reelabel salvage ${log} --out FOLDER\` reads them.`

/** Opens the last project, or the sample with a notice if the last one cannot be opened. */
async function openLast(projects: ProjectsFolder, open: (path: string) => Workspace): Promise<Workspace> {
  const unopened = projects.takeUnopened()
  const last = projects.last()
  if (last === null || last === unopened) {
    const sample = await openSample(projects.dir, open)
    if (unopened !== null)
      sample.notices.push(
        `The program ended while ${unopened} was being opened, so it was not opened again: open it from the project menu.`,
      )
    return sample
  }
  try {
    return open(last)
  } catch (error) {
    // the program must start even if the last project is damaged
    const sample = await openSample(projects.dir, open)
    sample.notices.push(`The project that was open last could not be opened. ${toReply(error).message}`)
    return sample
  }
}

/** Analysts read a movie for minutes, and the next explanation should not wait for a new process. */
const INFERENCE_IDLE_MS = 600_000
const inferenceDied = (code: number | null): UserError =>
  new UserError(
    'inference-died',
    `The inference process ${code === null ? 'was killed' : `stopped with exit code ${code}`} before it returned a result. The model may need more memory than is free. Try again.`,
  )

const TOO_MANY = new UserError('too-many-calls', `More than ${MAX_WAITING} calls are waiting for a reply: wait for some of them.`)

/** How many argument errors a message lists. */
const SHOWN_FAULTS = 8
