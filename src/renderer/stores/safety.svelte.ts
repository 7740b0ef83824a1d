import type { JobEvent } from '../../contract/events.ts'
import type { ProjectEntry } from '../../contract/project.ts'
import type { Backup, BackupList, EverythingReport, SalvageReport } from '../../contract/safety.ts'
import type { Host } from '../api.ts'
import { localDay } from '../messages/format.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Notices } from './notices.svelte.ts'
import type { Project } from './project.svelte.ts'
import { troubleOf, type Trouble } from './safety-logic.ts'
import type { ProjectApi } from './project-api.ts'

/** A project of a list. */
type Named = Pick<ProjectEntry, 'path' | 'name'>

/** Backups, projects that cannot be opened, and everything a project holds as plain files. */
export class Safety {
  /** The dialog of backups is open. */
  open = $state(false)
  backups = $state.raw<BackupList | null>(null)
  trouble = $state.raw<Trouble | null>(null)
  /** Backups of the project in trouble. */
  troubleBackups = $state.raw<readonly Backup[]>([])
  salvaged = $state.raw<SalvageReport | null>(null)
  everything = $state.raw<EverythingReport | null>(null)
  #past = $state.raw(0)

  constructor(
    private readonly api: ProjectApi,
    private readonly host: Host,
    private readonly notices: Notices,
    private readonly jobs: Jobs,
    private readonly project: Project,
  ) {
    jobs.onEnd((job) => void this.#ended(job))
  }
  /** The backup or the restoring under way, or how the last one ended. */
  get job(): JobEvent | null {
    return this.jobs.latest('backup', 'restore')
  }
  /** The repair that is running, or how it ended. */
  get cureJob(): JobEvent | null {
    const job = this.jobs.latest('salvage', 'restore')
    return job && job.job > this.#past ? job : null
  }
  get everythingJob(): JobEvent | null {
    return this.jobs.latest('everything')
  }
  /** Another project is open. */
  reset(): void {
    this.backups = null
    this.everything = null
  }
  /** Opens a project; where it cannot be opened, says why and what can be done. */
  async openProject(path: string): Promise<void> {
    try {
      await this.project.open(path)
      this.notices.settled(path)
      this.closeTrouble()
    } catch (error) {
      const trouble = troubleOf(path, error)
      if (trouble) await this.#show(trouble)
      else this.notices.error(error)
    }
  }
  async #show(trouble: Trouble): Promise<void> {
    this.trouble = trouble
    this.troubleBackups = []
    this.#past = this.jobs.latest('salvage', 'restore')?.job ?? 0
    // a failure here is not shown: the error on the screen matters more
    const list = await this.api.call('backups.list', { path: trouble.path }).catch(() => null)
    if (this.trouble === trouble) this.troubleBackups = list?.backups ?? []
  }
  closeTrouble(): void {
    this.trouble = null
    this.troubleBackups = []
    this.salvaged = null
  }
  async load(): Promise<void> {
    await this.api.ask('backups.list', {}, (backups) => (this.backups = backups))
  }
  async setAutomatic(automatic: boolean): Promise<void> {
    await this.api.ask('backups.set', { automatic }, (backups) => (this.backups = backups))
  }
  async make(): Promise<void> {
    await this.api.ask('backups.make', {})
  }
  /** `path`: of another project than the open one. */
  async restore(backup: Backup, path: string | null = null): Promise<void> {
    await this.api.ask('backups.restore', { name: backup.name, path })
  }
  async salvage(path: string): Promise<void> {
    this.salvaged = null
    await this.api.ask('project.salvage', { path })
  }
  /** Writes the open project to another file, even where its own is gone. */
  async copy(): Promise<void> {
    await this.api.guard(async () => {
      const name = m.safety.copyName(this.project.info?.name ?? m.common.projectFileName)
      const path = this.host.chooseSave ? await this.host.chooseSave(name) : null
      if (this.host.chooseSave && path === null) return
      await this.api.call('project.copy', { path })
    })
  }
  /** Renames the open project, or another one of the list. */
  rename(info: Named | null = this.project.info): void {
    const { renameTitle, name: label, rename } = m.shell.project.asked
    if (!info) return
    this.notices.question = {
      title: renameTitle(info.name),
      field: { label, value: info.name },
      confirm: rename,
      act: async (name) => {
        const moved = await this.api.ask('project.move', { path: info.path, name })
        if (moved && this.project.isPinned(info.path)) {
          this.project.pin(info.path, false)
          this.project.pin(moved.path, true)
        }
        await this.project.listEntries()
      },
    }
  }
  /** Moves the open project, or another one of the list, to the deleted ones, after a question. */
  delete(info: Named | null = this.project.info): void {
    const text = m.shell.project.asked
    if (!info) return
    const { name } = info
    const movies = info.path === this.project.info?.path ? this.project.info.movies : null
    const act = () =>
      this.api.guard(async () => {
        const { path } = await this.api.call('project.move', { path: info.path, name, deleted: true })
        const restore = async () => {
          const moved = await this.api.ask('project.move', { path, name })
          if (moved) await this.openProject(moved.path)
        }
        await this.project.listEntries()
        await this.project.listDeleted()
        this.notices.news(path, text.deleted(name, path), { label: text.restore, act: restore })
      })
    this.notices.question = { title: text.deleteTitle(name), text: text.deleteText(movies), confirm: text.delete, act }
  }
  /** Puts a deleted project back into the list. */
  async putBack({ path, name }: Named): Promise<void> {
    if (await this.api.ask('project.move', { path, name })) this.notices.settled(path)
    await Promise.all([this.project.listEntries(), this.project.listDeleted()])
  }
  /** `Movies everything 2026-11-30`. */
  get #everythingName(): string {
    return m.export.everything.folder(this.project.info?.name ?? m.common.projectFileName, localDay(Date.now()))
  }
  /** Into a new folder, or into one zip file. A browser downloads the zip file. */
  async exportEverything(zip: boolean, parquet: boolean): Promise<void> {
    await this.api.guard(async () => {
      const name = this.#everythingName
      const path = this.host.chooseSave ? await this.host.chooseSave(zip ? `${name}.zip` : name) : null
      if (this.host.chooseSave && path === null) return
      this.everything = null
      await this.api.call('export.everything', { path, format: parquet ? 'parquet' : 'csv' })
    })
  }
  async fetch(file: EverythingReport['files'][number]): Promise<void> {
    const { file: handle } = file
    if (handle !== null) await this.api.guard(() => fetchFile(this.api, handle, file.name))
  }
  async #ended(job: JobEvent): Promise<void> {
    if (job.kind === 'backup' || job.kind === 'restore') await this.load()
    if (job.state !== 'done') return
    if (job.kind === 'restore' && this.trouble) await this.openProject(this.trouble.path)
    if (job.kind === 'copy' && job.result) {
      const { path } = job.result
      this.notices.news(path, m.safety.copied(path), { label: m.safety.openCopy, act: () => this.openProject(path) })
    }
    if (job.kind === 'salvage') this.salvaged = job.result
    if (job.kind === 'everything' && job.result) this.everything = { ...job.result, files: job.result.files.map((f) => (f.file === null ? f : { ...f, name: `${this.#everythingName}.zip` })) } // prettier-ignore
  }
}
