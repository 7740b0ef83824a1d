/**
 * The operations that run when a process is killed. An entry says how its operation is started (it may throw once the engine is dead)
 * and, if it leaves files beside the project, what must hold for them afterwards.
 */
import Database from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../../src/main/engine.ts'
import { readContents } from '../../src/main/store/backup.ts'
import type { Material } from './material.ts'
import type { Victim } from './victim.ts'

/** Paths of one run. */
export interface Scene {
  readonly folder: string
  readonly project: string
  readonly material: Material
  readonly below: (n: number) => number
}
export interface Operation {
  /** Estimated duration in milliseconds; the first runs replace it by a measurement. */
  readonly ms: number
  /** True if the log may be older afterwards; confirmed decisions must then be in a backup. */
  readonly rewinds?: true
  /** Settles when the operation has ended, with or without success. */
  readonly run: (victim: Victim, scene: Scene) => Promise<unknown>
  /** Throws if the operation left something unfinished. `engine` is the next engine. */
  readonly check?: (engine: Engine, scene: Scene) => void | Promise<void>
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
/** @throws Error if SQLite's integrity check fails */
export function assertSound(path: string): void {
  const db = new Database(path, { readonly: true })
  try {
    const result = String(db.pragma('integrity_check', { simple: true }))
    must(result === 'ok', `${path}: ${result}`)
    must((db.pragma('foreign_key_check') as unknown[]).length === 0, `${path}: references that lead nowhere`)
  } finally {
    db.close()
  }
}
const records = (path: string): number => parse(readFileSync(path), { bom: true, relax_column_count: true, columns: true }).length
const beside = ({ folder }: Scene, name: string): string => join(folder, name)
const MAPPING = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  import: {
    ms: 1500,
    run: (v, s) =>
      v.job(() => v.rpc.call('import.run', { paths: [s.material.csv], name: 'new', path: beside(s, 'new.reel'), mapping: MAPPING })),
    check: async (engine, s) => {
      const path = beside(s, 'new.reel')
      if (!existsSync(path)) return
      assertSound(path)
      must(
        (await engine.call('project.open', { path })).movies === s.material.movies,
        'an incomplete import has the name of a complete one',
      )
      await engine.call('project.open', { path: s.project })
    },
  },
  cleaning: {
    ms: 1200,
    run: async (v, s) => {
      for (const on of [false, true])
        await v.job(() => v.rpc.call('clean.set', { switches: { 'exact-duplicate': on, missing: s.below(2) === 1 } }))
    },
    check: async (engine) => {
      const { kept, movies, steps } = await engine.call('clean.report', {})
      const { kept: inForce } = await engine.call('project.info', {})
      must(kept === inForce && kept <= movies && steps.length > 0, 'the report is of another cleaning than the one in force')
    },
  },
  training: {
    ms: 2500,
    run: (v) => v.job(() => v.rpc.call('train.start', { config: { folds: 2, wordNgrams: 1, charNgrams: null } })),
    check: async (engine) => {
      const runs = await engine.call('runs.list', {})
      must(
        runs.every((r) => r.status !== 'running'),
        'a run is listed as running although no process works on it',
      )
    },
  },
  labelling: { ms: 400, run: () => new Promise((resolve) => setTimeout(resolve, 400)) },
  undo: {
    ms: 400,
    run: async (v) => {
      for (let i = 0; i < 40; i++) await v.rpc.call(i % 4 === 3 ? 'labels.redo' : 'labels.undo', {}).catch(() => null)
    },
  },
  update: {
    ms: 2500,
    run: async (v, s) => {
      await v.job(() => v.rpc.call('merge.stage', { paths: [s.material.newer], mapping: MAPPING }))
      const plan = await v.rpc.call('merge.plan', {})
      if (plan) await v.job(() => v.rpc.call('merge.run', { token: plan.token, removed: 'remove' }))
    },
    check: async (engine, s) => {
      const { movies } = await engine.call('project.info', {})
      must(movies === s.material.movies || movies === s.material.newerMovies, `an update that was half done: ${movies} movies`)
    },
  },
  export: {
    ms: 300,
    run: (v, s) => v.job(() => v.rpc.call('export.run', { what: 'catalogue', path: beside(s, 'out.csv') })),
    check: (_, s) => {
      if (existsSync(beside(s, 'out.csv')))
        must(records(beside(s, 'out.csv')) === s.material.movies, 'half an export has the name of a whole one')
    },
  },
  everything: {
    ms: 1200,
    run: (v, s) => v.job(() => v.rpc.call('export.everything', { path: beside(s, 'everything') })),
    check: (_, s) => {
      if (!existsSync(beside(s, 'everything'))) return
      must(records(join(beside(s, 'everything'), 'movies.csv')) === s.material.movies, 'half an export of everything')
      must(existsSync(join(beside(s, 'everything'), 'README.txt')), 'an export of everything without its last file')
    },
  },
  backup: {
    ms: 900,
    run: async (v) => {
      for (let i = 0; i < 2; i++) await v.job(() => v.rpc.call('backups.make', {}))
    },
  },
  restore: {
    ms: 2000,
    rewinds: true,
    run: async (v) => {
      await v.job(() => v.rpc.call('backups.make', {}))
      const { backups } = await v.rpc.call('backups.list', {})
      await v.job(() => v.rpc.call('backups.restore', { name: backups.at(-1)!.name }))
    },
  },
}

/** Checks that hold after every run: backups are complete, and nothing unfinished is left. */
export function assertNothingHalf({ folder, project }: Scene): void {
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const half = left.filter((name) => /\.tmp$|\.tmp-|-journal$|\.open-/.test(name) && !name.includes('.session.'))
  must(half.length === 0, `left behind: ${half.join(', ')}`)
  const backups = project.replace(/\.reel$/, '.backups')
  if (!existsSync(backups)) return
  for (const name of readdirSync(backups)) {
    assertSound(join(backups, name))
    must(readContents(join(backups, name)) !== null, `the backup ${name} cannot be read`)
  }
}
