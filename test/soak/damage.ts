/** Seeded damage to a project file, and what salvage must achieve for any damage. */
import Database from 'better-sqlite3'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { SALVAGED_PROJECT } from '../../src/contract/safety.ts'
import { salvageInto } from '../../src/main/jobs/work/salvage.ts'
import { Workspace } from '../../src/main/workspace.ts'
import { UserError } from '../../src/contract/errors.ts'

const PAGE = 4096
type Below = (n: number) => number
type Damage = (file: Buffer, below: Below, wal: Buffer | null) => { file: Buffer; wal: Buffer | null }

const onPages =
  (count: (pages: number, below: Below) => number, change: (page: Buffer, below: Below) => void): Damage =>
  (file, below, wal) => {
    const pages = Math.floor(file.length / PAGE)
    for (let i = count(pages, below); i > 0; i--) {
      const page = below(pages)
      change(file.subarray(page * PAGE, (page + 1) * PAGE), below)
    }
    return { file, wal }
  }
const flip = (page: Buffer, below: Below): void => {
  for (let i = 1 + below(8); i > 0; i--) {
    const at = below(page.length)
    page[at] = page[at]! ^ (1 << below(8))
  }
}

/** Kinds of damage. */
export const DAMAGE: Readonly<Record<string, Damage>> = {
  'bits flipped in one page': onPages(() => 1, flip),
  'bits flipped in many pages': onPages((n, below) => 1 + below(Math.max(2, n / 10)), flip),
  'pages of zeros': onPages(
    (_, below) => 1 + below(5),
    (page) => page.fill(0),
  ),
  'pages of noise': onPages(
    (_, below) => 1 + below(5),
    (page, below) => page.forEach((__, i) => (page[i] = below(256))),
  ),
  'a stretch of zeros': (file, below, wal) => {
    const from = below(file.length)
    return { file: file.fill(0, from, Math.min(file.length, from + (1 + below(20)) * PAGE)), wal }
  },
  'cut off': (file, below, wal) => ({ file: file.subarray(0, below(file.length)), wal }),
  'a header of zeros': (file, _, wal) => ({ file: file.fill(0, 0, 100), wal }),
  'a first page of zeros': (file, _, wal) => ({ file: file.fill(0, 0, PAGE), wal }),
  'pages swapped': (file, below, wal) => {
    const [a, b] = [below(file.length / PAGE), below(file.length / PAGE)].map((n) => Math.floor(n) * PAGE) as [number, number]
    const kept = Buffer.from(file.subarray(a, a + PAGE))
    file.copy(file, a, b, b + PAGE)
    kept.copy(file, b)
    return { file, wal }
  },
  'a log cut off': (file, below, wal) => ({ file, wal: wal && wal.subarray(0, below(wal.length)) }),
  'a damaged log': (file, below, wal) => {
    if (wal) flip(wal.subarray(32), below)
    return { file, wal }
  },
}

export interface DamageResult {
  readonly kind: string
  /** Number of the log's changes that changes.csv contains unchanged. */
  readonly logRows: number
  readonly logWhole: number
  readonly movies: number
  /** Number of movies in the new project. */
  readonly inProject: number
  /** `opened` if the new project opens and is sound, else why there is none. */
  readonly project: string
}
export interface Sound {
  readonly path: string
  /** Rows of the log, as `id movie genre field to`. */
  readonly log: ReadonlySet<string>
}

const digest = (path: string): string => (existsSync(path) ? hash('sha256', readFileSync(path)) : '')

/** Damages a copy and salvages it. @throws Error if salvage breaks one of its promises */
export async function damageAndSalvage(sound: Sound, folder: string, seed: number): Promise<DamageResult> {
  const below = seededDraws(seed)
  for (let i = 0; i < 10; i++) below(2)
  const kind = Object.keys(DAMAGE)[seed % Object.keys(DAMAGE).length]!
  const path = join(folder, `damaged-${seed}.reel`)
  const wal = existsSync(`${sound.path}-wal`) ? readFileSync(`${sound.path}-wal`) : null
  const made = DAMAGE[kind]!(readFileSync(sound.path), below, wal)
  writeFileSync(path, made.file)
  if (made.wal) writeFileSync(`${path}-wal`, made.wal)
  const before = [digest(path), digest(`${path}-wal`)]
  const out = join(folder, `out-${seed}`)
  mkdirSync(out)
  const result = await salvaged(path, out, sound).catch((cause: unknown) => {
    throw new Error(`seed ${seed} (${kind})`, { cause })
  })
  if (before[0] !== digest(path) || before[1] !== digest(`${path}-wal`))
    throw new Error(`seed ${seed} (${kind}): the damaged file was changed`)
  for (const name of [path, `${path}-wal`, out]) rmSync(name, { recursive: true, force: true })
  return { kind, ...result }
}

async function salvaged(path: string, out: string, sound: Sound): Promise<Omit<DamageResult, 'kind'>> {
  try {
    const { tables, noProject } = await salvageInto({ t: 'salvage', file: path, folder: out }, QUIET)
    const log = parse<Record<string, string>>(readFileSync(join(out, 'changes.csv')), { columns: true, bom: true }).map(lineOf)
    const { project, inProject } = noProject === null ? opened(join(out, SALVAGED_PROJECT)) : { project: noProject, inProject: 0 }
    const movies = tables.find((t) => t.table === 'movie')?.rows ?? 0
    return { logRows: log.length, logWhole: log.filter((line) => sound.log.has(line)).length, movies, inProject, project }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { logRows: 0, logWhole: 0, movies: 0, inProject: 0, project: error.code }
  }
}
const QUIET = { signal: new AbortController().signal, progress: (): void => undefined }
export const lineOf = (r: Record<string, string>): string => [r['change'], r['movie'], r['genre'], r['field'], r['to']].join('|')

function soundness(path: string): string {
  const db = new Database(path, { readonly: true })
  try {
    return String(db.pragma('integrity_check', { simple: true }))
  } finally {
    db.close()
  }
}

function opened(path: string): { project: string; inProject: number } {
  const workspace = new Workspace(path)
  try {
    const check = soundness(path)
    return { project: check === 'ok' ? 'opened' : check, inProject: workspace.info().movies }
  } finally {
    workspace.close()
  }
}

/** A copy of a project, including the content of its write-ahead log. */
export function copyProject(from: string, to: string): void {
  for (const suffix of ['', '-wal']) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
}
