import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { UserError, type ErrorReply } from '../../../contract/errors.ts'

const fromSource = import.meta.url.endsWith('.ts')

export type ThreadEntry = 'read-worker' | 'column-worker' | 'word-worker'
/** Room for what is new, in megabytes: batches then die young, and a fifth less memory is held. */
const YOUNG_MB = 96

export function startThread(entry: ThreadEntry, workerData: unknown): Worker {
  return new Worker(entryUrl(entry), { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
}

/** File of a thread's entry in this folder: from source, beside the bundled entry, or beside a bundled chunk. */
function entryUrl(name: ThreadEntry): URL {
  const places = fromSource ? [`./${name}.ts`] : [`./${name}.js`, `../${name}.js`]
  const urls = places.map((place) => new URL(place, import.meta.url))
  return urls.find((url) => existsSync(url)) ?? urls[0]!
}

/** The error that a thread told. */
export function fromReply({ code, message, details }: ErrorReply): Error {
  return code === 'internal' ? new Error(message) : new UserError(code, message, details)
}
