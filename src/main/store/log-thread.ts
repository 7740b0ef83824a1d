/** A thread that appends one large batch to the log: its transaction would keep every client of the engine waiting. */
import { parentPort, workerData } from 'node:worker_threads'
import { toReply, UserError } from '../../contract/errors.ts'
import { ChangeTable } from './changes.ts'
import { assertProject, connect, withDatabaseErrors } from './database.ts'
import { identityOf } from './file-identity.ts'
import { unpacked, type LogReply, type LogRequest } from './log-writer.ts'

function append({ project, identity, batch, changes, after }: LogRequest): number {
  // `openDatabase` would look into the file without SQLite, see search/thread.ts
  const db = withDatabaseErrors(project, () => connect(project, false, (file) => void assertProject(file, project)))
  try {
    if (identityOf(db) !== identity)
      throw new UserError('project-gone', `Another file has taken the place of ${project}: nothing was written.`)
    db.pragma('synchronous = full')
    const table = new ChangeTable(db)
    return withDatabaseErrors(project, () => table.append(batch, 'of' in changes ? changes : unpacked(changes), after))
  } finally {
    db.close()
  }
}

let reply: LogReply
try {
  reply = { batch: append(workerData as LogRequest) }
} catch (error) {
  reply = { error: toReply(error) }
}
parentPort?.postMessage(reply)
