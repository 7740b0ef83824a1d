/** A thread that searches for words: in a large project that takes longer than the engine may be blocked. */
import { messageOf } from '../../../contract/errors.ts'
import { parentPort } from 'node:worker_threads'
import { assertProject, assertThere, connect, withDatabaseErrors } from '../database.ts'
import { MovieTable } from '../movies.ts'
import type { TextQuery } from './matcher.ts'

export interface SearchRequest {
  readonly id: number
  readonly project: string
  readonly query: TextQuery
}
export interface SearchReply {
  readonly id: number
  /** Movie ids, ascending; null if it failed. */
  readonly movies: Int32Array | null
  readonly error: string
}

function search({ project, query }: SearchRequest): Int32Array {
  assertThere(project)
  // opened for each search, so that the file is not open in between; `openDatabase` would look into the file without SQLite, and closing it
  // then drops the locks of the engine, which is in the same process (see bare-file.ts)
  const db = withDatabaseErrors(project, () => connect(project, true, (file) => void assertProject(file, project)))
  try {
    return new MovieTable(db).search(query)
  } finally {
    db.close()
  }
}

const port = parentPort
if (!port) throw new Error('this file runs in a worker thread')
port.on('message', (request: SearchRequest) => {
  try {
    port.postMessage({ id: request.id, movies: search(request), error: '' } satisfies SearchReply)
  } catch (error) {
    const message = messageOf(error)
    port.postMessage({ id: request.id, movies: null, error: message } satisfies SearchReply)
  }
})
