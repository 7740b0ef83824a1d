import { basename, posix, win32 } from 'node:path'
import type { JobEvent } from '../../contract/events.ts'
import { UserError } from '../../contract/errors.ts'
import { Engine } from '../engine.ts'
import { forkProcess } from '../processes/work-process.ts'
import { homedir } from 'node:os'
import { required } from '../../contract/required.ts'

/** Runs `work` with an engine for the given project (null: none), and closes the engine afterwards in any case. */
export async function withEngine<T>(project: string | null, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await Engine.start({ dataDir: defaultDataDir(), spawn: forkProcess, open: project, housekeeping: false })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/**
 * Starts a job and waits for its end. Shows progress on standard error unless `quiet`; Ctrl-C cancels it.
 * @throws UserError the job's own error, or `cancelled`; an Error if a defect ended it
 */
export async function finish(engine: Engine, start: () => Promise<{ job: number }>, quiet: boolean): Promise<JobEvent> {
  const seen = new Map<number, JobEvent>()
  let settle: (event: JobEvent) => void = () => undefined
  const ended = new Promise<JobEvent>((resolve) => (settle = resolve))
  let wanted = 0
  const off = engine.on('job', (event) => {
    seen.set(event.job, event)
    if (!quiet) showProgress(event)
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
  const line = e.state === 'running' ? `${Math.round(e.progress * 100)} %  ${e.phase}${left}` : ''
  process.stderr.write(`\r\u001b[K${line}`)
}

/** Finds the id of the movie with that key. @throws UserError `no-movie` */
export async function movieOf(engine: Engine, key: string): Promise<number> {
  const movie = await engine.call('review.find', { key })
  return movie.movie
}

/** Derives a project's name from its path. */
export const nameOf = (path: string): string => basename(path).replace(/\.reel$/, '') || 'Project'

/** What the choice of the folder depends on; tests replace it. */
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
