/** Backups and projects that cannot be opened, in words. */
import type { Backup, BackupReason, Holder } from '../../contract/safety.ts'
import { UserError } from '../../contract/errors.ts'
import { many } from '../messages/format.ts'

export const REASONS: Readonly<Record<BackupReason, string>> = {
  hourly: 'Every hour',
  daily: 'Every day',
  'before-merge': 'Before an update from files',
  'before-restore': 'Before a backup was restored',
  'before-migration': 'Before a newer Reelabel changed the file',
  asked: 'Asked for',
}
/** A project that could not be opened, and why. */
export interface Trouble {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly holder: Holder | null
}
interface Advice {
  readonly title: string
  /** What to do about it. */
  readonly text: string
  /** What can be tried here. */
  readonly cure: 'salvage' | 'again' | null
}
const ADVICE: Readonly<Record<string, Advice>> = {
  'project-damaged': {
    title: 'This project is damaged',
    text: 'Reelabel can read it page by page and save what is left into a new folder: decisions first, then the movies. The damaged file is not touched.',
    cure: 'salvage',
  },
  'project-newer': {
    title: 'This project is of a newer Reelabel',
    text: 'Update Reelabel to open it. It was not changed.',
    cure: null,
  },
  'project-read-only': {
    title: 'This project cannot be written',
    text: 'Give yourself the right to write the file and its folder, or copy it to another folder, and try again.',
    cure: 'again',
  },
  'project-busy': {
    title: 'This project is open elsewhere',
    text: 'Close it there and try again: two programs at once would undo each other’s work.',
    cure: 'again',
  },
}
export const adviceFor = (code: string): Advice | null => ADVICE[code] ?? null

const isHolder = (v: unknown): v is Holder => typeof v === 'object' && v !== null && 'pid' in v && 'program' in v
/** The trouble that this refusal is; null for one that a message is enough for. */
export function troubleOf(path: string, error: unknown): Trouble | null {
  if (!(error instanceof UserError) || !ADVICE[error.code]) return null
  const { details } = error
  const inside = typeof details === 'object' && details !== null && 'holder' in details ? details.holder : details
  return { path, code: error.code, message: error.message, holder: isHolder(inside) ? inside : null }
}
/** What the project has that this backup lacks. `batch`: the newest decision of the project. */
export function lostWith(backup: Backup, batch: number): string {
  if (!backup.holds) return 'What it holds could not be read; restoring it may fail, and then nothing changes.'
  const lost = Math.max(0, batch - backup.holds.batches)
  if (lost === 0) return 'It holds every decision of the project as it is now.'
  return `It lacks the last ${lost === 1 ? 'decision' : many(lost, 'decision')} of the project as it is now.`
}
