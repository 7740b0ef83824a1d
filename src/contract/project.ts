/** The program and its projects, and files of a page that has no path for them. */
import { z } from 'zod'
import { method, nothing, path, type } from './method.ts'
import type { Genre } from './records.ts'

export interface ProjectInfo {
  readonly path: string
  readonly name: string
  readonly sample: boolean
  readonly movies: number
  readonly kept: number
  readonly genres: readonly Genre[]
  readonly splits: Readonly<Record<'train' | 'valid' | 'test', number>>
  readonly currentRun: number | null
  /** What the last start found and put right, for the analyst to read once. */
  readonly notices: readonly string[]
}
export interface AppInfo {
  readonly version: string
  readonly node: string
  readonly sqlite: string
  readonly projectsDir: string
}
export interface ProjectEntry {
  readonly path: string
  readonly name: string
  readonly modifiedAt: string
  readonly bytes: number
}

/** The program and its projects. */
export const PROJECT_METHODS = {
  'app.info': method({ args: nothing, result: type<AppInfo>(), scope: 'app' }),
  /** Projects in the projects folder, newest first. */
  'project.list': method({ args: nothing, result: type<readonly ProjectEntry[]>(), scope: 'app' }),
  'project.open': method({ args: z.strictObject({ path }), result: type<ProjectInfo>(), scope: 'app', paths: { path: 'project' } }),
  /** The embedded sample project, made when it is not there. */
  'project.sample': method({ args: nothing, result: type<ProjectInfo>(), scope: 'app' }),
  'project.info': method({ args: nothing, result: type<ProjectInfo>(), scope: 'app' }),
}

/** Files of a page that has no path for them. */
export const FILE_METHODS = {
  /** Bytes of a file dropped on the window, in order; `path` of the finished temporary file in the answer. */
  'files.put': method({
    args: z.strictObject({
      name: z.string().min(1).max(255),
      upload: z.string().regex(/^[a-z0-9-]{8,64}$/),
      offset: z.int().nonnegative(),
      bytes: z.instanceof(Uint8Array).refine((b) => b.byteLength <= 4 << 20, 'at most 4 MiB a piece'),
    }),
    result: type<{ readonly path: string; readonly bytes: number }>(),
    scope: 'app',
  }),
  /** Bytes of a file that an export made. */
  'files.get': method({
    args: z.strictObject({ file: z.string().min(1).max(100), offset: z.int().nonnegative() }),
    result: type<{ readonly bytes: Uint8Array; readonly total: number }>(),
    scope: 'app',
  }),
}
