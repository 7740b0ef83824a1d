/** What lies beside a project, or is named like something of Reelabel's. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { thisProcess } from '../../src/main/files/process-identity.ts'
import { temporaryName } from '../../src/main/files/temporary.ts'
import { FakeCompute, finished, scratch, tinyProject } from '../support/project.ts'

const isWindows = process.platform === 'win32'
const NOTE = '{"program":"x","user":"u","host":"h","pid":1,"since":"2026-01-01T00:00:00Z","began":null}'
test.each<[what: string, put: (path: string) => void]>([
  [
    'folders under the names of a note, a backup, a log and unfinished work',
    (path) => {
      const dead = { ...thisProcess(), pid: 999_999_999 }
      for (const name of ['.tiny.reel.open-x', 'tiny.backups/00009-20261101-000000-hourly.reel'])
        mkdirSync(join(path, '..', name), { recursive: true })
      mkdirSync(temporaryName(path, dead))
    },
  ],
  ['a file under the name of the folder of backups', (path) => writeFileSync(path.replace('.reel', '.backups'), 'mine')],
  [
    'links to nowhere',
    (path) => {
      for (const name of ['.tiny.reel.open-x', 'tiny.backups', 'other.reel']) symlinkSync('nowhere', join(path, '..', name))
    },
  ],
  [
    'pipes',
    (path) => {
      mkdirSync(path.replace('.reel', '.backups'))
      for (const name of [
        '.tiny.reel.open-x',
        'tiny.backups/00009-20261101-000000-hourly.reel',
        basename(temporaryName('x', { ...thisProcess(), pid: 999_999_999 })),
      ])
        execFileSync('mkfifo', [join(path, '..', name)])
    },
  ],
  [
    'a backup with a number of thirty digits',
    (path) => {
      mkdirSync(path.replace('.reel', '.backups'))
      copyFileSync(path, join(path.replace('.reel', '.backups'), `${'9'.repeat(30)}-20261101-000000-hourly.reel`))
    },
  ],
  [
    'odd notes',
    (path) => {
      for (const [i, text] of ['null', '[]', '{"pid":1e400}', '{', NOTE.replace('2026-01-01', 'never'), `${NOTE}\n`].entries()) {
        const note = join(path, '..', `.tiny.reel.open-${i}`)
        writeFileSync(note, text)
        utimesSync(note, new Date(), new Date('2096-01-01'))
      }
    },
  ],
])('%s beside a project do not keep it from being opened, worked on alone and backed up', { skip: isWindows }, async (_what, put) => {
  const folder = scratch()
  const path = await tinyProject(folder, ['a: Drama', 'b: War'])
  put(path)
  const before = readdirSync(folder)
  const engine = await Engine.start({ dataDir: join(folder, 'data'), open: path, spawn: new FakeCompute().spawn })
  onTestFinished(() => engine.close())
  const { movies } = await engine.call('review.query', {})
  await engine.call('labels.apply', { changes: [{ field: 'note', movie: movies[0]!, to: 'kept' }] })
  expect(await finished(engine, () => engine.call('backups.make', {}))).toMatchObject({ state: 'done' })
  const { backups } = await engine.call('backups.list', {})
  expect(backups.filter((b) => b.reason === 'asked')).toMatchObject([{ contents: { batches: 1 } }])
  expect(
    await finished(engine, () => engine.call('backups.restore', { name: backups.find((b) => b.reason === 'asked')!.name })),
  ).toMatchObject({ state: 'done' })
  expect((await engine.call('project.info', {})).others).toEqual([])
  expect(before.filter((name) => !readdirSync(folder).includes(name)).filter((name) => !name.includes('.open-'))).toEqual([])
})

test('folders that the program makes for itself are private', { skip: isWindows }, async () => {
  const dataDir = join(scratch(), 'data')
  const engine = await Engine.start({ dataDir, open: null, spawn: new FakeCompute().spawn })
  onTestFinished(() => engine.close())
  const modes = [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))].map((path) => statSync(path).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o700]))
})

test('unfinished work that is removed is told, a note that was being written is not', async () => {
  const folder = scratch()
  const path = await tinyProject(folder, ['a: Drama'])
  const dead = { ...thisProcess(), pid: 999_999_999 }
  for (const name of ['half.reel', '.tiny.reel.open-x']) writeFileSync(temporaryName(join(folder, name), dead), '')
  const engine = await Engine.start({ dataDir: join(folder, 'data'), open: path, spawn: new FakeCompute().spawn, remembers: false })
  onTestFinished(() => engine.close())
  expect((await engine.call('project.info', {})).notices).toEqual(['What was left of unfinished work on half.reel was removed.'])
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})
