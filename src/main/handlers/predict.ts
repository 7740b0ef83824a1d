import { UserError } from '../../contract/errors.ts'
import type { Context, Handlers } from './context.ts'

export function predictHandlers(_c: Context): Handlers<'predict.text'> {
  return {
    'predict.text': () => {
      throw new UserError('not-yet', 'This is not built yet.')
    },
  }
}
