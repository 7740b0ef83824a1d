/** A job process: does one piece of work on a project file, and ends when the engine disconnects. */
import { connect } from '../../processes/worker-port.ts'
import { work } from './work.ts'

const port = connect<'job'>()
port.onMessage((request) => void work(request, (m) => port.post(m), new AbortController().signal))
