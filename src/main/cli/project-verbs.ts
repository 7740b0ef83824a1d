import type { Command } from 'commander'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { answer } from './output.ts'
import { megabytes, table } from './print.ts'
import { nameOf, withEngine } from './with-engine.ts'

interface Output {
  readonly json?: boolean
}

/** `projects list`, `rename`, `delete` and `put-back`: what the window does with projects as files. */
export function projectVerbs(program: Command): void {
  const projects = program.command('projects').description('list, rename and delete projects')
  projects
    .command('list')
    .description('list the projects of the projects folder, the newest first')
    .option('--deleted', 'the deleted ones instead')
    .option('--json', 'print JSON')
    .action(list)
  projects
    .command('rename')
    .description('rename a project, with its backups and checkpoints')
    .argument('<project>')
    .argument('<name>', 'its new name')
    .option('--json', 'print JSON')
    .action((project: string, name: string, o: Output) => move(project, name, false, o, (to) => `Renamed: ${to}`))
  projects
    .command('delete')
    .description('move a project, with its backups and checkpoints, to the deleted ones')
    .argument('<project>')
    .option('--json', 'print JSON')
    .action((project: string, o: Output) =>
      move(project, nameOf(project), true, o, (to) => `Deleted. It is kept as ${to}: reelabel projects put-back "${nameOf(to)}"`),
    )
  projects
    .command('put-back')
    .description('move a deleted project back into the projects folder')
    .argument('<name>', 'its name as `projects list --deleted` shows it, or its path')
    .option('--json', 'print JSON')
    .action(putBack)
}

async function list(o: Output & { readonly deleted?: boolean }): Promise<void> {
  await withEngine(null, async (engine) => {
    const found = await engine.call('project.list', { deleted: o.deleted === true })
    const rows = found.map(({ name, bytes, modifiedAt, path }) => [name, megabytes(bytes), modifiedAt, path])
    answer(o, found, () => (rows.length > 0 ? table(['project', 'size', 'changed', 'path'], rows) : 'There is no project.'))
  })
}

async function move(project: string, name: string, deleted: boolean, o: Output, text: (to: string) => string): Promise<void> {
  await withEngine(null, async (engine) => {
    const moved = await engine.call('project.move', { path: resolve(project), name, deleted })
    answer(o, moved, () => text(moved.path))
  })
}

/** @throws UserError `no-project` */
async function putBack(name: string, o: Output): Promise<void> {
  await withEngine(null, async (engine) => {
    const deleted = await engine.call('project.list', { deleted: true })
    const found = deleted.find((each) => each.name === name || each.path === resolve(name))
    if (!found)
      throw new UserError(
        'no-project',
        `There is no deleted project "${name}": \`reelabel projects list --deleted\` names those that are there.`,
      )
    const moved = await engine.call('project.move', { path: found.path, name: found.name })
    answer(o, moved, () => `Put back: ${moved.path}`)
  })
}
