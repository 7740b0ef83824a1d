import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pkg from '../../../package.json' with { type: 'json' }
import { appRoot } from '../entry.ts'
import { ALL_RULES_ON } from '../data/clean/rules.ts'
import { importProject } from '../jobs/import.ts'
import { inspect } from '../data/import/inspect.ts'
import { sqliteVersion } from '../store/database.ts'
import type { Context, Handlers } from './context.ts'

const SAMPLE_NAME = 'Sample project'
const SAMPLE_CSV = join(appRoot, 'resources/sample/movies.csv')

/** Sample projects being made, by path: two windows may ask at once. */
const making = new Map<string, Promise<string>>()

/** Makes the sample project where it is not there yet; answers its path. */
export function sampleProject(projectsDir: string): Promise<string> {
  const project = join(projectsDir, `${SAMPLE_NAME}.reel`)
  if (existsSync(project)) return Promise.resolve(project)
  const made = making.get(project) ?? makeSample(project).finally(() => making.delete(project))
  making.set(project, made)
  return made
}

async function makeSample(project: string): Promise<string> {
  const plan = await inspect([SAMPLE_CSV], { format: 'auto', mapping: {}, genreSyntax: 'auto' })
  const wish = { plan, project, name: SAMPLE_NAME, sample: true, switches: ALL_RULES_ON, seed: 42 }
  await importProject(wish, { signal: new AbortController().signal, progress: () => undefined })
  return project
}

export function projectHandlers(
  c: Context,
): Handlers<'app.info' | 'project.list' | 'project.open' | 'project.sample' | 'project.info' | 'jobs.list' | 'jobs.cancel'> {
  return {
    'app.info': () => ({ version: pkg.version, node: process.version, sqlite: sqliteVersion(), projectsDir: c.projects.dir }),
    'project.list': () => c.projects.list(),
    'project.open': ({ path }) => {
      c.jobs.assertIdle()
      return c.open(path).info()
    },
    'project.sample': async () => {
      c.jobs.assertIdle()
      return c.open(await sampleProject(c.projects.dir)).info()
    },
    'project.info': () => c.workspace().info(),
    'jobs.list': () => c.jobs.list(),
    'jobs.cancel': ({ job }) => c.jobs.cancel(job),
  }
}
