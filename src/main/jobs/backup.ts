/** Stores, prunes, makes and restores backups of a project. */
import { hash } from 'node:crypto'
import { accessSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf, UserError } from '../../contract/errors.ts'
import { many, moment, size } from '../../contract/words.ts'
import { BACKUP_REASONS, type Backup, type BackupReason } from '../../contract/safety.ts'
import { required } from '../../contract/required.ts'
import { renameDurably, syncFile } from '../files/atomic.ts'
import { freeBytes } from '../files/disk-errors.ts'
import { namesIn } from '../files/read.ts'
import { removeAbandoned, temporaryName } from '../files/temporary.ts'
import { copyAsItIs, readContents } from '../store/backup.ts'
import { isMarked, KEPT_BESIDE, removeDatabase } from '../store/project-file.ts'
import type { OpenOptions } from '../store/database.ts'
import type { JobControl } from '../processes/job-control.ts'
import { runWork, type WorkProcess } from '../processes/work-process.ts'

/** Number of copies of each reason that are kept. */
const KEEP: Readonly<Record<BackupReason, number>> = {
  hourly: 24,
  daily: 14,
  'before-merge': 10,
  'before-restore': 10,
  'before-migration': 10,
  asked: 10,
}
/** Limit of all backups of a project together; the newest of each reason is kept whatever its size. */
export const MAX_BYTES = 2 ** 31
/** Automatic backups of larger projects hold only the decisions, unless the project is about to be replaced. */
const WHOLE_UP_TO_BYTES = 64 * 2 ** 20
/** Free bytes that a backup leaves on the disk. */
const SPARE_BYTES = 64 * 2 ** 20

const ENDINGS = { whole: '.reel', decisions: '.decisions' } as const
const NAME = new RegExp(
  `^(?<number>\\d{1,12})-(?<y>\\d{4})(?<mo>\\d\\d)(?<d>\\d\\d)-(?<h>\\d\\d)(?<mi>\\d\\d)(?<s>\\d\\d)-(?<reason>${BACKUP_REASONS.join('|')})\\.(?<ending>reel|decisions)$`,
)

/** A backup, read from its name. Numbers give the order, because a clock may go backwards. */
export interface Entry extends Omit<Backup, 'contents'> {
  readonly number: number
}

/** The folder of a project's backups: beside the project, or in the data folder if that is not possible. It may not exist yet. */
export function backupFolder(project: string, dataDir: string): string {
  const beside = project.replace(/\.reel$/, '') + '.backups'
  try {
    // what is not a folder, such as a link to nowhere, is left alone
    const there = lstatSync(beside, { throwIfNoEntry: false })
    if (there && !statSync(beside).isDirectory()) throw new Error('not a folder')
    accessSync(there ? beside : dirname(beside), constants.W_OK)
    return beside
  } catch {
    const real = existsSync(project) ? realpathSync(project) : project
    return join(dataDir, 'backups', `${basename(beside, '.backups')}-${hash('sha256', real).slice(0, 12)}`)
  }
}

/** The backups in a folder, newest first. */
export function entriesIn(folder: string): Entry[] {
  return namesIn(folder)
    .flatMap((name) => {
      const g = NAME.exec(name)?.groups
      const path = join(folder, name)
      const stat = g && lstatSync(path, { throwIfNoEntry: false })
      if (!g || !stat?.isFile()) return []
      const at = `${g['y']}-${g['mo']}-${g['d']}T${g['h']}:${g['mi']}:${g['s']}Z`
      const kind = g['ending'] === 'reel' ? ('whole' as const) : ('decisions' as const)
      return [{ name, path, at, reason: g['reason'] as BackupReason, kind, bytes: stat.size, number: Number(g['number']) }]
    })
    .sort((a, b) => b.number - a.number || b.name.localeCompare(a.name))
}
export const withContents = ({ name, path, at, reason, kind, bytes }: Entry): Backup => {
  const contents = readContents(path)
  return {
    name,
    path,
    at,
    reason,
    kind,
    bytes,
    contents: contents && { movies: contents.movies, batches: contents.batches, lastAt: contents.lastAt },
  }
}

/**
 * Returns the backups that may be removed.
 * @param entries newest first
 * @param most limit of the total size in bytes; the newest of each reason and the newest whole copy are kept whatever their size
 */
export function outdated(entries: readonly Entry[], keep = KEEP, most = MAX_BYTES): Entry[] {
  const seen = new Map<BackupReason, number>()
  const essential = new Set<Entry>()
  const stays: Entry[] = []
  for (const entry of entries) {
    const count = (seen.get(entry.reason) ?? 0) + 1
    seen.set(entry.reason, count)
    if (count === 1 || (entry.kind === 'whole' && !stays.some((e) => e.kind === 'whole'))) essential.add(entry)
    if (count <= keep[entry.reason] || essential.has(entry)) stays.push(entry)
  }
  let bytes = stays.reduce((sum, e) => sum + e.bytes, 0)
  const gone = new Set(entries.filter((e) => !stays.includes(e)))
  for (const entry of stays.toReversed()) {
    if (bytes <= most) break
    if (essential.has(entry)) continue
    gone.add(entry)
    bytes -= entry.bytes
  }
  return entries.filter((e) => gone.has(e))
}

function prune(folder: string, spare: string | null = null, keep: BackupInput['keep'] = {}): void {
  for (const entry of outdated(entriesIn(folder), { ...KEEP, ...keep })) if (entry.name !== spare) removeDatabase(entry.path)
}

const temporaryIn = (folder: string): string => temporaryName(join(folder, 'backup'))
function nameFor(folder: string, reason: BackupReason, kind: Backup['kind'], now: Date): string {
  const number = (entriesIn(folder)[0]?.number ?? 0) + 1
  const at = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .replace('T', '-')
  return `${String(number).padStart(5, '0')}-${at}-${reason}${ENDINGS[kind]}`
}

/** @throws UserError `disk-full` if a copy would fill the disk */
function refuseFull(folder: string, bytes: number): void {
  if (freeBytes(folder) >= bytes + Math.min(SPARE_BYTES, bytes)) return
  throw new UserError(
    'disk-full',
    `There is no room for a backup in ${folder} (${size(bytes)} are needed): free some space, or remove old backups there. Nothing was changed.`,
  )
}

export interface BackupInput {
  readonly project: string
  readonly folder: string
  readonly reason: BackupReason
  /** True for a whole copy however large the project is. */
  readonly whole: boolean
  /** Name of a backup that is about to be restored, and therefore kept. */
  readonly spare?: string | undefined
  /** Other numbers of copies than the usual ones. */
  readonly keep?: Partial<Record<BackupReason, number>>
}

/** Makes a backup in a job process: it is written under a temporary name, checked, flushed and renamed; then old backups are removed. @throws UserError `disk-full`, … */
export async function makeBackup(input: BackupInput, control: JobControl, start: () => WorkProcess<'job'>): Promise<Entry> {
  const { project, folder, reason } = input
  const bytes = statSync(project).size
  const kind = input.whole || bytes <= WHOLE_UP_TO_BYTES ? 'whole' : 'decisions'
  mkdirSync(folder, { recursive: true })
  removeAbandoned(folder, isMarked)
  if (kind === 'whole') refuseFull(folder, bytes)
  const temporary = temporaryIn(folder)
  try {
    await runWork(start, { t: 'backup', file: project, kind, to: temporary }, control, 'backup')
    control.signal.throwIfAborted()
    const name = nameFor(folder, reason, kind, new Date())
    renameDurably(temporary, join(folder, name))
    prune(folder, input.spare, input.keep)
    return required(
      entriesIn(folder).find((e) => e.name === name),
      'the backup just written',
    )
  } finally {
    removeDatabase(temporary)
  }
}

/** Keeps the files of a project that cannot be opened, unchanged. */
export function keepAsItIs(project: string, folder: string): Entry {
  mkdirSync(folder, { recursive: true })
  refuseFull(folder, statSync(project).size)
  removeAbandoned(folder, isMarked)
  const temporary = temporaryIn(folder)
  try {
    const parts = ['', ...KEPT_BESIDE].filter((suffix) => statSync(project + suffix, { throwIfNoEntry: false })?.isFile())
    for (const suffix of parts) {
      copyFileSync(project + suffix, temporary + suffix)
      syncFile(temporary + suffix)
    }
    const name = nameFor(folder, 'before-restore', 'whole', new Date())
    // the file itself comes last: without it the others are not taken for a backup
    for (const suffix of parts.toReversed()) renameDurably(temporary + suffix, join(folder, name) + suffix)
    return backupNamed(folder, name)
  } finally {
    removeDatabase(temporary)
  }
}

/** Keeps a copy of a project before its layout changes. An error leaves the project unchanged. @throws UserError `disk-full`, `no-backup` */
export function keepBeforeMigration(dataDir: string, kept: (path: string) => void): NonNullable<OpenOptions['beforeMigration']> {
  return ({ path, db }) => {
    const folder = backupFolder(path, dataDir)
    const temporary = temporaryIn(folder)
    try {
      mkdirSync(folder, { recursive: true })
      removeAbandoned(folder, isMarked)
      refuseFull(folder, statSync(path).size)
      copyAsItIs(db, path, temporary)
      const target = join(folder, nameFor(folder, 'before-migration', 'whole', new Date()))
      renameDurably(temporary, target)
      prune(folder)
      kept(target)
    } catch (error) {
      if (error instanceof UserError) throw error
      const why = messageOf(error)
      throw new UserError(
        'no-backup',
        `${path} was made by an older Reelabel, and the copy that is kept of it before it is brought up to date cannot be written to ${folder}: ${why}. Nothing was changed.`,
      )
    } finally {
      removeQuietly(temporary)
    }
  }
}

/** Removes a file if that is possible: an obstacle, such as a file in the place of the folder, has been reported already. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // nothing was written there
  }
}

/** Finds a backup by its name. @throws UserError `no-backup` */
export function backupNamed(folder: string, name: string): Entry {
  const found = entriesIn(folder).find((e) => e.name === name)
  if (!found) throw new UserError('no-backup', `There is no backup "${name}" in ${folder}: look at the list again.`)
  return found
}

/** Describes what a backup contains: `214 decisions, the last of 20 November 2026, 14:02`. */
export function contentsText(contents: Backup['contents']): string {
  if (!contents) return 'cannot be read'
  if (contents.batches === 0 || contents.lastAt === null) return 'no decisions'
  return `${many(contents.batches, 'decision')}, the last of ${moment(contents.lastAt)}`
}
