import { existsSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchDefaults } from '../../src/main/compute/train/defaults.ts'
import { RunFolders } from '../../src/main/jobs/run-folders.ts'
import { scratch } from '../support/project.ts'

const CREATED = '2026-01-01T10:00:00.000Z'
function begun() {
  const dir = scratch()
  const project = join(dir, 'p.reel')
  writeFileSync(project, '')
  const folders = new RunFolders(join(dir, 'runs'))
  const data = {
    project,
    run: 3,
    genres: Int32Array.of(1, 2),
    movies: Int32Array.of(7, 8),
    labels: Uint8Array.of(1, 0, 0, 1),
    corrected: new Int32Array(),
    excluded: Int32Array.of(2),
    rowWeight: Float32Array.of(1, 1.25),
    split: Uint8Array.of(0, 2),
  }
  const job = { createdAt: CREATED, cleaning: 4, config: scratchDefaults(), data }
  const folder = folders.begin(project, 3, job)
  return { dir, project, folders, job, folder }
}
const run = (createdAt = CREATED) => ({ id: 3, createdAt })

test('a job is read as it was stored, and is removed with its run', () => {
  const { project, folders, job, folder } = begun()
  expect(folders.job(project, run())).toMatchObject(job)
  expect([folders.isThere(project, 3), folders.folder(project, 3)]).toEqual([true, folder])
  folders.remove(project, 3)
  expect([folders.isThere(project, 3), folders.job(project, run()), existsSync(folder)]).toEqual([false, null, false])
})

test('files of a finished run are removed, and nothing else', () => {
  const { project, folders } = begun()
  for (const left of [
    { ...run(), status: 'interrupted' },
    { ...run(), status: 'running' },
    { ...run('2025-01-01T10:00:00.000Z'), status: 'done' },
  ] as const) {
    folders.sweep(project, [left])
    expect(folders.isThere(project, 3)).toBe(true)
  }
  folders.sweep(project, [{ ...run(), status: 'done' }])
  expect(folders.isThere(project, 3)).toBe(false)
})

test('the job of another run with the same number, or a damaged one, is ignored', () => {
  const { project, folders, folder } = begun()
  expect(folders.job(project, run('2026-02-02T10:00:00.000Z'))).toBeNull()
  truncateSync(join(folder, 'job'), 40)
  expect(folders.job(project, run())).toBeNull()
})

test('files of an earlier run with the same number are removed when a run starts', () => {
  const { project, folders, job, folder } = begun()
  writeFileSync(join(folder, 'checkpoint'), 'old')
  folders.begin(project, 3, job)
  expect(readdirSync(folder)).toEqual(['job'])
})

test('folders of projects that have been missing for a month are removed; those of an unplugged drive are kept until then', () => {
  const { dir, project, folders } = begun()
  const left = (): number => readdirSync(join(dir, 'runs')).length
  const month = Date.now() + 31 * 24 * 3600 * 1000
  folders.tidy(month)
  expect(left()).toBe(1)
  renameSync(project, `${project}.away`)
  folders.tidy()
  expect(left()).toBe(1)
  folders.tidy(month)
  expect(left()).toBe(0)
  rmSync(`${project}.away`)
})
