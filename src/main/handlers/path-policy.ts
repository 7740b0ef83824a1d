/**
 * The path policy of pages: a page may not read or write at a path of its choice. In a browser, files arrive as uploads and leave as
 * downloads; under Electron the analyst chooses paths in dialogs or drops files ({@link ChosenPaths}). Both open the projects of the
 * projects folder. Which arguments are paths, and of what use, is declared with each method.
 */
import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { METHODS, type Args, type Method } from '../../contract/api.ts'
import type { PathGrant } from '../../contract/bridge.ts'
import { UserError } from '../../contract/errors.ts'
import type { MethodSpec, PathUse } from '../../contract/method.ts'

/** Where a page may read. */
export interface AllowedPaths {
  /** Folder of the uploads. */
  readonly temporary: string
  readonly projects: string
  readonly chosen: ChosenPaths
  /** True for a window with dialogs; false for a page in a browser. */
  readonly dialogs: boolean
}

/** The purpose for which the analyst must have chosen a path, so that a page may use it. */
const GRANTS: Readonly<Record<PathUse, readonly PathGrant[]>> = {
  upload: ['read', 'project'],
  // a place that was chosen for a copy, which is then opened
  project: ['project', 'write'],
  'new-project': ['write'],
  'new-folder': ['write'],
  download: ['write'],
  'model-folder': ['read'],
}
/** Paths that the analyst chose outside of the page, and projects that were opened. */
export class ChosenPaths {
  readonly #grants = new Set<string>()
  add(path: string, grant: PathGrant): void {
    this.#grants.add(`${grant} ${real(path)}`)
  }
  allow(path: string, use: PathUse): boolean {
    return GRANTS[use].some((grant) => this.#grants.has(`${grant} ${real(path)}`))
  }
}

const may = (verb: string, path: string): string => `A page in a browser may not ${verb} ${path}:`
/** For each use: null if the path is allowed, else why it is not and what to do. */
const REFUSALS: Readonly<Record<PathUse, (path: string, allowed: AllowedPaths) => string | null>> = {
  upload: (path, { temporary }) =>
    isBelow(path, temporary) ? null : `${may('read', path)} drop the file on the window, or choose it there.`,
  project: (path, { projects }) =>
    isBelow(path, projects)
      ? null
      : `A page in a browser may open the projects in ${projects} only: stop the host and start it with \`reelabel serve ${path}\`.`,
  'new-project': (path) => `${may('write', path)} leave the path out, and the project is made in the projects folder.`,
  'new-folder': (path) => `${may('write', path)} leave the folder out, and it is made in the projects folder.`,
  download: (path) => `${may('write', path)} leave the path out, and the files are downloaded.`,
  'model-folder': (path) => `${may('read', path)} add the folder with \`reelabel models add ${path}\`, and it is offered here.`,
}

/** @throws UserError `not-allowed-here` for paths that a page may not name */
export function checkPaths<M extends Method>(method: M, args: Args<M>, allowed: AllowedPaths): void {
  const { paths }: MethodSpec = METHODS[method]
  for (const [name, use] of Object.entries(paths)) {
    const given = (args as Readonly<Record<string, string | readonly string[] | null>>)[name] ?? []
    if (use === undefined) continue
    for (const path of typeof given === 'string' ? [given] : given) {
      const refusal = allowed.chosen.allow(path, use) ? null : REFUSALS[use](path, allowed)
      if (refusal === null) continue
      const choose = `The window may not use ${path}: choose the file or folder in a dialog, or drop it on the window.`
      throw new UserError('not-allowed-here', allowed.dialogs ? choose : refusal)
    }
  }
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path))
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
/** The path with all links resolved; its last parts need not exist. */
function real(path: string): string {
  const full = resolve(path)
  try {
    return realpathSync(full)
  } catch {
    return dirname(full) === full ? full : join(real(dirname(full)), basename(full))
  }
}
