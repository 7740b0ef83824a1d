/** What parts of a job came to, kept in its folder, so that a job that goes on does not do them again. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Tensors } from './learner.ts'
import { readTensors, writeTensors } from './state-file.ts'

const RESULT = z.strictObject({ digest: z.string(), bytes: z.int(), sum: z.int() })

/** Keeps tensors under a name; the JSON beside them, written last, makes them count. */
export async function keepResult(folder: string, name: string, digest: string, tensors: Tensors): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = `${name}.safetensors`
  const { bytes, sum } = await writeTensors(join(folder, file), file, tensors)
  const part = join(folder, `${name}.json.part`)
  await writeFile(part, JSON.stringify({ digest, bytes, sum }))
  await rename(part, join(folder, `${name}.json`))
}

/** @returns null where there is none, or it is damaged, or it is of something else than `digest` says */
export async function readResult(folder: string, name: string, digest: string): Promise<Tensors | null> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => null)
  if (text === null) return null
  const known = parse(text)
  if (known?.digest !== digest) return null
  const file = `${name}.safetensors`
  return readTensors(join(folder, file), { ...known, name: file })
}

function parse(text: string): z.output<typeof RESULT> | null {
  try {
    return RESULT.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** Removes a folder of checkpoints that are not needed any more. */
export const dropFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
