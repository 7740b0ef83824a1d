import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogues } from '../data/support/files.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/paths.ts'

/** Published catalogues and a published vocabulary beside the repository, which most checkouts do not have. */
export const shared = process.env['REELABEL_SHARED'] ?? join(root, '../shared')
export const haveShared = existsSync(shared)
/** Options of a block of tests that needs them. */
export const withReal = needs(haveShared, `no published catalogues in ${shared}`)
export const realFolder = join(shared, 'data')
export const realCatalogues = catalogues(realFolder)

/** A JSON file of {@link shared}. */
export function readShared(path: string): unknown {
  return JSON.parse(readFileSync(join(shared, path), 'utf8')) as unknown
}
