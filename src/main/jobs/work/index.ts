/** A job process: does one piece of work on a project file, and ends when the engine disconnects. */
import { IMPORT_MEGABYTES } from '../../../contract/jobs.ts'
import { endAbove } from '../../processes/memory.ts'
import { connect } from '../../processes/worker-port.ts'
import { work } from './work.ts'

const port = connect<'job'>()
port.onMessage((request) => {
  if (request.t === 'import') endAbove(IMPORT_MEGABYTES)
  void work(request, (m) => port.post(m), new AbortController().signal)
})
