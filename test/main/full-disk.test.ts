/** A disk that is really full: a small one in memory, which only root can mount, on Linux. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine.ts'
import { writeFileAtomically } from '../../src/main/files/atomic.ts'
import { writeChunks } from '../files/write.ts'
import { generateProject, guessingCompute, writeCatalogue } from '../support/generate.ts'
import { codeOf, exportOf, finished, FakeCompute } from '../support/project.ts'
import { assertSound } from '../soak/operations.ts'
import { needs } from '../support/needs.ts'

const MEGABYTES = 24
const base = mkdtempSync(join(tmpdir(), 'reelabel-full-'))
const disk = join(base, 'disk')
mkdirSync(disk)
const mounted = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', disk]).status === 0
const withDisk = needs(mounted, 'no disk in memory can be mounted: needs root on Linux')
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
  rmSync(base, { recursive: true, force: true })
})

const sound = join(base, 'sound.reel')
const csv = join(base, 'catalogue.csv')
const newer = join(base, 'newer.csv')
beforeAll(async () => {
  if (!mounted) return
  await generateProject(sound, 800, { runs: 1 })
  await writeCatalogue(csv, 3000)
  await writeCatalogue(newer, 3000, 5)
}, 120_000)

const FILLER = join(disk, 'filler')
const freeBytes = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize
/** Fills the disk up to `bytes` free bytes. */
function fill(bytes: number): void {
  if (!existsSync(FILLER)) writeFileSync(FILLER, '')
  const piece = Buffer.alloc(4096)
  while (freeBytes() > bytes) writeFileSync(FILLER, freeBytes() - bytes > 1 << 20 ? Buffer.alloc(1 << 20) : piece, { flag: 'a' })
}
const free = (): void => truncateSync(FILLER, 0)

interface Scene {
  readonly engine: Engine
  readonly project: string
  decide(): Promise<void>
  confirmed(): number
}
async function scene(): Promise<Scene> {
  for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true, force: true })
  const project = join(disk, 'p.reel')
  copyFileSync(sound, project)
  const jobs = new FakeCompute().spawn
  const engine = await Engine.start({
    dataDir: join(disk, 'data'),
    open: project,
    spawn: (kind) => (kind === 'job' ? jobs(kind) : guessingCompute(kind)),
  })
  onTestFinished(() => engine.close())
  const { genres } = await engine.call('project.info', {})
  const { movies } = await engine.call('review.query', {})
  let made = 0
  const decide = async (): Promise<void> => {
    const i = made + 1
    const to = (await engine.call('review.movie', { movie: movies[i % movies.length]! })).allCells[0]!.label
    const change = { field: 'label', movie: movies[i % movies.length]!, genre: genres[0]!.id, to: !to } as const
    await engine.call('labels.apply', { changes: [change] })
    made++
  }
  await decide()
  return { engine, project, decide, confirmed: () => made }
}

/** The operations that run on the full disk, and the files that must not exist afterwards. */
const OPERATIONS: Readonly<
  Record<string, { readonly run: (s: Scene) => Promise<string>; readonly absent?: string; readonly room?: number }>
> = {
  import: {
    run: ({ engine }) => ended(engine, () => engine.call('import.run', { paths: [csv], name: 'n', path: join(disk, 'new.reel') })),
    absent: 'new.reel',
  },
  cleaning: {
    room: 12 * 1024,
    run: ({ engine }) =>
      ended(engine, () => engine.call('clean.set', { switches: { missing: false, 'exact-duplicate': false, html: false } })),
  },
  training: { room: 12 * 1024, run: ({ engine }) => ended(engine, () => engine.call('train.start', { config: { folds: 2 } })) },
  labelling: {
    run: async (s) => {
      for (let i = 0; i < 3000; i++) {
        const code = await codeOf(() => s.decide())
        if (code !== 'none') return code
      }
      return 'none'
    },
  },
  update: {
    run: async ({ engine }) => {
      const staged = await ended(engine, () => engine.call('merge.stage', { paths: [newer] }))
      const plan = staged === 'done' ? await engine.call('merge.plan', {}) : null
      return plan ? ended(engine, () => engine.call('merge.run', { token: plan.token, removed: 'keep' })) : staged
    },
  },
  export: {
    run: ({ engine }) => codeOf(() => exportOf(engine, { what: 'catalogue', path: join(disk, 'out.csv') })),
    absent: 'out.csv',
  },
  everything: { run: ({ engine }) => ended(engine, () => engine.call('export.everything', { path: join(disk, 'all') })), absent: 'all' },
  backup: { run: ({ engine }) => ended(engine, () => engine.call('backups.make', {})) },
}
async function ended(engine: Engine, start: () => Promise<{ job: number }>): Promise<string> {
  let code = 'done'
  const refused = await codeOf(async () => {
    const end = await finished(engine, start)
    if (end.state !== 'done') code = end.code ?? end.state
  })
  return refused === 'none' ? code : refused
}

describe('on a full disk', withDisk, () => {
  test.each(Object.keys(OPERATIONS))(
    '%s reports it, leaves nothing half done, loses nothing, and works once there is space',
    async (name) => {
      const s = await scene()
      const { run, absent, room = 160 * 1024 } = OPERATIONS[name]!
      const before = new Set(readdirSync(disk))
      fill(room)
      expect(await run(s)).toBe('disk-full')
      const left = readdirSync(disk).filter((f) => !before.has(f) && !['filler', 'p.backups', 'p.reel-wal', 'p.reel-shm'].includes(f))
      expect(left).toEqual([])
      if (absent) expect(existsSync(join(disk, absent))).toBe(false)
      if (existsSync(join(disk, 'p.backups'))) expect(readdirSync(join(disk, 'p.backups'))).toEqual([])
      free()
      const log = await s.engine.call('labels.history', { limit: 1000 })
      // every confirmed decision, the last first, and none that was refused
      const batches = [...new Set(log.map((e) => e.batch))]
      expect(batches).toEqual(batches.map((_, i) => s.confirmed() - i))
      expect(batches.at(-1) === 1 || log.length === 1000).toBe(true)
      await s.decide()
      expect(['done', 'none']).toContain(await run(s))
      await s.engine.close()
      assertSound(s.project)
    },
    120_000,
  )
})

test('a project is not opened, says how it can be read, and its copy on another disk holds every decision', withDisk, async () => {
  const s = await scene()
  const history = await s.engine.call('labels.history', { limit: 10 })
  await s.engine.close()
  const data = mkdtempSync(join(base, 'data-'))
  const open = (path: string): Promise<Engine> => Engine.start({ dataDir: data, open: path, spawn: new FakeCompute().spawn })
  fill(0)
  await expect(open(s.project)).rejects.toThrow(/its disk is full.*Free about 200 kB, or copy it.*`reelabel salvage /)
  expect(await codeOf(() => open(s.project))).toBe('disk-full')
  expect(readdirSync(disk).filter((name) => name.startsWith('.'))).toEqual([])
  const copy = join(base, 'copy.reel')
  copyFileSync(s.project, copy)
  const engine = await open(copy)
  expect(await engine.call('labels.history', { limit: 10 })).toEqual(history)
  await engine.close()
  free()
  fill(200_000)
  await (await open(s.project)).close()
})

test('a project on another disk is opened, labelled and closed while the data folder is full', withDisk, async () => {
  for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true, force: true })
  const project = join(base, 'elsewhere.reel')
  copyFileSync(sound, project)
  fill(0)
  const engine = await Engine.start({ dataDir: disk, open: project, spawn: new FakeCompute().spawn })
  const { movies } = await engine.call('review.query', {})
  await engine.call('labels.apply', { changes: [{ field: 'reviewed', movie: movies[0]!, to: true }] })
  await engine.close()
  expect(existsSync(join(disk, 'last-project'))).toBe(false)
  assertSound(project)
})

test('a file is replaced as a whole or not at all', withDisk, async () => {
  const path = join(disk, 'settings.json')
  for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true, force: true })
  writeFileSync(path, 'former')
  // space for a part of it: the first write is short
  fill(40_000)
  const text = 'x'.repeat(70_000)
  expect(() => writeFileAtomically(path, text)).toThrow(/ENOSPC/)
  await expect(writeChunks(path, [text])).rejects.toMatchObject({ code: 'disk-full' })
  expect([readFileSync(path, 'utf8'), readdirSync(disk).sort()]).toEqual(['former', ['filler', 'settings.json']])
  free()
  writeFileAtomically(path, text)
  expect(readFileSync(path, 'utf8')).toBe(text)
})

describe('on a disk that is read-only', withDisk, () => {
  test('a project is refused with a clear message, and opens once the disk is writable', async () => {
    const { engine, project } = await scene()
    await engine.close()
    spawnSync('mount', ['-o', 'remount,ro', disk])
    onTestFinished(() => void spawnSync('mount', ['-o', 'remount,rw', disk]))
    const data = mkdtempSync(join(base, 'data-'))
    const open = (): Promise<Engine> => Engine.start({ dataDir: data, open: project, spawn: new FakeCompute().spawn })
    await expect(open()).rejects.toThrow(/read-only\. Copy the project to a folder that you may write to/)
    expect(await codeOf(open)).toBe('project-read-only')
    spawnSync('mount', ['-o', 'remount,rw', disk])
    await (await open()).close()
  })
})
