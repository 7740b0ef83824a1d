/** Backups, restoring, copies, salvage and the export of everything. */
import { closeSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import pkg from '../../../package.json' with { type: 'json' }
import { UserError } from '../../contract/errors.ts'
import type { EverythingWork } from '../../contract/jobs.ts'
import { count, many } from '../../contract/words.ts'
import { SALVAGED_PROJECT, type EverythingReport, type SalvageReport, type SAFETY_METHODS } from '../../contract/safety.ts'
import { makeFileAtomically, makeFolderAtomically, renameDurably } from '../files/atomic.ts'
import { withDiskErrors } from '../files/disk-errors.ts'
import { openRegular } from '../files/regular.ts'
import { temporaryName } from '../files/temporary.ts'
import type { JobEnd } from '../jobs/queue.ts'
import { backupNamed, entriesIn, contentsText, keepAsItIs, withContents, type Entry } from '../jobs/backup.ts'
import { part, type JobControl } from '../processes/job-control.ts'
import { workResult } from '../processes/work-process.ts'
import { bareId } from '../store/bare-file.ts'
import { KEPT_BESIDE, removeDatabase } from '../store/project-file.ts'
import { ProjectLock, thisProgram } from '../store/project-lock.ts'
import { PROJECT_SUFFIX, projectName, type Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'
import { refuseSources } from './export.ts'
import type { Outbox } from './files.ts'
import { openSample } from './project.ts'
import { replaceProjectFile } from './replace-project-file.ts'
import { cardFiles, cardOf } from './report/card.ts'
import type { Ask } from './report/report.ts'
import { settingsChanged } from './settings.ts'

export function safetyHandlers(c: Context, outbox: Outbox, ask: Ask): Handlers<typeof SAFETY_METHODS> {
  return {
    'backups.list': ({ path }) => c.backups.list(path === null ? c.workspace().store.path : resolve(path)),
    'backups.set': async ({ automatic }) => {
      await c.settings.set({ automaticBackups: automatic })
      settingsChanged(c)
      return c.backups.list(c.workspace().store.path)
    },
    'backups.make': () => {
      const project = c.workspace().store.path
      return c.jobs.start('backup', null, async (control) => {
        const entry = await c.backups.make(project, 'asked', control)
        return `${entry.path}: ${contentsText(withContents(entry).contents)}.`
      })
    },
    'backups.restore': ({ name, path }) => {
      const project = path === null ? c.workspace().store.path : resolve(path)
      const entry = backupNamed(c.backups.folderOf(project), name)
      return c.jobs.start('restore', null, (control) => restore(c, project, entry, control))
    },
    'project.copy': ({ path }) => {
      const w = c.workspace()
      const target = path === null ? c.projects.pathFor(`${projectName(w.store.path)} copy`) : resolve(path)
      refuseTaken(target)
      return c.jobs.start('copy', null, (control) => copy(c, w, target, control))
    },
    'project.move': async ({ path, name, deleted }) => {
      await c.backups.settled()
      c.jobs.assertIdle()
      return { path: await move(c, resolve(path), name, deleted) }
    },
    'project.salvage': ({ path, folder }) => {
      const file = resolve(path)
      if (![file, ...KEPT_BESIDE.map((suffix) => file + suffix)].some((each) => existsSync(each)))
        throw new UserError('no-project', `There is no file at ${file}: check the path. Nothing was done.`)
      // closing an open project's file would drop its locks
      if (existsSync(file) && !c.isOpen(file)) closeSync(openRegular(file))
      const target = folder === null ? freeFolder(c.projects.dir, `${projectName(file)} salvaged`) : resolve(folder)
      return c.jobs.start('salvage', null, async (control) => {
        const report = await salvage(c, file, target, control)
        const rows = report.tables.find((t) => t.table === 'change')?.rows ?? 0
        const project = report.project === null ? 'No new project could be made of it' : `A new project is ${report.project}`
        return { result: report, message: `${count(rows)} changes of the log and what else can be read are in ${target}. ${project}.` }
      })
    },
    'export.everything': ({ path, format }) => {
      const w = c.workspace()
      const target = path === null ? join(c.projects.temporary, crypto.randomUUID(), ARCHIVE) : resolve(path)
      if (target.toLowerCase().endsWith('.zip')) refuseSources(target, w)
      return c.jobs.start('everything', null, async (control) => {
        const report = await everything(c, w, ask, { target, format }, control)
        const handles = path === null ? outbox.add([target]) : []
        const result = { ...report, files: report.files.map((f, i) => ({ ...f, file: handles[i] ?? null })) }
        return {
          result,
          message: target.toLowerCase().endsWith('.zip') ? `${target} is written.` : `${many(report.files.length, 'file')} in ${target}.`,
        }
      })
    },
  }
}

/** Moves a project with its backups and checkpoints. @returns its new path @throws UserError `no-project`, `project-in-use`, ... */
async function move(c: Context, from: string, name: string, deleted: boolean): Promise<string> {
  if (!existsSync(from)) throw new UserError('no-project', `There is no file at ${from}: check the path. Nothing was done.`)
  if (!statSync(from).isFile() || (!from.endsWith(PROJECT_SUFFIX) && bareId(from) === null))
    throw new UserError('not-a-project', `${from} is not a Reelabel project: choose a .reel file. Nothing was done.`)
  refuseShared(from)
  const trash = c.projects.deleted
  const folder = deleted ? trash : dirname(from) === trash ? c.projects.dir : dirname(from)
  if (from === join(folder, name + PROJECT_SUFFIX)) return from
  mkdirSync(folder, { recursive: true })
  const to = c.projects.pathFor(name, folder)
  const open = c.isOpen(from) ? c.workspace() : null
  open?.store.assertThere()
  open?.store.close()
  try {
    const backups = c.backups.folderOf(from)
    await withDiskErrors(to, () => renameDurably(from, to))
    // a program that was killed leaves its last decisions beside the file
    for (const suffix of KEPT_BESIDE) if (existsSync(from + suffix)) renameDurably(from + suffix, to + suffix)
    if (existsSync(backups)) renameDurably(backups, c.backups.folderOf(to))
    c.runFolders.move(from, to)
  } finally {
    if (open && deleted && existsSync(to)) await openSample(c.projects.dir, (path) => c.open(path))
    else if (open) c.open(existsSync(to) ? to : from)
  }
  return to
}

/** Replaces a project, which need not be readable, by a backup, after backing up the project itself. */
async function restore(c: Context, project: string, entry: Entry, control: JobControl): Promise<string> {
  const open = c.isOpen(project) ? c.workspace() : null
  const folder = c.backups.folderOf(project)
  if (!open) refuseShared(project)
  const decided = open?.store.changes.lastBatch()
  const kept = open ? await c.backups.make(project, 'before-restore', part(control, 0, 0.4), entry.name) : keepAsItIs(project, folder)
  const base = entry.kind === 'whole' ? null : open ? kept.path : wholeBefore(folder, entry)
  const file = temporaryName(project)
  try {
    const request = { t: 'restore', backup: entry.path, base, to: file } as const
    const { lost } = await workResult(() => c.spawn('job'), request, part(control, 0.4, 0.55), 'restore', 'restored')
    control.signal.throwIfAborted()
    control.progress(0.97, 'taking its place')
    if (open && open.store.changes.lastBatch() !== decided)
      throw new UserError(
        'project-changed',
        `A decision was made while ${entry.name} was being restored. Nothing was changed: restore it again.`,
      )
    replaceProjectFile(c, file, project)
    const without = lost > 0 ? ` ${count(lost)} changes speak of movies that are not in it and were left out.` : ''
    return `Restored ${entry.name}: it holds ${contentsText(withContents(entry).contents)}. What was there before is kept as ${kept.name}.${without}`
  } finally {
    removeDatabase(file)
  }
}
/** @throws UserError `project-in-use` if another program has the project open */
function refuseShared(project: string): void {
  const lock = new ProjectLock(project, thisProgram('a restore'))
  try {
    lock.assertAlone()
  } finally {
    lock.release()
  }
}

/** The whole copy for the decisions of a backup if the project itself cannot be read. @throws UserError `no-whole-backup` */
function wholeBefore(folder: string, entry: Entry): string {
  const whole = entriesIn(folder).filter((e) => e.kind === 'whole' && withContents(e).contents !== null)
  const found = whole.find((e) => e.number < entry.number) ?? whole.at(-1)
  if (found) return found.path
  throw new UserError(
    'no-whole-backup',
    `${entry.name} holds decisions alone, and ${folder} has no whole copy to put them into: salvage the damaged project first (\`reelabel salvage\`), or import its files again.`,
  )
}

async function copy(c: Context, w: Workspace, target: string, control: JobControl): Promise<JobEnd<'copy'>> {
  const temporary = temporaryName(target)
  try {
    c.projects.temporaryFiles.begin(temporary)
    await withDiskErrors(target, () =>
      w.store.copyTo(temporary, (fraction) => {
        control.signal.throwIfAborted()
        control.progress(fraction, 'copying')
      }),
    )
    refuseTaken(target)
    renameDurably(temporary, target)
    const result = { path: target, name: projectName(target), movies: w.catalogue.n }
    return { result, message: `The project was copied to ${target}.` }
  } finally {
    removeDatabase(temporary)
    c.projects.temporaryFiles.end(temporary)
  }
}
function refuseTaken(path: string): void {
  if (existsSync(path)) throw new UserError('project-exists', `${path} exists already: choose another name. Nothing was changed.`)
}
function freeFolder(dir: string, name: string): string {
  for (let i = 1; ; i++) {
    const path = join(dir, i === 1 ? name : `${name} ${i}`)
    if (!existsSync(path)) return path
  }
}

async function salvage(c: Context, file: string, target: string, control: JobControl): Promise<SalvageReport> {
  const fill = (to: string) => workResult(() => c.spawn('job'), { t: 'salvage', file, folder: to }, control, 'salvage', 'salvaged')
  const { tables, noProject } = await makeFolderAtomically(target, fill, c.projects.temporaryFiles)
  return { folder: target, tables, project: noProject === null ? join(target, SALVAGED_PROJECT) : null }
}

/** Name of the archive that a page downloads. */
const ARCHIVE = 'everything.zip'

/** Writes everything into a new folder, or into one file if the target is called .zip. */
async function everything(
  c: Context,
  w: Workspace,
  ask: Ask,
  { target, format }: { readonly target: string; readonly format: EverythingWork['format'] },
  control: JobControl,
): Promise<EverythingReport> {
  const extra = cardFiles(await cardOf(ask, w.store, null, new Date()))
  const fill = (folder: string, archive: string | null) => {
    const request = { t: 'everything', file: w.store.path, format, version: pkg.version, extra, folder, archive } as const
    return workResult(() => c.spawn('job'), request, control, 'export', 'everything')
  }
  const fileOf = (path: string, rows: number | null) => ({ name: basename(path), bytes: statSync(path).size, rows, file: null })
  if (!target.toLowerCase().endsWith('.zip')) {
    const { rows } = await makeFolderAtomically(target, (folder) => fill(folder, null), c.projects.temporaryFiles)
    const names = readdirSync(target).sort()
    return { folder: target, files: names.map((name) => fileOf(join(target, name), rows[name] ?? null)) }
  }
  const folder = join(c.projects.temporary, crypto.randomUUID())
  mkdirSync(folder, { recursive: true })
  try {
    if (dirname(target).startsWith(c.projects.temporary)) mkdirSync(dirname(target), { recursive: true })
    await makeFileAtomically(target, async (temporary) => void (await fill(folder, temporary)), c.projects.temporaryFiles)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { folder: dirname(target), files: [fileOf(target, null)] }
}
