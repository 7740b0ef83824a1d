import { count } from '../../contract/words.ts'
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import type { Backup } from '../../contract/safety.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { megabytes, table } from './print.ts'
import { finish, onEngine, projectVerb, verb, withEngine } from './with-engine.ts'

/** `backups`, `restore` and `salvage`: keep decisions safe, and save what is left of a damaged project. */
export function safetyVerbs(program: Command): void {
  projectVerb(program, 'backups', 'list the backups of a project, or make one')
    .option('--make', 'make one now')
    .option('--automatic <on|off>', 'whether backups are made automatically')
    .action(backups)
  verb(program, 'restore', 'replace a project by one of its backups; the project is backed up first')
    .argument('<project>', 'the project file; it may be damaged')
    .argument('<backup>', 'its name as `backups` lists it, or `newest`')
    .action(onEngine(restore))
  verb(program, 'salvage', 'write what can be read of a damaged project, and make a new project from it')
    .argument('<file>', 'the damaged project; it is not changed')
    .requiredOption('--out <folder>', 'new folder')
    .action(onEngine(salvage))
}

const row = (b: Backup): string[] => [
  b.name,
  b.kind,
  megabytes(b.bytes),
  b.contents ? count(b.contents.batches) : 'cannot be read',
  b.contents?.lastAt ?? '',
]

async function backups(project: string, o: { make?: boolean; automatic?: string; json?: boolean }): Promise<void> {
  if (o.automatic !== undefined && !['on', 'off'].includes(o.automatic))
    throw new UserError('bad-arguments', 'backups.set: automatic: write on or off')
  const path = resolve(project)
  await withEngine(o.make || o.automatic !== undefined ? path : null, async (engine) => {
    if (o.automatic !== undefined) await engine.call('backups.set', { automatic: o.automatic === 'on' })
    if (o.make) await finish(engine, () => engine.call('backups.make', {}), o)
    const list = await engine.call('backups.list', { path })
    const footer = `${list.backups.length} backups, ${megabytes(list.bytes)}, in ${list.folder}${list.automatic ? '' : ' (made only when asked for)'}`
    printResult(o, list, () =>
      list.backups.length === 0
        ? footer
        : `${table(['backup', 'kind', 'size', 'decisions', 'the last of'], list.backups.map(row))}\n${footer}`,
    )
  })
}

async function restore(engine: Engine, project: string, name: string, o: { json?: boolean }): Promise<void> {
  const path = resolve(project)
  const list = await engine.call('backups.list', { path })
  const chosen = name === 'newest' ? list.backups.find((b) => b.contents !== null)?.name : name
  if (chosen === undefined) throw new UserError('no-backup', `There is no backup of ${path} in ${list.folder} that can be read.`)
  const end = await finish(engine, () => engine.call('backups.restore', { name: chosen, path }), o)
  printResult(o, { backup: chosen, message: end.message }, () => end.message)
}

async function salvage(engine: Engine, file: string, o: { out: string; json?: boolean }): Promise<void> {
  const end = await finish(engine, () => engine.call('project.salvage', { path: resolve(file), folder: resolve(o.out) }), o)
  const report = resultOf('salvage', end)
  const rows = report.tables.map((t) => [t.table, count(t.rows), t.lost ?? ''])
  printResult(o, report, () => `${table(['table', 'rows', 'lost'], rows)}\n${end.message}`)
}

/** `export --what everything`. */
export async function everythingVerb(engine: Engine, o: { out: string; format: 'csv' | 'parquet'; json?: boolean }): Promise<void> {
  const end = await finish(engine, () => engine.call('export.everything', { path: resolve(o.out), format: o.format }), o)
  const report = resultOf('everything', end)
  const rows = report.files.map((f) => [f.name, f.rows === null ? '' : count(f.rows), count(f.bytes)])
  printResult(o, report, () => `${table(['file', 'rows', 'bytes'], rows)}\n${end.message}`)
}
