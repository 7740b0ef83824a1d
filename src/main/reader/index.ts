/** Entry of the reader process: parses untrusted files one after another, and ends itself when that takes too much memory. */
import { toReply } from '../../contract/errors.ts'
import { READER_MEGABYTES } from '../../contract/jobs.ts'
import { endAbove } from '../processes/memory.ts'
import { connect } from '../processes/worker-port.ts'
import { read } from './read.ts'

/** Megabytes above which a new process reads the next file. */
const FULL_MEGABYTES = 300

endAbove(READER_MEGABYTES)
const port = connect<'reader'>()
port.onMessage((request) => {
  void read(request)
    .catch((error: unknown) => ({ t: 'failed' as const, error: toReply(error) }))
    .then((answer) => port.post({ ...answer, id: request.id, full: process.memoryUsage.rss() > FULL_MEGABYTES * 1e6 }))
})
