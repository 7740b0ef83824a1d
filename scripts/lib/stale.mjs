import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @param {string} path @returns {number} milliseconds; -Infinity where there is nothing */
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity

/** Newest change below a file or folder. @param {string} path @returns {number} */
export function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return modified(path)
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/**
 * Whether a build has to run: an output is missing or older than a source.
 * @param {readonly string[]} outputs @param {readonly string[]} sources
 */
export const isStale = (outputs, sources) => Math.min(...outputs.map(modified)) < Math.max(...sources.map(newest))
