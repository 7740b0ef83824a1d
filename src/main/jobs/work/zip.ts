/** A folder as one zip file. The only importer of yazl. */
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { ZipFile } from 'yazl'
import { writeNew } from '../../files/atomic.ts'
import type { JobControl } from '../../processes/job-control.ts'

/** The earliest date of the format: the same files give the same bytes. */
const OPTIONS = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true }

/** Writes the files of a folder, one after another, to a zip file that does not exist yet; memory does not grow with them. */
export async function writeZip(path: string, folder: string, control: JobControl): Promise<void> {
  const names = readdirSync(folder).sort()
  const total = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const zip = new ZipFile()
  const output = zip.outputStream.pipe(new PassThrough())
  let read = 0
  for (const name of names)
    zip.addReadStreamLazy(name, OPTIONS, (give) => {
      const stream = createReadStream(join(folder, name))
      stream.on('error', (error) => output.destroy(error))
      stream.on('data', (chunk) => {
        read += chunk.length
        control.progress(read / Math.max(1, total), name)
        if (control.signal.aborted) output.destroy(control.signal.reason as Error)
      })
      give(null, stream)
    })
  zip.end()
  await writeNew(path, output as AsyncIterable<Buffer>)
}
