/** Backups, restoring, salvage, the export of everything, and which programs have a project open. */
import { z } from 'zod'
import { appMethod, path, projectMethod, type, type JobStarted } from './method.ts'

/** Why a backup was made. The number of copies to keep is set for each reason. */
export const BACKUP_REASONS = ['hourly', 'daily', 'before-merge', 'before-restore', 'before-migration', 'asked'] as const
export type BackupReason = (typeof BACKUP_REASONS)[number]

export interface Backup {
  /** File name inside the project's backup folder. */
  readonly name: string
  readonly path: string
  readonly at: string
  readonly reason: BackupReason
  readonly bytes: number
  /**
   * `whole`: the project file. `decisions`: of a large project, everything an analyst typed and nothing that an import or a
   * training made; it is restored into the newest whole copy or the project as it is.
   */
  readonly kind: 'whole' | 'decisions'
  /** Numbers of movies and of batches in the change log, and the time of the last batch; null if it cannot be read. */
  readonly contents: { readonly movies: number; readonly batches: number; readonly lastAt: string | null } | null
}
export interface BackupList {
  /** Folder of the backups; the first backup creates it. */
  readonly folder: string
  /** Newest first. */
  readonly backups: readonly Backup[]
  readonly bytes: number
  /** True if Reelabel makes backups on its own. */
  readonly automatic: boolean
}

export interface SalvagedTable {
  readonly table: string
  readonly rows: number
  /** The known loss, in a phrase; null if none was found. */
  readonly lost: string | null
}
export interface SalvageReport {
  /** Folder with what could be read: `changes.csv` first, then one CSV for each table and a README.txt. */
  readonly folder: string
  readonly tables: readonly SalvagedTable[]
  /** New project made from what could be read; null if that was too little. */
  readonly project: string | null
}
export interface EverythingReport {
  readonly folder: string
  /** `rows`: null for files that are not tables. `file`: handle for `files.get`; null if it was written to the caller's path. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly rows: number | null; readonly file: string | null }[]
}

/** A program that has a project open. */
export interface Holder {
  readonly program: string
  readonly user: string
  readonly host: string
  readonly pid: number
  readonly since: string
}

/** Name of the new project in the folder of a salvage. */
export const SALVAGED_PROJECT = 'salvaged.reel'

/** Backups, copies, salvage and the export of everything. */
export const SAFETY_METHODS = {
  /** Backups of the project at `path`, which need not be readable; null: of the open one. */
  'backups.list': projectMethod({ path: path.nullable().default(null) }, type<BackupList>(), { path: 'project' }),
  /** Makes a whole backup now, even of a large project; a job. */
  'backups.make': projectMethod({}, type<JobStarted>()),
  /** Replaces the project by a backup, after backing up the project itself; a job. */
  'backups.restore': projectMethod({ name: z.string().min(1).max(200), path: path.nullable().default(null) }, type<JobStarted>(), {
    path: 'project',
  }),
  /** True if Reelabel makes backups on its own. */
  'backups.set': projectMethod({ automatic: z.boolean() }, type<BackupList>()),
  /** Writes the open project to a new file, even where its own is gone; null: into the projects folder. A job. */
  'project.copy': appMethod({ path: path.nullable() }, type<JobStarted>(), { path: 'new-project' }),
  /**
   * Renames a project, with its backups and checkpoints, or moves it to the deleted projects (`deleted`) or back from them. A number is
   * appended to a name that is taken. An open project stays open; in the place of a deleted one the sample is opened.
   */
  'project.move': appMethod(
    { path, name: z.string().trim().min(1).max(80), deleted: z.boolean().default(false) },
    type<{ readonly path: string }>(),
    { path: 'project' },
  ),
  /** Exports what can be read of a damaged project into a new folder; null: into the projects folder. A job. */
  'project.salvage': appMethod({ path, folder: path.nullable().default(null) }, type<JobStarted>(), {
    path: 'project',
    folder: 'new-folder',
  }),
  /** Everything the project holds as plain CSV and JSON in a new folder; null: to be fetched with `files.get`. A job. */
  'export.everything': appMethod({ path: path.nullable(), format: z.enum(['csv', 'parquet']).default('csv') }, type<JobStarted>(), {
    path: 'download',
  }),
}
