/** Texts about backups and about projects that cannot be opened. */
import type { Backup, Holder } from '../../contract/safety.ts'
import { UserError } from '../../contract/errors.ts'
import { m } from '../messages/index.ts'

/** A project that could not be opened, and why. */
export interface Trouble {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly holder: Holder | null
}
interface Advice {
  readonly title: string
  /** The advice. */
  readonly text: string
  /** The actions that the dialog offers. */
  readonly cure: 'salvage' | 'again' | null
}
const ADVICE: Readonly<Record<string, Advice>> = {
  'project-damaged': { title: m.safety.trouble.damaged, text: m.safety.trouble.damagedHelp, cure: 'salvage' },
  'project-newer': { title: m.safety.trouble.newer, text: m.safety.trouble.newerHelp, cure: null },
  'project-read-only': { title: m.safety.trouble.readOnly, text: m.safety.trouble.readOnlyHelp, cure: 'again' },
  'project-busy': { title: m.safety.trouble.busy, text: m.safety.trouble.busyHelp, cure: 'again' },
}
export const adviceFor = (code: string): Advice | null => ADVICE[code] ?? null

const isHolder = (v: unknown): v is Holder => typeof v === 'object' && v !== null && 'pid' in v && 'program' in v
/** The trouble behind a refusal to open `path`, or null if its message says enough. */
export function troubleOf(path: string, error: unknown): Trouble | null {
  if (!(error instanceof UserError) || !ADVICE[error.code]) return null
  const { details } = error
  const inside = typeof details === 'object' && details !== null && 'holder' in details ? details.holder : details
  return { path, code: error.code, message: error.message, holder: isHolder(inside) ? inside : null }
}
/** A sentence on the decisions that restoring this backup would lose. `batch`: the project's newest decision. */
export function lostWith(backup: Backup, batch: number): string {
  if (!backup.contents) return m.safety.lostUnknown
  const lost = Math.max(0, batch - backup.contents.batches)
  return lost === 0 ? m.safety.lostNothing : m.safety.lost(lost)
}
