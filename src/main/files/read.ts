import { readdirSync, readFileSync } from 'node:fs'
import type { z } from 'zod'

/** Names in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The value in a JSON file; null if the file is missing, is not JSON, or does not fit the schema. */
export function jsonIn<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
