import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Time of the last change. @param {string} path @returns {number} milliseconds; -Infinity if there is no file */
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity

/** Time of the newest change of a file, or below a folder. @param {string} path @returns {number} */
export function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return modified(path)
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/**
 * Returns true if a build has to run because an output is missing or older than a source.
 * @param {readonly string[]} outputs @param {readonly string[]} sources
 */
export const isStale = (outputs, sources) => Math.min(...outputs.map(modified)) < Math.max(...sources.map(newest))
