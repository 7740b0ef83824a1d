import type { Command } from 'commander'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Engine } from '../engine.ts'
import { printResult } from './output.ts'
import { megabytes, table } from './print.ts'
import { nameOf, onEngine, verb } from './with-engine.ts'

interface Output {
  readonly json?: boolean
}

/** `projects list`, `rename`, `delete` and `put-back`: what the window does with projects as files. */
export function projectVerbs(program: Command): void {
  const projects = program.command('projects').description('list, rename and delete projects')
  verb(projects, 'list', 'list the projects of the projects folder, the newest first')
    .option('--deleted', 'the deleted ones instead')
    .action(onEngine(list))
  verb(projects, 'rename', 'rename a project, with its backups and checkpoints')
    .argument('<project>')
    .argument('<name>', 'its new name')
    .action(onEngine((engine, project: string, name: string, o: Output) => move(engine, project, name, false, o, (to) => `Renamed: ${to}`)))
  verb(projects, 'delete', 'move a project, with its backups and checkpoints, to the deleted ones')
    .argument('<project>')
    .action(
      onEngine((engine, project: string, o: Output) =>
        move(engine, project, nameOf(project), true, o, (to) => `Deleted. It is kept as ${to}: reelabel projects put-back "${nameOf(to)}"`),
      ),
    )
  verb(projects, 'put-back', 'move a deleted project back into the projects folder')
    .argument('<name>', 'its name as `projects list --deleted` shows it, or its path')
    .action(onEngine(putBack))
}

async function list(engine: Engine, o: Output & { readonly deleted?: boolean }): Promise<void> {
  const found = await engine.call('project.list', { deleted: o.deleted === true })
  const rows = found.map(({ name, bytes, modifiedAt, path }) => [name, megabytes(bytes), modifiedAt, path])
  printResult(o, found, () => (rows.length > 0 ? table(['project', 'size', 'changed', 'path'], rows) : 'There is no project.'))
}

async function move(
  engine: Engine,
  project: string,
  name: string,
  deleted: boolean,
  o: Output,
  text: (to: string) => string,
): Promise<void> {
  const moved = await engine.call('project.move', { path: resolve(project), name, deleted })
  printResult(o, moved, () => text(moved.path))
}

/** @throws UserError `no-project` */
async function putBack(engine: Engine, name: string, o: Output): Promise<void> {
  const deleted = await engine.call('project.list', { deleted: true })
  const found = deleted.find((each) => each.name === name || each.path === resolve(name))
  if (!found)
    throw new UserError(
      'no-project',
      `There is no deleted project "${name}": \`reelabel projects list --deleted\` names those that are there.`,
    )
  const moved = await engine.call('project.move', { path: found.path, name: found.name })
  printResult(o, moved, () => `Put back: ${moved.path}`)
}
