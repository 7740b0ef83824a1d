import type { JobEvent } from '../../contract/events.ts'
import type { Host } from '../api.ts'
import { m } from '../messages/index.ts'
import { fetchFile } from './download.ts'
import type { Jobs } from './jobs.svelte.ts'
import type { ProjectApi } from './project-api.ts'
import { sendFile } from './upload.ts'

/** Predicts the movies of a file into a CSV file: at a place that the analyst chooses in the desktop window, as a download in a browser. */
export class FilePredictions {
  /** True while the file is sent and read, before the job begins. */
  preparing = $state.raw(false)
  /** The running job, and the name of its file. */
  #asked: { readonly job: number; readonly name: string } | null = null

  constructor(
    private readonly api: ProjectApi,
    private readonly host: Host,
    private readonly jobs: Jobs,
  ) {
    jobs.onEnd((job) => void this.#ended(job))
  }
  /** Another project is open. */
  reset(): void {
    this.#asked = null
    this.preparing = false
  }
  /** The running or last prediction of a file. */
  get job(): JobEvent | null {
    return this.jobs.latest('predict')
  }
  get busy(): boolean {
    return this.preparing || this.job?.state === 'running'
  }
  async run(file: File): Promise<void> {
    if (this.busy) return
    this.preparing = true
    // the file is for a model of this project
    const sameProject = this.api.current()
    await this.api.guard(async () => {
      const name = `${file.name.replace(/(?:\.[a-z]{2,7})?(?:\.(?:gz|zip))?$/i, '')} ${m.tryIt.file.predictions}.csv`
      const predictions = this.host.chooseSave ? await this.host.chooseSave(name) : null
      if (this.host.chooseSave && predictions === null) return
      const path = (await this.host.pathForFile(file)) ?? (await sendFile(this.api, file))
      if (!sameProject()) return
      const { job } = await this.api.call('predict.movies', { path, predictions })
      this.#asked = { job, name }
      // a small file is predicted before the call returns
      const event = this.job
      if (event?.job === job) await this.#ended(event)
    })
    if (sameProject()) this.preparing = false
  }
  async #ended(job: JobEvent): Promise<void> {
    const asked = this.#asked
    if (asked?.job !== job.job || job.kind !== 'predict' || job.result === null) return
    this.#asked = null
    const { file } = job.result
    if (file !== null) await this.api.guard(() => fetchFile(this.api, file, asked.name))
  }
}
