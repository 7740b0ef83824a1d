import type { ImportLogEntry } from '../../../contract/importing.ts'

/** What the import decided about a stretch of text. */
export const WHAT: Readonly<Record<ImportLogEntry['what'], string>> = {
  repaired: 'Repaired',
  rejected: 'Rejected',
  padded: 'Filled up',
  'renamed-column': 'Column renamed',
}
