/**
 * Folders of running trainings: the checkpoints and the job itself, so that an interrupted run resumes with the same labels. There is
 * one folder for each run in a folder for each project. It is removed when the run ends.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { TrainingData } from '../../contract/jobs.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { packContainer, unpackContainer, type ContainerData } from '../model-folder/container.ts'
import type { StoredRun } from '../store/runs.ts'

/** The job of a run, without folders, which may differ when it resumes. */
export interface SavedJob {
  readonly createdAt: string
  /** The generation of cleaning whose movies and plots it uses. */
  readonly cleaning: number | null
  readonly config: TransformerConfig
  readonly data: TrainingData
}
const JOB = 'job'
/** File with the path of the project, so that folders of deleted projects can be found. */
const PROJECT = 'project'
const VERSION = 1
/** A project that has been missing for 30 days counts as deleted. */
const DELETED_AFTER_MS = 30 * 24 * 3600 * 1000

/** The job as a container: arrays are tensors, everything else is in the header. */
function packJob({ data, ...job }: SavedJob): Uint8Array {
  const isArray = (value: unknown): value is ContainerData => ArrayBuffer.isView(value)
  const members = Object.entries(data)
  const plain = Object.fromEntries(members.filter(([, value]) => !isArray(value)))
  const arrays = members.flatMap(([name, value]) => (isArray(value) ? [[name, { data: value }] as const] : []))
  return packContainer({ version: VERSION, ...job, data: plain }, arrays)
}
/** @returns null if it is of another version @throws Error if it is damaged */
function unpackJob(file: Uint8Array): SavedJob | null {
  const { header, tensors } = unpackContainer(file)
  const { version, ...job } = header as SavedJob & { readonly version: number }
  if (version !== VERSION) return null
  const arrays = Object.fromEntries(Array.from(tensors, ([name, { data }]) => [name, data]))
  return { ...job, data: { ...job.data, ...arrays } }
}

/** The folders of all projects. */
export class RunFolders {
  readonly #dir: string
  /** @param dir `runs` of the data folder */
  constructor(dir: string) {
    this.#dir = dir
  }
  #of(project: string): string {
    const path = existsSync(project) ? realpathSync(project) : resolve(project)
    return join(this.#dir, createHash('sha256').update(path).digest('hex').slice(0, 24))
  }
  /** Folder of a run's checkpoints. */
  folder(project: string, run: number): string {
    return join(this.#of(project), String(run))
  }
  /** Stores the job of a new run. Removes what an earlier run of that number left. */
  begin(project: string, run: number, job: SavedJob): string {
    const folder = this.folder(project, run)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(this.#of(project), PROJECT), realpathSync(project))
    writeFileAtomically(join(folder, JOB), packJob(job))
    return folder
  }
  /** The job of an interrupted run; null if it cannot resume. */
  job(project: string, run: Pick<StoredRun, 'id' | 'createdAt'>): SavedJob | null {
    try {
      const job = unpackJob(readFileSync(join(this.folder(project, run.id), JOB)))
      return job?.createdAt === run.createdAt ? job : null
    } catch {
      return null
    }
  }
  /** True if the run has a stored job. */
  isThere(project: string, run: number): boolean {
    return existsSync(join(this.folder(project, run), JOB))
  }
  remove(project: string, run: number): void {
    rmSync(this.folder(project, run), { recursive: true, force: true, maxRetries: 3 })
  }
  /** Call it after a project has moved. */
  move(from: string, to: string): void {
    const real = (path: string): string => join(realpathSync(dirname(path)), basename(path))
    const [old, fresh] = [this.#of(real(from)), this.#of(to)]
    if (!existsSync(old)) return
    rmSync(fresh, { recursive: true, force: true })
    renameSync(old, fresh)
    writeFileSync(join(fresh, PROJECT), realpathSync(to))
  }
  /** Removes the folders of ended runs, which are left if a program is killed just after a training. */
  sweep(project: string, runs: readonly Pick<StoredRun, 'id' | 'createdAt' | 'status'>[]): void {
    const over = runs.filter(({ id, status }) => !['running', 'interrupted'].includes(status) && this.isThere(project, id))
    // a job of another creation time belongs to another project at the same path, and stays
    for (const run of over) if (this.job(project, run)) this.remove(project, run.id)
  }
  /** Removes folders of projects that have been missing for long; a drive may be unplugged for a while. */
  tidy(now = Date.now()): void {
    if (!existsSync(this.#dir)) return
    for (const name of readdirSync(this.#dir)) {
      const folder = join(this.#dir, name)
      const note = join(folder, PROJECT)
      if (!existsSync(note) || existsSync(readFileSync(note, 'utf8'))) continue
      if (now - statSync(note).mtimeMs > DELETED_AFTER_MS) rmSync(folder, { recursive: true, force: true })
    }
  }
}
