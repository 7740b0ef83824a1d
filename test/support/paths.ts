import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository's folder. */
export const root = resolve(import.meta.dirname, '../..')
/** Reference values by independent implementations; test/golden/README.md says which. */
export const goldenValues = join(root, 'test/golden/values')
/** Tiny models with their reference values, one folder each. */
export const goldenModels = join(goldenValues, 'models')

/** A JSON file of the reference values, such as `metrics/label_quality.json`. */
export function readGoldenJson(path: string): unknown {
  return JSON.parse(readFileSync(join(goldenValues, path), 'utf8')) as unknown
}
