/** Small JSON files of a model. */
import { statSync } from 'node:fs'
import type { z } from 'zod'
import { schemaProblems, UserError } from '../../contract/errors.ts'
import { readRegular } from '../files/regular.ts'

/** The longest index of a published model has a few MB. */
const MAX_BYTES = 64 * 1024 * 1024

/** @throws UserError `model-damaged` with the file and its first error, `model-missing` if there is no such file */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const text = textOf(path)
  let value: unknown
  try {
    value = JSON.parse(text) as unknown
  } catch {
    throw damaged(path, 'is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw damaged(path, faultIn(parsed.error))
}

function textOf(path: string): string {
  const facts = statSync(path, { throwIfNoEntry: false })
  if (!facts)
    throw new UserError('model-missing', `${path} does not exist. Choose a model's folder in the layout of Hugging Face.`, { path })
  if (facts.size > MAX_BYTES) throw damaged(path, `has ${facts.size} bytes, too many for such a file`)
  return readRegular(path, MAX_BYTES).toString()
}

/** The first error of a value that does not fit its schema, in a phrase. */
export const faultIn = (error: z.ZodError): string => `has a wrong value (${schemaProblems(error, 'the file')})`

const damaged = (path: string, why: string): UserError =>
  new UserError('model-damaged', `${path} ${why}. Download or copy the model again.`, { path })
