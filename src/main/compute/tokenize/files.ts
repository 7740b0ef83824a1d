/** Reads a tokenizer's files, and words the errors about unusable ones. */
import { statSync } from 'node:fs'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { readRegular } from '../../files/regular.ts'

/** Maximum size of a file in bytes. The largest published tokenizer.json have some 35 MB. */
export const MAX_FILE_BYTES = 64 * 2 ** 20

/** An error about a file, or a folder, of a tokenizer. */
export const unusable = (path: string, why: string): UserError =>
  new UserError(
    'bad-tokenizer',
    `${path} cannot be used as a tokenizer: ${why}. Take the file as it was published with the model, or choose another model.`,
    { path },
  )

/** A file as text; null if it does not exist. */
export function readText(path: string): string | null {
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES)
      throw unusable(path, `it has ${Math.ceil(size / 2 ** 20)} MB, and ${MAX_FILE_BYTES / 2 ** 20} MB is the most`)
    return readRegular(path, MAX_FILE_BYTES).toString()
  } catch (error) {
    if (error instanceof UserError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unusable(path, `it cannot be read (${messageOf(error)})`)
  }
}

/** A file that holds a JSON object; null if it does not exist. */
export function readObject(path: string): Record<string, unknown> | null {
  const text = readText(path)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unusable(path, `it is not JSON (${messageOf(error)})`)
  }
  if (!isObject(value)) throw unusable(path, 'it does not contain a JSON object')
  return value
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
