import type { ImportDecision } from '../../../contract/importing.ts'

/** What the import decided about a stretch of text. */
export const WHAT: Readonly<Record<ImportDecision['what'], string>> = {
  repaired: 'Repaired',
  'set-aside': 'Set aside',
  padded: 'Filled up',
  'renamed-column': 'Column renamed',
}
