/** What a page in a browser may ask for: nothing that is read or written where it says. Its files come as uploads and go as downloads. */
import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Args, Method } from '../../contract/api.ts'
import { UserError } from '../../contract/errors.ts'

export interface Places {
  /** Where uploads lie. */
  readonly temporary: string
  readonly projects: string
  /** The project that the host was started with, wherever it lies. */
  readonly named: string | null
}

const refuse = (message: string): never => {
  throw new UserError('not-allowed-here', message)
}
const uploadsOnly = (paths: readonly string[], { temporary }: Places): void => {
  const other = paths.find((path) => !isBelow(path, temporary))
  if (other !== undefined) refuse(`A page in a browser may not read ${other}: drop the file on the window, or choose it there.`)
}

const ownProject = (path: string, { projects, named }: Places): boolean =>
  isBelow(path, projects) ||
  (named !== null && real(path) === real(named)) ||
  refuse(`A page in a browser may open the projects in ${projects} only: stop the host and start it with \`reelabel serve ${path}\`.`)

/** One line for each method that takes a path; a test sees that none is missing. */
const CHECKS: { readonly [M in Method]?: (args: Args<M>, places: Places) => unknown } = {
  'import.inspect': ({ paths }, places) => uploadsOnly(paths, places),
  'merge.stage': ({ paths }, places) => uploadsOnly(paths, places),
  'import.run': ({ paths, path }, places) => {
    uploadsOnly(paths, places)
    return (
      path === null ||
      refuse(`A page in a browser may not write ${path}: leave the path out, and the project goes into the projects folder.`)
    )
  },
  'export.run': ({ path }) =>
    path === null || refuse(`A page in a browser may not write ${path}: leave the path out, and the file is downloaded.`),
  'export.everything': ({ path }) =>
    path === null || refuse(`A page in a browser may not write ${path}: leave the path out, and the files are downloaded.`),
  'models.add': ({ path }) =>
    refuse(`A page in a browser may not read ${path}: add the folder with \`reelabel models add ${path}\`, and it is offered here.`),
  'models.export': ({ folder }) =>
    folder === null || refuse(`A page in a browser may not write ${folder}: leave the folder out, and the files are downloaded.`),
  'project.open': ({ path }, places) => ownProject(path, places),
  'project.copy': ({ path }) =>
    path === null || refuse(`A page in a browser may not write ${path}: leave the path out, and the copy goes into the projects folder.`),
  'project.salvage': ({ path, folder }, places) => {
    ownProject(path, places)
    return (
      folder === null || refuse(`A page in a browser may not write ${folder}: leave the folder out, and it is made in the projects folder.`)
    )
  },
  'backups.list': ({ path }, places) => path === null || ownProject(path, places),
  'backups.restore': ({ path }, places) => path === null || ownProject(path, places),
}
export const CONFINED_METHODS = Object.keys(CHECKS) as Method[]

/** Throws `not-allowed-here` for what a browser may not ask for. */
export function confine<M extends Method>(method: M, args: Args<M>, places: Places): void {
  const check = CHECKS[method] as ((args: Args<M>, places: Places) => unknown) | undefined
  check?.(args, places)
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path))
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
/** Where a path leads once every link is followed; the last parts need not be there. */
function real(path: string): string {
  const full = resolve(path)
  try {
    return realpathSync(full)
  } catch {
    return dirname(full) === full ? full : join(real(dirname(full)), basename(full))
  }
}
