import { resolve } from 'node:path'

/** Returns the project file among the arguments of a start, if any. A relative path is relative to the folder of that start. */
export function projectIn(argv: readonly string[], startedIn: string): string | undefined {
  const path = argv.slice(1).findLast((a) => a.endsWith('.reel'))
  return path === undefined ? undefined : resolve(startedIn, path)
}
