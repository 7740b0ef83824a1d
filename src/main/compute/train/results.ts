/** Files of tensors in the folder of a training, and the results of its parts, which a resumed job need not compute again. */
import { open, readFile, rm } from 'node:fs/promises'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renameDurably } from '../../files/atomic.ts'
import { removeAbandoned, temporaryName } from '../../files/temporary.ts'
import { containerChunks, unpackContainer, type ContainerTensor } from '../../model-folder/container.ts'
import type { Tensors, Weights } from './learner.ts'

/** Writes tensors with a JSON header. The file has its name once all of it is on the disk. */
export async function writeTensors(path: string, header: unknown, tensors: ReadonlyMap<string, ContainerTensor>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  removeAbandoned(dirname(path))
  const temporary = temporaryName(path)
  try {
    const file = await open(temporary, 'wx')
    try {
      for (const chunk of containerChunks(header, tensors)) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    renameDurably(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** @returns null if there is no such file or it is damaged */
export async function readTensors(path: string): Promise<{ readonly header: unknown; readonly tensors: Tensors } | null> {
  const file = await readFile(path).catch(() => null)
  if (!file) return null
  try {
    const { header, tensors } = unpackContainer(file)
    return { header, tensors: tensors as ReadonlyMap<string, Weights> }
  } catch {
    return null
  }
}

const fileOf = (folder: string, name: string): string => join(folder, `${name}.safetensors`)

/** Keeps the result of a part of a job. @param digest names the job */
export const keepResult = (folder: string, name: string, digest: string, tensors: Tensors): Promise<void> =>
  writeTensors(fileOf(folder, name), { digest }, tensors)

/** @returns null if there is no result, or a damaged one, or one of another job */
export async function readResult(folder: string, name: string, digest: string): Promise<Tensors | null> {
  const found = await readTensors(fileOf(folder, name))
  return (found?.header as { readonly digest?: unknown } | null | undefined)?.digest === digest ? (found?.tensors ?? null) : null
}

/** Removes a folder of checkpoints that are no longer needed. */
export const dropFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
