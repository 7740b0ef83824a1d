import type { JobEvent } from '../../contract/events.ts'
import { UserError, messageOf } from '../../contract/errors.ts'
import { isTrainable, type DeviceInfo, type LibrarySettings, type ModelEntry } from '../../contract/models.ts'
import type { RunInfo } from '../../contract/records.ts'
import type { ModelExport, ModelExportReport } from '../../contract/training.ts'
import type { Host } from '../api.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { Recipes } from './recipes.svelte.ts'
import type { ProjectApi } from './project-api.ts'

/** The library of models, the devices of this machine, and exports of models. */
export class Models {
  list = $state.raw<readonly ModelEntry[]>([])
  devices = $state.raw<readonly DeviceInfo[]>([])
  settings = $state.raw<LibrarySettings | null>(null)
  /** Result of the last export of a model. */
  exported = $state.raw<ModelExportReport | null>(null)
  /** True if the path of a chosen folder is known; otherwise the user types it. */
  readonly canChoose: boolean

  constructor(
    private readonly api: ProjectApi,
    private readonly host: Host,
    private readonly jobs: Jobs,
    private readonly recipes: Recipes,
  ) {
    this.canChoose = host.chooseSave !== null
    jobs.onEnd((job) => void this.#ended(job))
  }
  get downloadJob(): JobEvent | null {
    return this.jobs.latest('download')
  }
  get exportJob(): JobEvent | null {
    return this.jobs.latest('export-model')
  }
  /** Another project is open; the library stays. */
  reset(): void {
    this.exported = null
  }
  async load(): Promise<void> {
    await this.api.ask('models.list', {}, (list) => (this.list = list))
  }
  async loadDevices(): Promise<void> {
    if (this.devices.length > 0) return
    await this.api.ask('models.devices', {}, (devices) => (this.devices = devices))
  }
  async loadSettings(): Promise<void> {
    await this.api.ask('models.settings', {}, (settings) => (this.settings = settings))
  }
  async setOffline(offline: boolean): Promise<void> {
    await this.api.ask('models.settings', { offline }, (settings) => (this.settings = settings))
  }
  /** Adds a folder or a file of word vectors to the library; selects a model that can be trained. Returns the reason if it is refused, else null. */
  async add(path: string): Promise<string | null> {
    try {
      const entry = await this.api.call('models.add', { path })
      await this.load()
      if (isTrainable(entry.architecture)) await this.recipes.pick(entry.id)
      return null
    } catch (error) {
      return messageOf(error)
    }
  }
  /** Path of a chosen file; null if it is unknown. */
  readonly pathOf = (file: File): Promise<string | null> => this.host.pathForFile(file)
  /** Path of a chosen folder, from one of its files; null if the path is unknown. */
  readonly folderOf = async (file: File): Promise<string | null> => {
    const path = await this.pathOf(file)
    if (path === null) return null
    // `webkitRelativePath` begins with the chosen folder's own name
    const below = file.webkitRelativePath.split('/').length - 1
    return path
      .split(/[\\/]/)
      .slice(0, -Math.max(1, below))
      .join(path.includes('\\') ? '\\' : '/')
  }
  async remove(entry: ModelEntry): Promise<void> {
    await this.api.ask('models.remove', { id: entry.id }, () => {
      if (this.recipes.picked === entry.id) this.recipes.picked = null
    })
    await this.load()
  }
  /** Exports the model of a run into a folder that the analyst chooses, or as downloads. */
  async export(run: RunInfo, what: ModelExport): Promise<void> {
    await this.api.guard(async () => {
      const folder = this.host.chooseSave ? await this.host.chooseSave(m.runs.exportFolder(run.id, what)) : null
      if (this.host.chooseSave && folder === null) return
      this.exported = null
      await this.api.call('models.export', { run: run.id, what, folder })
    })
  }
  async fetch(file: ModelExportReport['files'][number]): Promise<void> {
    const { file: handle } = file
    if (handle !== null) await this.api.guard(() => fetchFile(this.api, handle, file.name.slice(file.name.lastIndexOf('/') + 1)))
  }
  async #ended(job: JobEvent): Promise<void> {
    if (job.kind === 'download') await this.load()
    if (job.kind === 'export-model' && job.state === 'done') this.exported = job.result
  }
}

/** True if the engine needs the user's consent; its message says what is sent to which server. */
export const isConsent = (error: unknown): error is UserError => error instanceof UserError && error.code === 'consent'
