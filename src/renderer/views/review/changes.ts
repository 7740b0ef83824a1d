import type { ChangeEntry } from '../../../contract/records.ts'

const LABEL: Readonly<Record<string, string>> = { '0': 'removed', '1': 'added' }
const VERDICT: Readonly<Record<string, string>> = { keep: 'kept as it is', impossible: 'marked impossible', '': 'verdict taken back' }

/** One line of the change log: `Drama added`, `undone: Drama removed`. */
export function changeInWords(entry: ChangeEntry): string {
  const what: Readonly<Record<ChangeEntry['field'], string>> = {
    label: `${entry.genre ?? ''} ${LABEL[entry.to] ?? entry.to}`,
    verdict: `${entry.genre ?? ''} ${VERDICT[entry.to] ?? entry.to}`,
    reviewed: entry.to === '1' || entry.to === 'true' ? 'reviewed' : 'not reviewed',
    note: `note: ${entry.to === '' ? 'removed' : entry.to}`,
  }
  return (entry.undoes === null ? '' : 'undone or done again: ') + what[entry.field]
}
