import { join } from 'node:path'
import { makeFileAtomically, makeFolderAtomically, writeNew, type Chunks } from '../../src/main/files/atomic.ts'

/** Writes a file from chunks; returns its bytes. */
export async function writeChunks(path: string, chunks: Chunks): Promise<number> {
  let bytes = 0
  await makeFileAtomically(path, async (temporary) => {
    bytes = await writeNew(temporary, chunks)
  })
  return bytes
}

/** Writes several files into a new folder. */
export const writeFiles = (path: string, files: readonly { readonly name: string; readonly chunks: Chunks }[]): Promise<void> =>
  makeFolderAtomically(path, async (folder) => {
    for (const { name, chunks } of files) await writeNew(join(folder, name), chunks)
  })
