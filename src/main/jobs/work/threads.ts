import { existsSync } from 'node:fs'
import { UserError, type ErrorReply } from '../../../contract/errors.ts'

const fromSource = import.meta.url.endsWith('.ts')

/** File of a worker thread's entry in this folder: from source, beside the bundled entry, or beside a bundled chunk. */
export function threadEntry(name: 'read-worker' | 'column-worker' | 'word-worker'): URL {
  const places = fromSource ? [`./${name}.ts`] : [`./${name}.js`, `../${name}.js`]
  const urls = places.map((place) => new URL(place, import.meta.url))
  return urls.find((url) => existsSync(url)) ?? urls[0]!
}

/** The error that a thread told. */
export function fromReply({ code, message, details }: ErrorReply): Error {
  return code === 'internal' ? new Error(message) : new UserError(code, message, details)
}
