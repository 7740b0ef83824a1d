/** The program, its projects, and the transfer of files for a page that cannot name paths. */
import { z } from 'zod'
import { appMethod, path, type } from './method.ts'
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
  /** Genres that the analyst has given a digit key, by the digit. */
  readonly keys: Readonly<Record<string, number>>
  /** The other programs that have the project open, in words. */
  readonly others: readonly string[]
  /** Faults that the engine found and repaired when it opened the project. The window shows each notice once. */
  readonly notices: readonly string[]
}
/** A project that a job has written. It is not open. */
export interface NewProject {
  readonly path: string
  readonly name: string
  /** Movies after cleaning. */
  readonly movies: number
}
export interface AppInfo {
  readonly version: string
  readonly node: string
  readonly sqlite: string
  readonly projectsDir: string
  /** The person under whose name decisions are recorded. */
  readonly who: string
}
export interface ProjectEntry {
  readonly path: string
  readonly name: string
  readonly modifiedAt: string
  readonly bytes: number
}

/** The program and its projects. */
export const PROJECT_METHODS = {
  'app.info': appMethod({}, type<AppInfo>()),
  /** Projects in the projects folder, newest first; `deleted`: those in its folder of deleted ones. */
  'project.list': appMethod({ deleted: z.boolean().default(false) }, type<readonly ProjectEntry[]>()),
  'project.open': appMethod({ path }, type<ProjectInfo>(), { path: 'project' }),
  /** Opens the embedded sample project; creates it first if it does not exist. */
  'project.sample': appMethod({}, type<ProjectInfo>()),
  'project.info': appMethod({}, type<ProjectInfo>()),
}

/** Transfer of files for a page that cannot name paths: uploads and downloads in pieces. */
export const FILE_METHODS = {
  /** Appends a piece of an uploaded file, in order. `path` of the result is the temporary file. */
  'files.put': appMethod(
    {
      name: z.string().min(1).max(255),
      upload: z.string().regex(/^[a-z0-9-]{8,64}$/),
      offset: z.int().nonnegative(),
      bytes: z.instanceof(Uint8Array).refine((b) => b.byteLength <= 4 << 20, 'at most 4 MiB per piece'),
    },
    type<{ readonly path: string; readonly bytes: number }>(),
  ),
  /** A piece of an exported file. */
  'files.get': appMethod(
    { file: z.string().min(1).max(100), offset: z.int().nonnegative() },
    type<{ readonly bytes: Uint8Array; readonly total: number }>(),
  ),
}
