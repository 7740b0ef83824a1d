/** Small JSON files of a model. */
import { readFileSync, statSync } from 'node:fs'
import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'

/** The longest index of a published model has a few MB. */
const MAX_BYTES = 64 * 1024 * 1024

/** @throws UserError `model-damaged` naming the file and its first fault, `model-missing` where there is none */
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
  if (!facts?.isFile())
    throw new UserError('model-missing', `${path} is not there. Choose the folder of a model as Hugging Face lays it out.`, { path })
  if (facts.size > MAX_BYTES) throw damaged(path, `has ${facts.size} bytes, more than such a file can have`)
  return readFileSync(path, 'utf8')
}

/** The first fault of a value that does not fit its schema, in a phrase. */
export function faultIn(error: z.ZodError): string {
  const [issue] = error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  return `has a wrong value${where === '' ? '' : ` for ${where}`}: ${issue?.message ?? 'unknown'}`
}

const damaged = (path: string, why: string): UserError =>
  new UserError('model-damaged', `${path} ${why}. Download or copy the model again.`, { path })
