import { UserError } from '../../contract/errors.ts'
import type { Context, Handlers } from './context.ts'

type Methods =
  | 'models.list'
  | 'models.add'
  | 'models.remove'
  | 'models.search'
  | 'models.describe'
  | 'models.download'
  | 'models.export'
  | 'models.exported'
  | 'models.estimate'
  | 'models.devices'
  | 'models.settings'

const missing = (): never => {
  throw new UserError('not-yet', 'This is not built yet.')
}

export function modelHandlers(_c: Context): Handlers<Methods> {
  return {
    'models.list': missing,
    'models.add': missing,
    'models.remove': missing,
    'models.search': missing,
    'models.describe': missing,
    'models.download': missing,
    'models.export': missing,
    'models.exported': missing,
    'models.estimate': missing,
    'models.devices': missing,
    'models.settings': missing,
  }
}
