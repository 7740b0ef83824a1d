import { resolve } from 'node:path'

/** True for a path with the ending of a project, in upper or lower case: some systems write `MINE.REEL`. */
export const isProject = (path: string): boolean => /\.reel$/i.test(path)

/** Returns the project file among the arguments of a start, if any. A relative path is relative to the folder of that start. */
export function projectIn(argv: readonly string[], startedIn: string): string | undefined {
  const path = argv.slice(1).findLast(isProject)
  return path === undefined ? undefined : resolve(startedIn, path)
}
