import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository. */
export const root = resolve(import.meta.dirname, '../..')
/** Reference values and real data beside the repository; absent in a bare checkout. */
export const shared = join(root, '../shared')
export const haveShared = existsSync(shared)
if (!haveShared) console.warn('../shared is absent: tests against reference values and real data are skipped')

/** A JSON file of ../shared. */
export function readShared(path: string): unknown {
  return JSON.parse(readFileSync(join(shared, path), 'utf8')) as unknown
}
