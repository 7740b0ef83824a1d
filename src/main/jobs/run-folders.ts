/**
 * Folders of trainings that are under way: checkpoints, and the job itself, so that a run that was interrupted goes on with the
 * very labels it began with. One for each run, below one for each project; they go when the run ends.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { resolve, join } from 'node:path'
import type { TrainingData } from '../../contract/jobs.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import { writeFileAtomically } from '../files/atomic.ts'
import { packContainer, unpackContainer, type ContainerData } from '../model-folder/container.ts'
import type { StoredRun } from '../store/runs.ts'

/** What a run goes on with. Its places are those of now. */
export interface SavedJob {
  readonly createdAt: string
  /** The cleaning that made its movies and plots. */
  readonly cleaning: number | null
  readonly config: TransformerConfig
  readonly data: TrainingData
}
const JOB = 'job'
/** Names the project, so that folders of projects that are gone can be told. */
const PROJECT = 'project'
const VERSION = 1
/** 30 days. */
const FORGOTTEN_MS = 30 * 24 * 3600 * 1000

/** A container: arrays as tensors, all else in the header. */
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
  /** Where a run's checkpoints lie. */
  folder(project: string, run: number): string {
    return join(this.#of(project), String(run))
  }
  /** Notes a job that begins. What an earlier run of that number left goes. */
  begin(project: string, run: number, job: SavedJob): string {
    const folder = this.folder(project, run)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(this.#of(project), PROJECT), realpathSync(project))
    writeFileAtomically(join(folder, JOB), packJob(job))
    return folder
  }
  /** The job of an interrupted run; null where it cannot go on. */
  job(project: string, run: Pick<StoredRun, 'id' | 'createdAt'>): SavedJob | null {
    try {
      const job = unpackJob(readFileSync(join(this.folder(project, run.id), JOB)))
      return job?.createdAt === run.createdAt ? job : null
    } catch {
      return null
    }
  }
  /** Whether there is something to go on from. */
  isThere(project: string, run: number): boolean {
    return existsSync(join(this.folder(project, run), JOB))
  }
  remove(project: string, run: number): void {
    rmSync(this.folder(project, run), { recursive: true, force: true, maxRetries: 3 })
  }
  /** Removes what a program that was killed at the very end of a training left of runs that are over. */
  sweep(project: string, runs: readonly Pick<StoredRun, 'id' | 'createdAt' | 'status'>[]): void {
    const over = runs.filter(({ id, status }) => !['running', 'interrupted'].includes(status) && this.isThere(project, id))
    // of another project that lay there, it stays
    for (const run of over) if (this.job(project, run)) this.remove(project, run.id)
  }
  /** Removes folders of projects that have not been there for long; a drive may be unplugged. */
  tidy(now = Date.now()): void {
    if (!existsSync(this.#dir)) return
    for (const name of readdirSync(this.#dir)) {
      const folder = join(this.#dir, name)
      const note = join(folder, PROJECT)
      if (!existsSync(note) || existsSync(readFileSync(note, 'utf8'))) continue
      if (now - statSync(note).mtimeMs > FORGOTTEN_MS) rmSync(folder, { recursive: true, force: true })
    }
  }
}
