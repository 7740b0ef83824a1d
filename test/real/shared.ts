import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/paths.ts'

/** Real catalogues beside the repository; most checkouts have none. */
export const shared = join(root, '../shared')
export const haveShared = existsSync(shared)

/** A JSON file of {@link shared}. */
export function readShared(path: string): unknown {
  return JSON.parse(readFileSync(join(shared, path), 'utf8')) as unknown
}
