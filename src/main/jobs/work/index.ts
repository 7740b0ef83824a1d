/** A job process: does one piece of work on a project file, and ends when the engine disconnects. */
import { endAbove } from '../../processes/memory.ts'
import { connect } from '../../processes/worker-port.ts'
import { work } from './work.ts'

/** An import takes some hundred megabytes, whatever the size of its files; a hostile file should not take the whole machine. */
const IMPORT_MEGABYTES = 4000

const port = connect<'job'>()
port.onMessage((request) => {
  if (request.t === 'import') endAbove(IMPORT_MEGABYTES)
  void work(request, (m) => port.post(m), new AbortController().signal)
})
