/** Projects as files, on the command line. The tests depend on their order. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandLine } from '../support/command-line.ts'
import { root } from '../support/paths.ts'

const cli = new CommandLine()
const folder = join(cli.folder, 'data/projects')
const P = join(folder, 'mine.reel')
interface Entry {
  readonly name: string
  readonly path: string
}
const list = (...args: string[]): Promise<Entry[]> => cli.json('projects', 'list', ...args)
const labelsOf = async (path: string): Promise<unknown> => (await cli.json<{ labels: unknown }>('show', path, 'm003')).labels

test('a renamed project keeps its decisions and its backups', async () => {
  expect(await list()).toEqual([])
  await cli.text('import', P, join(root, 'resources/sample/movies.csv'))
  await cli.text('label', P, 'm003', '+War')
  await cli.text('backups', P, '--make')
  const labels = await labelsOf(P)
  const renamed = join(folder, 'Films 2026.reel')
  expect(await cli.text('projects', 'rename', P, 'Films 2026')).toBe(`Renamed: ${renamed}\n`)
  expect((await list()).map(({ name, path }) => [name, path])).toEqual([['Films 2026', renamed]])
  expect(labels).toContain('War')
  expect(await labelsOf(renamed)).toEqual(labels)
  expect((await cli.json<{ backups: unknown[] }>('backups', renamed)).backups.length).toBeGreaterThan(0)
})

test('a deleted project is listed as deleted, and is put back by its name', async () => {
  const path = join(folder, 'Films 2026.reel')
  const text = await cli.text('projects', 'delete', path)
  expect(text).toContain(join(folder, 'deleted/Films 2026.reel'))
  expect(text).toContain('reelabel projects put-back "Films 2026"')
  expect([await list(), existsSync(path)]).toEqual([[], false])
  expect(await list('--deleted')).toMatchObject([{ name: 'Films 2026' }])
  expect(await cli.text('projects', 'list', '--deleted')).toContain('Films 2026')
  expect(await cli.json('projects', 'put-back', 'Films 2026')).toEqual({ path })
  expect([await list('--deleted'), existsSync(join(folder, 'Films 2026.backups'))]).toEqual([[], true])
  expect(await labelsOf(path)).toContain('War')
})

test('what is no project, or is not there, is refused and stays', async () => {
  const thesis = join(cli.folder, 'thesis.csv')
  writeFileSync(thesis, 'id,title')
  for (const [args, text] of [
    [['delete', thesis], 'is not a Reelabel project'],
    [['delete', join(folder, 'none.reel')], 'There is no file at'],
    [['put-back', 'none'], 'There is no deleted project "none"'],
  ] as const)
    expect(await cli.run(['projects', ...args])).toMatchObject({ code: 3, err: expect.stringContaining(text) as string })
  expect(existsSync(thesis)).toBe(true)
})
