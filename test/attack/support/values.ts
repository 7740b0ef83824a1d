/** Random hostile values in random columns of a project, and the calls that a window makes on it. */
import { QUEUE_NAMES } from '../../../src/contract/queues.ts'
import Database from 'better-sqlite3'
import type { ArgsIn, Method } from '../../../src/contract/api.ts'
import type { Engine } from '../../../src/main/engine.ts'
import { LOG_TRIGGERS } from '../../../src/main/store/migrations/001-schema.ts'

/** Mulberry32: the same seed gives the same numbers. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  INTEGER: [-1, 0, 7, 65_536, 2 ** 31, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)],
  TEXT: [
    '',
    'null',
    '[]',
    '{}',
    '"x"',
    '[null]',
    '[1e999]',
    '[-1,0.5]',
    '{"a":',
    '\0',
    'x'.repeat(100_000),
    '['.repeat(50_000),
    '-1',
    '1e400',
    '99999999',
    '{"__proto__":1}',
    '[{}]',
    '[["a"]]',
  ],
  BLOB: [0, 1, 3, 4, 7, 1000].map((n) => Buffer.alloc(n, 0xff)),
}

/** Puts a value into a column, in one row or in all. @returns what was done */
export function spoil(path: string, seed: number): string {
  const next = random(seed)
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)]!
  const db = new Database(path)
  try {
    db.unsafeMode(true)
    for (const pragma of ['foreign_keys = off', 'ignore_check_constraints = on']) db.pragma(pragma)
    for (const name of Object.keys(LOG_TRIGGERS)) db.exec(`drop trigger ${name}`)
    const tables = db
      .prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'")
      .pluck()
      .all() as string[]
    const full = tables.filter((name) => db.prepare(`select 1 from "${name}"`).get() !== undefined)
    for (let tries = 0; ; tries++) {
      const table = pick(full)
      const column = pick(db.prepare('select name, type from pragma_table_info(?)').all(table) as { name: string; type: string }[])
      const value = pick(VALUES[column.type] ?? [])
      const one = next() < 0.5
      try {
        const where = one ? `where "${column.name}" = (select "${column.name}" from "${table}" order by random() limit 1)` : ''
        db.prepare(`update "${table}" set "${column.name}" = ? ${where}`).run(value)
      } catch (error) {
        if (tries > 100) throw error
        continue
      }
      for (const sql of Object.values(LOG_TRIGGERS)) db.exec(sql)
      const text = Buffer.isBuffer(value) ? `${value.length} bytes` : String(value).slice(0, 20)
      return `${table}.${column.name} = ${JSON.stringify(text)}${one ? ' in some rows' : ''}`
    }
  } finally {
    db.close()
  }
}

type Call = { readonly [M in Method]: readonly [M, ArgsIn<M>] }[Method]
const movie = 1
export const CALLS: readonly Call[] = [
  ['project.info', {}],
  ['import.report', {}],
  ['import.log', {}],
  ['rejected.list', {}],
  ['clean.report', {}],
  ['clean.ruleSet', {}],
  ['clean.genres', { ruleSet: [] }],
  ['clean.preview', { ruleSet: [{ rule: 'html', on: true }] }],
  ['overview.get', {}],
  ...QUEUE_NAMES.map((sort): Call => ['review.query', { sort }]),
  ['review.queues', {}],
  ['review.query', { where: 'plot' }],
  ['review.query', { where: 'genre:Drama -(length>3 OR title:x) "some phrase"' }],
  ['review.names', {}],
  ['review.slices', {}],
  ['review.setSlices', { slices: [{ name: 'a', where: 'x' }] }],
  ['review.rows', { movies: [1, 2, 3] }],
  ['review.movie', { movie }],
  ['review.place', {}],
  ['review.genre', { name: 'Drama' }],
  ['labels.state', {}],
  ['labels.history', {}],
  ['labels.apply', { changes: [{ field: 'note', movie, to: 'a note' }] }],
  ['labels.apply', { changes: [{ field: 'skipped', movie, to: true }] }],
  ['labels.undo', {}],
  ['labels.redo', {}],
  ['audit.state', {}],
  ['audit.movie', {}],
  ['audit.answer', { movie, genres: [] }],
  ['audit.result', {}],
  ['audit.apply', { dryRun: true }],
  ['suspects.health', {}],
  ['suspects.list', { queue: 'mixed' }],
  ['suspects.sweep', { genre: 1 }],
  ['runs.list', {}],
  ['runs.log', { run: 1 }],
  ['runs.compare', { a: 1, b: 1 }],
  ['metrics.get', {}],
  ['train.defaults', {}],
  ['predict.text', { plot: 'A man in space.' }],
  ['backups.list', {}],
]
const JOBS: readonly Call[] = [
  ['export.run', { what: 'catalogue', path: null }],
  ['export.run', { what: 'predictions', path: null }],
  ['export.everything', { path: null }],
  ['backups.make', {}],
  ['clean.set', { switches: {} }],
  ['train.start', { config: { folds: 2 } }],
]

/** @param calls by default also jobs, which the caller's engine should do in its own process
 * @returns messages of errors that are no refusals in words, with the call: `review.movie: Cannot read properties of undefined` */
export async function rawErrors(engine: Engine, calls = [...CALLS, ...JOBS]): Promise<string[]> {
  const raw: string[] = []
  const ends = new Map<number, { readonly code: string | null; readonly message: string }>()
  let wake = (): void => undefined
  const off = engine.on('job', (e) => {
    if (e.state !== 'running') ends.set(e.job, { code: e.state === 'failed' ? e.code : 'ok', message: e.message })
    wake()
  })
  for (const [method, args] of calls) {
    try {
      const result = await engine.call(method, args)
      const job = (result as { readonly job?: number } | null)?.job
      if (job === undefined) continue
      while (!ends.has(job)) await new Promise<void>((resolve) => (wake = resolve))
      const { code, message } = ends.get(job)!
      if (code === null || code === 'internal') raw.push(`${method}: ${message}`)
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'UserError') raw.push(`${method}: ${String(error)}`)
      else if ((error as { code?: string }).code === 'bad-arguments') raw.push(`${method}: ${error.message}`)
    }
  }
  off()
  return raw
}
