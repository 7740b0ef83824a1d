import { InvalidArgumentError, type Command } from 'commander'
import { basename, posix, win32 } from 'node:path'
import type { JobEvent } from '../../contract/events.ts'
import { UserError } from '../../contract/errors.ts'
import { PERSON } from '../../contract/settings.ts'
import type { QueueAccess } from '../../contract/workers.ts'
import { Engine } from '../engine.ts'
import { forkProcess } from '../processes/work-process.ts'
import { homedir } from 'node:os'
import { required } from '../../contract/required.ts'
import { folderWithin } from './arguments.ts'

/** Declares a verb. All verbs can print JSON. */
export const verb = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description).option('--json', 'print JSON')
/** Declares a verb on a project, whose action is {@link onProject}. */
export const projectVerb = (program: Command, name: string, description: string): Command =>
  verb(program, name, description).argument('<project>')

/** Declares a verb that decides about movies of a project. */
export const decidingVerb = (program: Command, name: string, description: string): Command =>
  projectVerb(program, name, description).option(
    '--by <name>',
    "who decides (default: the setting `annotator`, else the system's user)",
    person,
  )

/** Reads the name of a person. @throws InvalidArgumentError */
export function person(text: string): string {
  const { success, data, error } = PERSON.safeParse(text)
  if (!success) throw new InvalidArgumentError(error.issues[0]?.message ?? 'a name is needed')
  return data
}
/** The value of `--by` among the arguments of an action: commander appends the options and the command. */
export const byOf = (args: readonly unknown[]): string | undefined => (args.at(-2) as { by?: string } | undefined)?.by

/** The action of a verb on a project: `work` receives the engine with the project open, then the other arguments. */
export const onProject =
  <A extends unknown[]>(work: (engine: Engine, ...args: A) => Promise<void>) =>
  (project: string, ...args: A): Promise<void> =>
    withEngine(project, (engine) => work(engine, ...args), byOf(args))
/** The action of a verb that opens no project. */
export const onEngine =
  <A extends unknown[]>(work: (engine: Engine, ...args: A) => Promise<void>) =>
  (...args: A): Promise<void> =>
    withEngine(null, (engine) => work(engine, ...args))

/** Runs `work` with an engine for the given project (null: none), and closes the engine afterwards in any case. */
export async function withEngine<T>(
  project: string | null,
  work: (engine: Engine) => Promise<T>,
  by?: string,
  queue?: QueueAccess,
): Promise<T> {
  const engine = await Engine.start({ dataDir: defaultDataDir(), spawn: forkProcess, open: project, remembers: false, by, queue })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/**
 * Starts a job and waits for its end. Shows progress on standard error unless the verb prints JSON; Ctrl-C cancels it.
 * @throws UserError the job's own error, or `cancelled`; an Error if a defect ended it
 */
export async function finish(
  engine: Engine,
  start: () => Promise<{ job: number }>,
  { json = false }: { readonly json?: boolean },
): Promise<JobEvent> {
  const seen = new Map<number, JobEvent>()
  let settle: (event: JobEvent) => void = () => undefined
  const ended = new Promise<JobEvent>((resolve) => (settle = resolve))
  let wanted = 0
  const off = engine.on('job', (event) => {
    seen.set(event.job, event)
    if (!json) showProgress(event)
    if (event.job === wanted && event.state !== 'running') settle(event)
  })
  // before the job has started there is nothing to cancel
  const interrupt = (): void => (wanted === 0 ? process.exit(130) : void engine.call('jobs.cancel', { job: wanted }))
  process.once('SIGINT', interrupt)
  try {
    wanted = (await start()).job
    const early = seen.get(wanted)
    if (early && early.state !== 'running') settle(early)
    const end = await ended
    if (end.state === 'cancelled') throw new UserError('cancelled', end.message)
    if (end.state === 'failed')
      throw end.code === null || end.code === 'internal' ? new Error(end.message) : new UserError(end.code, end.message)
    return end
  } finally {
    process.off('SIGINT', interrupt)
    off()
  }
}

function showProgress(e: JobEvent): void {
  if (!process.stderr.isTTY) return
  const left = e.remainingMs === null ? '' : `, about ${Math.ceil(e.remainingMs / 1000)} s left`
  const line = e.state === 'running' ? `${Math.round(e.progress * 100)}%  ${e.phase}${left}` : ''
  process.stderr.write(`\r\u001b[K${line}`)
}

/** The id of a model of the library; a folder is added to it first. @throws UserError as `models.add` */
export async function libraryModel(engine: Engine, model: string): Promise<string> {
  const known = (await engine.call('models.list', {})).some(({ id }) => id === model)
  return known ? model : (await engine.call('models.add', { path: folderWithin(model) })).id
}

/** Finds the id of the movie with that key. @throws UserError `no-movie` */
export async function movieOf(engine: Engine, key: string): Promise<number> {
  const movie = await engine.call('review.find', { key })
  return movie.movie
}

/** Derives a project's name from its path. */
export const nameOf = (path: string): string => basename(path).replace(/\.reel$/, '') || 'Project'

/** The environment on which the choice of the folder depends; tests replace it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly home: string
}

const FOLDERS: Readonly<Record<string, (s: Surroundings) => string>> = {
  win32: ({ env, home }) => win32.join(env['APPDATA'] || win32.join(home, 'AppData', 'Roaming'), 'Reelabel'),
  darwin: ({ home }) => posix.join(home, 'Library/Application Support/Reelabel'),
  // the specification says that a relative XDG_DATA_HOME is to be ignored
  linux: ({ env, home }) =>
    posix.join(env['XDG_DATA_HOME']?.startsWith('/') ? env['XDG_DATA_HOME'] : posix.join(home, '.local/share'), 'reelabel'),
}

/** Folder of projects and settings outside Electron (which has its own `userData`). `REELABEL_DATA` overrides it everywhere. */
export function defaultDataDir(s: Surroundings = { env: process.env, platform: process.platform, home: homedir() }): string {
  return s.env['REELABEL_DATA'] || (FOLDERS[s.platform] ?? required(FOLDERS['linux'], 'linux'))(s)
}
