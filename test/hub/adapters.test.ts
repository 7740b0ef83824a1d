import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UserError } from '../../src/contract/errors.ts'
import type { ModelFiles } from '../../src/contract/models.ts'
import { findBase } from '../../src/main/hub/base-model.ts'
import { Library } from '../../src/main/hub/library.ts'
import { safetensors, writeModel } from './tiny-model.ts'

let dir: string
const open = (): Library => new Library({ dir: join(dir, 'models'), env: {} })
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'adapters-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const adapter = (name: string, base: string | null): string =>
  writeModel(join(dir, name), {
    'adapter_config.json': Buffer.from(JSON.stringify({ peft_type: 'LORA', r: 2, base_model_name_or_path: base })),
    'adapter_model.safetensors': safetensors(5),
  })
const refusal = async (task: Promise<unknown>): Promise<[string, string]> =>
  task.then(
    () => ['', ''],
    (e: unknown) => [(e as UserError).code, (e as Error).message],
  )

describe('an adapter', () => {
  test('is a separate model beside its base', async () => {
    const base = writeModel(join(dir, 'base'))
    const path = adapter('mine', base)
    const checked: ModelFiles[] = []
    const entry = await open().add(path, null, (files) => checked.push(files))
    expect(entry).toMatchObject({ id: 'mine', path, base: base, architecture: 'distilbert', license: 'mit', parameters: 13, problem: null })
    expect(entry.bytes).toBeLessThan(400)
    expect(checked).toEqual([{ modelFolder: base, adapterFolder: path }])
    await open().add(base)
    expect(open().get('mine').base).toBe('base')
    expect(open().files('mine')).toEqual({ modelFolder: base, adapterFolder: path })
    expect(open().files('base')).toEqual({ modelFolder: base, adapterFolder: null })
  })
  test('that does not fit is not added', async () => {
    const path = adapter('mine', writeModel(join(dir, 'base')))
    const unfit = (): never => {
      throw new Error('wrong shape')
    }
    await expect(open().add(path, null, unfit)).rejects.toThrow('wrong shape')
    expect(open().list()).toEqual([])
  })
  test('cannot be used while its base is missing', async () => {
    const base = writeModel(join(dir, 'base'))
    await open().add(adapter('mine', base))
    renameSync(base, `${base}-away`)
    expect(open().get('mine')).toMatchObject({
      parameters: 13,
      problem: expect.stringMatching(/base cannot be used: .*does not exist/) as string,
    })
    expect(() => open().files('mine')).toThrow(/"mine" cannot be used/)
    renameSync(`${base}-away`, base)
    expect(open().get('mine').problem).toBeNull()
  })
  test('belongs to the base that was named last', async () => {
    const [one, two] = ['one', 'two'].map((name) => writeModel(join(dir, name))) as [string, string]
    const path = adapter('mine', 'nobody/nothing')
    await open().add(one)
    await open().add(path, 'one')
    await open().add(path, two)
    expect(open().list().map((m) => [m.id, m.base])).toEqual([['mine', two], ['one', null]]) // prettier-ignore
  })
  test('is refused without its base and as a pickle, and so is a complete model with an adapter', async () => {
    writeModel(join(dir, 'base'))
    expect(await refusal(open().add(adapter('a', 'ann/tiny')))).toEqual([
      'base-missing',
      expect.stringMatching(
        /adapter of "ann\/tiny", which is not on this machine\. Download it first \(reelabel models download ann\/tiny\).*--base/,
      ),
    ])
    expect(await refusal(open().add(adapter('b', null)))).toEqual(['base-missing', expect.stringContaining('does not name its base model')])
    expect(await refusal(open().add(adapter('c', null), 'gone'))).toEqual(['base-missing', expect.stringMatching(/^The base "gone" of/)])
    const path = adapter('d', join(dir, 'base'))
    renameSync(join(path, 'adapter_model.safetensors'), join(path, 'adapter_model.bin'))
    expect(await refusal(open().add(path))).toEqual(['model-is-pickle', expect.stringContaining('safe_serialization=True')])
    expect((await refusal(open().add(join(dir, 'base'), 'base')))[0]).toBe('not-an-adapter')
    writeFileSync(join(adapter('e', join(dir, 'base')), 'adapter_config.json'), '{')
    expect((await refusal(open().add(join(dir, 'e'))))[0]).toBe('model-damaged')
    expect(open().list()).toEqual([])
  })
})

describe('a base is found', () => {
  const hub = (id: string) => ({ id, source: 'hub' as const, base: null, path: `/hub/${id}` })
  const library = [
    hub('ann/bert'),
    hub('ann/both'),
    hub('bob/both'),
    { id: 'mine', source: 'folder' as const, base: null, path: '/m/mine' },
  ]
  test.each([
    ['by its name of the Hub', 'ann/bert', 'ann/bert'],
    ['by a former name without an owner', 'bert', 'ann/bert'],
    ['by its id', 'mine', '/m/mine'],
  ])('%s', (_, named, found) => expect(findBase('/a', { named, given: null }, library)).toBe(found))
  test('beside the adapter, at the path that it names', () => {
    const base = writeModel(join(dir, 'base'))
    expect(findBase(adapter('a', null), { named: '../base', given: null }, library)).toBe(base)
  })
  test.each([['both'], ['eve/bert']])('not where %s could be another', (named) =>
    expect(() => findBase('/a', { named, given: null }, library)).toThrow('not on this machine'),
  )
  test('not in an adapter', () => {
    const chain = [...library, { id: 'child', source: 'folder' as const, base: 'mine', path: '/m/child' }]
    expect(() => findBase('/a', { named: 'x', given: 'child' }, chain)).toThrow('is an adapter itself')
  })
})
