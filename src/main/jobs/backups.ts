import { toReply } from '../../contract/errors.ts'
import type { BackupList, BackupReason } from '../../contract/safety.ts'
import type { SettingsFile } from '../files/settings-file.ts'
import { removeAbandoned } from '../files/temporary.ts'
import { readContents } from '../store/backup.ts'
import { isMarked } from '../store/project-file.ts'
import type { Store } from '../store/store.ts'
import { backupFolder, entriesIn, makeBackup, withContents, type Entry } from './backup.ts'
import type { WorkProcess } from '../processes/work-process.ts'
import type { JobControl } from '../processes/job-control.ts'

const HOUR_MS = 3_600_000
/** How often an open project is checked. */
const CHECK_INTERVAL_MS = 60_000

export interface BackupsOptions {
  readonly dataDir: string
  readonly settings: SettingsFile
  readonly start: () => WorkProcess<'job'>
  /** Receives the reason if an automatic backup could not be made. */
  readonly failed: (why: string) => void
}

/** The backups of the open project, automatic ones and those that the analyst asks for. */
export class Backups {
  readonly #options: BackupsOptions
  /** The automatic backup that is running. */
  #running: Promise<void> = Promise.resolve()
  #busy = false
  #failed = false
  /** When the project was opened and last checked, by a clock that only goes forward. */
  #openedAt = 0
  #lookedAt = 0
  constructor(options: BackupsOptions) {
    this.#options = options
  }
  get automatic(): boolean {
    return this.#options.settings.settings.automaticBackups
  }
  /** How many copies of the automatic reasons are kept. */
  get #keep(): Pick<Record<BackupReason, number>, 'hourly' | 'daily'> {
    const { hourlyBackups: hourly, dailyBackups: daily } = this.#options.settings.settings
    return { hourly, daily }
  }
  folderOf(project: string): string {
    return backupFolder(project, this.#options.dataDir)
  }
  list(project: string): BackupList {
    const folder = this.folderOf(project)
    const entries = entriesIn(folder)
    return {
      folder,
      backups: entries.map(withContents),
      bytes: entries.reduce((sum, e) => sum + e.bytes, 0),
      automatic: this.automatic,
    }
  }
  /** Makes a whole backup. @throws UserError `disk-full`, … */
  async make(project: string, reason: BackupReason, control: JobControl, spare?: string): Promise<Entry> {
    await this.#running
    return makeBackup(
      { project, folder: this.folderOf(project), reason, whole: true, spare, keep: this.#keep },
      control,
      this.#options.start,
    )
  }
  /** Makes a whole backup unless backups are switched off. */
  async before(project: string, reason: BackupReason, control: JobControl): Promise<void> {
    if (this.automatic) await this.make(project, reason, control)
  }
  /** Call this when a project has been opened. */
  opened(store: Store): void {
    this.#openedAt = this.#lookedAt = performance.now()
    this.#failed = false
    removeAbandoned(this.folderOf(store.path), isMarked)
    this.#consider(store, true)
  }
  /** Call this after every decision. */
  decided(store: Store): void {
    if (performance.now() - this.#lookedAt < CHECK_INTERVAL_MS) return
    this.#lookedAt = performance.now()
    this.#consider(store, false)
  }
  /** Settles when no backup is being made. */
  settled(): Promise<void> {
    return this.#running
  }
  #consider(store: Store, opening: boolean): void {
    if (this.#busy || this.#failed || store.changes.lastBatch() === 0 || !this.automatic) return
    const project = store.path
    const entries = entriesIn(this.folderOf(project))
    const [newest] = entries
    const workedMs = performance.now() - this.#openedAt
    if (!newest ? !opening && workedMs < HOUR_MS : !isDue(newest, Date.now(), store.state())) return
    this.#busy = true
    const input = { project, folder: this.folderOf(project), reason: reasonFor(entries, new Date()), whole: false, keep: this.#keep }
    this.#running = makeBackup(input, QUIET, this.#options.start)
      .then(() => undefined)
      .catch((error: unknown) => {
        // reported once: the next attempt would fail in the same way
        this.#failed = true
        this.#options.failed(`No backup could be made: ${toReply(error).message}`)
      })
      .finally(() => (this.#busy = false))
  }
}
const QUIET: JobControl = { signal: new AbortController().signal, progress: () => undefined }

/** Returns true if the project differs from the newest backup, which is an hour old or, after a clock was set back, an hour ahead. */
export function isDue(newest: Entry, now: number, state: string): boolean {
  return Math.abs(now - Date.parse(newest.at)) >= HOUR_MS && readContents(newest.path)?.state !== state
}
/** The first backup of a day is the daily one. */
export function reasonFor(entries: readonly Entry[], now: Date): 'hourly' | 'daily' {
  const last = entries.find((e) => e.reason === 'daily')
  return last && new Date(last.at).toDateString() === now.toDateString() ? 'hourly' : 'daily'
}
