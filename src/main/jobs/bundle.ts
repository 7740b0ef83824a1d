/** The files of a model's folder as a container: a tensor of bytes for each. A project stores what a training leaves in this form. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { packContainer, unpackContainer, type Container } from '../model-folder/container.ts'

const VERSION = 1
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/
const MOST_FILES = 1000

interface ModelFile {
  readonly name: string
  readonly bytes: number
}

/** The files of a folder by name. @throws Error if there is anything but plain files */
export async function filesIn(folder: string): Promise<ModelFile[]> {
  const files = []
  for (const name of (await readdir(folder)).sort()) {
    const found = await stat(join(folder, name))
    if (!found.isFile() || !FILE_NAME.test(name)) throw new Error(`${join(folder, name)} is no file that a model is made of`)
    files.push({ name, bytes: found.size })
  }
  return files
}

/** The files of a folder as bytes. */
export async function pack(folder: string): Promise<Uint8Array> {
  const files = await filesIn(folder)
  const contents = await Promise.all(files.map(async ({ name }) => [name, { data: await readFile(join(folder, name)) }] as const))
  return packContainer({ version: VERSION }, contents)
}

/** Writes packed files into a new folder. @throws UserError `model-damaged` if the bytes are not what {@link pack} returns */
export async function unpack(bytes: Uint8Array, folder: string): Promise<void> {
  const files = filesOf(bytes)
  await mkdir(folder, { recursive: true })
  for (const [name, { data }] of files) await writeFile(join(folder, name), data, { flag: 'wx' })
}

function filesOf(bytes: Uint8Array): Container['tensors'] {
  try {
    const { header, tensors } = unpackContainer(bytes)
    const { version } = header as { readonly version?: unknown }
    if (version !== VERSION) throw new Error(`version ${String(version)}; this program reads version ${VERSION}`)
    const strange = [...tensors.keys()].find((name) => !FILE_NAME.test(name))
    if (strange !== undefined || tensors.size > MOST_FILES) throw new Error('its list of files cannot be used')
    return tensors
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UserError('model-damaged', `The stored model cannot be read (${why}). Train again to replace it.`)
  }
}
