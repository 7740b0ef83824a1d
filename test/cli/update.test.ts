/** `update`, `rejected` and `import-log`. The tests depend on their order. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecordCheck, RejectedRecord, ImportLogEntry } from '../../src/contract/importing.ts'
import type { MergePlan } from '../../src/contract/merging.ts'
import { CommandLine } from '../support/command-line.ts'

const cli = new CommandLine()
const P = join(cli.folder, 'Mine.reel')
const PLOT = 'a story that is told here at some length'
const HEADER = 'id,title,plot,genres'
const row = (id: string, genres: string, plot = `${id} is ${PLOT}.`): string => `${id},Title ${id},${plot},${genres}`
const file = (name: string, ...rows: string[]): string => {
  const path = join(cli.folder, name)
  writeFileSync(path, [HEADER, ...rows, ''].join('\n'))
  return path
}
const map = ['--map', 'plot=plot', '--map', 'genres=genres', '--map', 'title=title', '--map', 'id=id']

test('an update is described, and changes nothing', async () => {
  await cli.text('import', P, file('old.csv', row('a', 'Drama'), row('b', 'War'), row('c', 'Comedy')), ...map)
  await cli.text('label', P, 'b', '+Comedy')
  const newer = file('new.csv', row('a', 'Drama'), row('b', 'Drama'), row('d', 'War'), row('e', 'War', `e, is ${PLOT}`))
  const { code, out } = await cli.run(['update', P, newer, ...map, '--dry-run', '--json'])
  expect([code, (JSON.parse(out) as MergePlan).loss]).toEqual([3, '1 of 4 records would be rejected (5 fields, but the header has 4).'])
  expect(JSON.parse(out)).toMatchObject({ added: 1, changed: 1, removed: 1, same: 1, corrections: { onChanged: 1 } })
  expect(await cli.json('show', P, 'b')).toMatchObject({ labels: ['Comedy', 'War'] })
})

test('an update that would lose a quarter of its records has to be confirmed', async () => {
  const { code, err } = await cli.run(['update', P, join(cli.folder, 'new.csv'), ...map])
  expect([code, err]).toEqual([3, expect.stringMatching(/^reelabel: 1 of 4 records would be rejected .*\(--yes\)/)])
  expect(await cli.json('show', P, 'b')).toMatchObject({ labels: ['Comedy', 'War'] })
})

test('an update is applied; corrections stay', async () => {
  const out = await cli.text('update', P, join(cli.folder, 'new.csv'), ...map, '--removed', 'remove', '--yes')
  expect(out).toContain('1 new, 1 changed, 1 missing, 1 the same')
  expect(out).toContain('changed  b  Title b; genres: War -> Drama')
  expect(out.trim().split('\n').at(-1)).toBe('1 movie new, 1 changed, 1 removed.')
  expect(await cli.json('show', P, 'b')).toMatchObject({ labels: ['Comedy', 'Drama'] })
})

test('rejected records are listed, and an edited one is imported', async () => {
  const { total, records } = await cli.json<{ total: number; records: RejectedRecord[] }>('rejected', P)
  expect([total, records[0]!.line, records[0]!.why]).toEqual([1, 5, expect.stringContaining('5 fields')])
  const edited = join(cli.folder, 'edited.json')
  writeFileSync(edited, JSON.stringify([{ record: records[0]!.record, raw: row('e', 'War') }]))
  const [check] = await cli.json<RecordCheck[]>('rejected', P, '--retry', edited, '--dry-run')
  expect(check).toMatchObject({ why: null, movie: { key: 'e' } })
  expect((await cli.text('rejected', P, '--retry', edited)).trim().split('\n')).toEqual([
    `record ${records[0]!.record}: becomes e Title e (War)`,
    '1 record added.',
  ])
  const { entries } = await cli.json<{ entries: ImportLogEntry[] }>('import-log', P)
  expect(entries.map((d) => [d.line, d.what])).toEqual([
    [5, 'rejected'],
    [5, 'repaired'],
  ])
})

test.each([
  [['rejected', P, '--retry', join(cli.folder, 'nothing.json')], 'bad-records'],
  [['update', P, join(cli.folder, 'nothing.csv')], 'file-not-found'],
])('what cannot be says so: %s', async (args, code) => {
  const { code: status, out } = await cli.run([...args, '--json'])
  expect([status, (JSON.parse(out) as { error: { code: string } }).error.code]).toEqual([3, code])
})
