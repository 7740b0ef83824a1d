import fc from 'fast-check'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { LINEAR_DEFAULTS } from '../../src/main/compute/linear/defaults.ts'
import { packContainer } from '../../src/main/model-folder/container.ts'
import { pack, unpack, ModelArtifacts } from '../../src/main/jobs/model-artifacts.ts'
import { Store } from '../../src/main/store/store.ts'
import { scratch } from '../support/project.ts'

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(scratch(), 'model')
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (e: unknown) => (e instanceof UserError ? e.code : e),
  )

describe('a packed folder', () => {
  const FILES = { 'config.json': '{}', 'model.safetensors': Uint8Array.from({ length: 1000 }, (_, i) => i % 256), 'vocab.txt': '' }

  test('is unpacked unchanged', async () => {
    const folder = folderOf(FILES)
    const again = join(scratch(), 'again')
    await unpack(await pack(folder), again)
    expect(contents(again)).toEqual(contents(folder))
  })

  test('holds only plain files', async () => {
    const folder = folderOf(FILES)
    mkdirSync(join(folder, 'inner'))
    await expect(pack(folder)).rejects.toThrow('is not a file of a model')
  })

  test('that is damaged is refused or gives files of its own list, and never writes elsewhere', async () => {
    const bytes = await pack(folderOf(FILES))
    const cases = fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), async (at, value, length) => {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = value
      const outer = scratch()
      const code = await codeOf(unpack(damaged.subarray(0, length < 20 ? length : bytes.length), join(outer, 'out')))
      expect([null, 'model-damaged']).toContain(code)
      expect(readdirSync(outer).filter((name) => name !== 'out')).toEqual([])
    })
    await fc.assert(cases, { numRuns: 60 })
  })

  test.each(['../x', '.hidden', 'a/b', '', 'con\\x'])('with a file named %j is refused', async (name) => {
    const bytes = packContainer({ version: 1 }, [[name, { data: Buffer.from('x') }]])
    const outer = scratch()
    expect(await codeOf(unpack(bytes, join(outer, 'out')))).toBe('model-damaged')
    expect(readdirSync(outer)).toEqual([])
  })
})

describe('the models of trainings', () => {
  function withRun(work: (store: Store, run: number, artifacts: ModelArtifacts, dir: string) => Promise<void>): Promise<void> {
    const dir = scratch()
    const store = new Store(join(dir, 'p.reel'), 'create')
    const run = store.runs.start({
      name: 'r',
      createdAt: 'now',
      config: LINEAR_DEFAULTS,
      parent: null,
      genres: [],
      corrections: 0,
      lastBatch: 0,
    })
    return work(store, run, new ModelArtifacts(join(dir, 'artifacts'), dir), dir).finally(() => store.close())
  }

  test('small ones are stored in the project, and are unpacked once', () =>
    withRun(async (store, run, artifacts) => {
      const folder = folderOf({ 'trained.safetensors': 'small' })
      const kept = await artifacts.keep(folder)
      expect([kept.folder, existsSync(folder)]).toEqual([undefined, true])
      store.runs.addModel(run, kept.bytes!, 1)
      const opened = await artifacts.open(store, run)
      expect(contents(opened)).toEqual({ 'trained.safetensors': 'small' })
      expect(await artifacts.open(store, run)).toBe(opened)
    }))

  test('large ones are stored beside it, named by their digest; a missing one is reported', () =>
    withRun(async (store, run, artifacts, dir) => {
      const kept = await artifacts.keep(folderOf({ 'model.safetensors': 'large' }), 4)
      const twin = await artifacts.keep(folderOf({ 'model.safetensors': 'large' }), 4)
      const other = await artifacts.keep(folderOf({ 'model.safetensors': 'other' }), 4)
      expect([kept.bytes, twin.folder === kept.folder, other.folder === kept.folder]).toEqual([undefined, true, false])
      store.runs.addModel(run, new Uint8Array(), 1, kept.folder)
      expect(contents(await artifacts.open(store, run))).toEqual({ 'model.safetensors': 'large' })
      rmSync(join(dir, 'artifacts', kept.folder!), { recursive: true })
      expect(await codeOf(Promise.resolve().then(() => artifacts.open(store, run)))).toBe('model-missing')
    }))

  test('a name that is not a digest is refused', () =>
    withRun(async (store, run, artifacts) => {
      store.runs.addModel(run, new Uint8Array(), 1, '../../etc')
      expect(await codeOf(Promise.resolve().then(() => artifacts.open(store, run)))).toBe('model-missing')
    }))
})
