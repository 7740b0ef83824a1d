/** Backups, restoring and salvage, as they cross process boundaries. */

/** Why a backup was made: each reason keeps its own number of copies. */
export type BackupReason = 'hourly' | 'daily' | 'before-merge' | 'before-restore' | 'before-migration' | 'asked'
export interface Backup {
  /** File name inside the project's backup folder. */
  readonly name: string
  readonly path: string
  readonly at: string
  readonly reason: BackupReason
  readonly bytes: number
  /** Movies, corrections in force and the last batch of the change log that it holds; null where it cannot be read. */
  readonly holds: { readonly movies: number; readonly batches: number; readonly lastAt: string | null } | null
}
export interface SalvageReport {
  /** Folder with what could be read: `changes.csv` first, then one CSV for each table and a README.txt. */
  readonly folder: string
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly lost: string | null }[]
  /** A new project made of what could be read; null where too little could. */
  readonly project: string | null
}
