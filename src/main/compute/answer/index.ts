/** The process that holds trained models and answers from them. */
import { toReply, UserError } from '../../../contract/errors.ts'
import { connect } from '../../process-port.ts'

const port = connect<'answer'>()
port.onMessage(({ id }) => port.post({ t: 'failed', id, error: toReply(new UserError('not-yet', 'This is not built yet.')) }))
