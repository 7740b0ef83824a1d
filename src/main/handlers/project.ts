import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pkg from '../../../package.json' with { type: 'json' }
import { toReply } from '../../contract/errors.ts'
import { appRoot } from '../processes/entries.ts'
import { DEFAULT_RULE_SET } from '../data/clean/rule-set.ts'
import { importProject } from '../jobs/import.ts'
import { runInProcess } from '../jobs/in-process.ts'
import { inspect } from '../data/import/detect/inspect.ts'
import { sqliteVersion } from '../store/database.ts'
import { Store } from '../store/store.ts'
import { PROJECT_SUFFIX, type Workspace } from '../workspace.ts'
import type { JOB_METHODS } from '../../contract/events.ts'
import type { PROJECT_METHODS } from '../../contract/project.ts'
import type { Context, Handlers } from './context.ts'

const SAMPLE_NAME = 'Sample project'
const SAMPLE_CSV = join(appRoot, 'resources/sample/movies.csv')

/** Error codes for which creating another sample would not help. */
const NOT_RETRIED = ['project-busy', 'disk-full', 'closed']

/**
 * Opens the embedded sample project, creating it first if it does not exist. If the existing one cannot be opened (damaged, from a newer
 * Reelabel, another file of that name), it is left alone: a new one is created next to it, and a notice says so.
 */
export async function openSample(projectsDir: string, open: (path: string) => Workspace): Promise<Workspace> {
  const notices: string[] = []
  for (let i = 1; ; i++) {
    const name = i === 1 ? SAMPLE_NAME : `${SAMPLE_NAME} ${i}`
    const path = join(projectsDir, `${name}${PROJECT_SUFFIX}`)
    const fresh = !existsSync(path)
    if (fresh) await sampleProject(path)
    try {
      if (!fresh && i > 1 && !isSample(path)) continue
      const workspace = open(path)
      if (notices.length > 0) notices.push(`${name} was opened in its place.`)
      workspace.notices.push(...notices)
      return workspace
    } catch (error) {
      const { code, message } = toReply(error)
      if (fresh || NOT_RETRIED.includes(code)) throw error
      notices.push(`The sample project could not be opened: ${message}`)
    }
  }
}

/** False for an analyst's own project that happens to have a name of the sample. */
function isSample(path: string): boolean {
  const store = new Store(path, 'open')
  try {
    return store.meta.get('sample') === true
  } finally {
    store.close()
  }
}

/** Sample projects under construction, by path: two windows may call at the same time. */
const making = new Map<string, Promise<void>>()

function sampleProject(project: string): Promise<void> {
  const made = making.get(project) ?? makeSample(project).finally(() => making.delete(project))
  making.set(project, made)
  return made
}

async function makeSample(project: string): Promise<void> {
  const plan = await inspect([SAMPLE_CSV], { format: 'auto', mapping: {}, genreSyntax: 'auto' })
  const input = { plan, project, sample: true, ruleSet: DEFAULT_RULE_SET, seed: 42 }
  await importProject(input, { signal: new AbortController().signal, progress: () => undefined }, runInProcess)
}

export function projectHandlers(c: Context): Handlers<typeof PROJECT_METHODS & typeof JOB_METHODS> {
  return {
    'app.info': () => ({ version: pkg.version, node: process.version, sqlite: sqliteVersion(), projectsDir: c.projects.dir, who: c.who() }),
    'project.list': ({ deleted }) => c.projects.list(deleted),
    'project.open': ({ path }) => {
      c.jobs.assertIdle()
      return c.open(path).info()
    },
    'project.sample': async () => {
      c.jobs.assertIdle()
      await openSample(c.projects.dir, (path) => c.open(path))
      // if two windows call at the same time, both get the project that is open in the end
      return c.workspace().info()
    },
    'project.info': () => c.workspace().info(),
    'jobs.list': () => c.jobs.list(),
    'jobs.log': ({ job }) => c.jobs.log(job),
    'jobs.cancel': ({ job }) => c.jobs.cancel(job),
  }
}
