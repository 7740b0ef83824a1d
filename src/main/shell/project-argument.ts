import { resolve } from 'node:path'

/** The project file that a start of the program was given, if any; a relative path is relative to where it was started. */
export function projectIn(argv: readonly string[], startedIn: string): string | undefined {
  const path = argv.slice(1).findLast((a) => a.endsWith('.reel'))
  return path === undefined ? undefined : resolve(startedIn, path)
}
