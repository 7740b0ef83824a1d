import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModelFiles } from '../../src/contract/models.ts'
import { keepFolder } from '../../src/main/hub/added.ts'
import { Library } from '../../src/main/hub/library.ts'
import { goldenModels } from '../support/paths.ts'
import { config, safetensors, tinyFiles, writeModel } from './tiny-model.ts'

let dir: string
const open = (env: Record<string, string> = {}): Library => new Library({ dir: join(dir, 'models'), env })
const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'library-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a folder', () => {
  test('is added by reference and described by its headers', async () => {
    const path = writeModel(join(dir, 'My model (v2)'))
    const bytes = Object.values(tinyFiles(8)).reduce((sum, b) => sum + b.length, 0)
    const entry = {
      id: 'My-model-v2-',
      name: 'My model (v2)',
      source: 'folder',
      path,
      license: 'mit',
      parameters: 8,
      bytes,
      problem: null,
      base: null,
    }
    expect(await open().add(path)).toEqual({ ...entry, architecture: 'distilbert' })
    expect(open().list()).toEqual([{ ...entry, architecture: 'distilbert' }])
    expect(open().usable('My-model-v2-').path).toBe(path)
  })
  test.each([
    ['BertModel', 'bert'],
    ['DistilBertForSequenceClassification', 'distilbert'],
    ['LlamaForCausalLM', 'llama'],
  ])('without a model_type is of the family of its class %s', async (name, architecture) => {
    const path = writeModel(join(dir, 'old'), { ...tinyFiles(8), 'config.json': Buffer.from(JSON.stringify({ architectures: [name] })) })
    expect((await open().add(path)).architecture).toBe(architecture)
  })
  test('is checked before it is added', async () => {
    const path = writeModel(join(dir, 'm'))
    const refuse = (files: ModelFiles): never => {
      throw new Error(JSON.stringify(files))
    }
    await expect(open().add(path, null, refuse)).rejects.toThrow(JSON.stringify({ modelFolder: path, adapterFolder: null }))
    expect(open().list()).toEqual([])
  })
  test('is listed once, however often it is added', async () => {
    const path = writeModel(join(dir, 'm'))
    await open().add(path)
    await open().add(`${path}/`)
    await open().add(join(path, '../m'))
    expect(open().list()).toHaveLength(1)
  })
  test('has a unique id', async () => {
    const paths = ['a/bert', 'b/bert', 'c/scratch', 'd/.-'].map((p) => writeModel(join(dir, p)))
    for (const path of paths) await open().add(path)
    expect(
      open()
        .list()
        .map((m) => m.id),
    ).toEqual(['bert', 'bert-2', 'model', 'scratch-2'])
  })
  test('of a name that another program is adding at this moment gets another id', () => {
    const folders = join(dir, 'folders')
    mkdirSync(folders)
    // started and not yet written
    writeFileSync(join(folders, 'folder-bert.json'), '')
    const facts = { architecture: 'bert', license: null, parameters: 1, bytes: 1 } as const
    expect(keepFolder(folders, { path: '/x/bert', facts }, new Set()).id).toBe('bert-2')
  })
  test('that is missing is listed as before, with a problem, until it returns', async () => {
    const path = writeModel(join(dir, 'm'))
    const entry = await open().add(path)
    renameSync(path, `${path}-away`)
    const library = open()
    expect(library.list()).toEqual([{ ...entry, problem: matching(/m does not exist\. Check the path/) }])
    expect(() => library.usable('m')).toThrow(/"m" cannot be used: .* does not exist/)
    renameSync(`${path}-away`, path)
    expect(library.list()).toEqual([entry])
  })
  test('that changed is read again', async () => {
    const path = writeModel(join(dir, 'm'))
    const library = open()
    await library.add(path)
    writeFileSync(join(path, 'model.safetensors'), safetensors(9))
    expect(library.get('m').parameters).toBe(9)
    writeFileSync(join(path, 'model.safetensors'), safetensors(9).subarray(0, 60))
    expect(library.get('m').problem).toMatch(/model\.safetensors is not a whole safetensors file/)
  })
  test('in parts counts all of them', async () => {
    const index = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } }
    const files = { 'config.json': config('llama'), 'model.safetensors.index.json': Buffer.from(JSON.stringify(index)) }
    const path = writeModel(join(dir, 'm'), {
      ...files,
      'model-00001-of-00002.safetensors': safetensors(5, 'a'),
      'model-00002-of-00002.safetensors': safetensors(6, 'b'),
    })
    expect(await open().add(path)).toMatchObject({ architecture: 'llama', parameters: 11, license: null })
  })
  test('that is removed from the library stays on the disk', async () => {
    const path = writeModel(join(dir, 'm'))
    const library = open()
    await library.add(path)
    expect(await library.remove('m')).toBe(`m was removed from the list; its files stay in ${path}.`)
    expect(library.list()).toEqual([])
    expect(statSync(join(path, 'model.safetensors')).isFile()).toBe(true)
    await expect(library.remove('m')).rejects.toMatchObject({ code: 'no-model' })
  })
})

describe('refused, with advice', () => {
  const files = tinyFiles(8)
  const { 'model.safetensors': weights, ...others } = files
  const index = (map: unknown): Record<string, Buffer> => ({
    ...others,
    'model.safetensors.index.json': Buffer.from(JSON.stringify({ weight_map: map })),
  })
  test.each([
    ['an empty folder', {}, 'no-model-folder', /it has no config\.json/],
    ['no weights', others, 'no-model-folder', /it has no model\.safetensors/],
    [
      'a pickle',
      { ...others, 'pytorch_model.bin': weights! },
      'model-is-pickle',
      /could run any program.*python -c ".*t\.AutoModel\.from_pretrained\(d\)\.save_pretrained/,
    ],
    [
      'a pickle, whose class is known',
      { 'config.json': config('bert', { architectures: ['BertForMaskedLM'] }), 'pytorch_model.bin': weights! },
      'model-is-pickle',
      /t\.BertForMaskedLM\.from_pretrained/,
    ],
    [
      'a pickle, whose class is a program',
      { 'config.json': config('bert', { architectures: ['x; import os'] }), 'pytorch_model.bin': weights! },
      'model-is-pickle',
      /t\.AutoModel\.from_pretrained/,
    ],
    [
      'another family',
      { ...files, 'config.json': config('gpt2') },
      'unknown-family',
      /family "gpt2": those that can be trained here are bert, distilbert, .* and gemma3_text/,
    ],
    [
      'no family',
      { ...files, 'config.json': Buffer.from('{}') },
      'unknown-family',
      /its config\.json has no model_type.*: "model_type": "bert" or "model_type": "distilbert"/,
    ],
    [
      'a class of another family',
      { ...files, 'config.json': Buffer.from('{"architectures": ["GPT2LMHeadModel"]}') },
      'unknown-family',
      /family "gpt2lmhead"/,
    ],
    ['quantised weights', { ...files, 'config.json': config('llama', { quantization_config: {} }) }, 'quantised', /quantised weights/],
    ['a config that is no JSON', { ...files, 'config.json': Buffer.from('{') }, 'model-damaged', /config\.json is not JSON/],
    ['a config that is a list', { ...files, 'config.json': Buffer.from('[]') }, 'model-damaged', /config\.json has a wrong value/],
    [
      'weights that are something else',
      { ...files, 'model.safetensors': Buffer.from('PK\u0003\u0004 and so on') },
      'model-damaged',
      /model\.safetensors/,
    ],
    ...['model.safetensors', 'vocab.txt', 'config.json'].map((name): [string, Record<string, Buffer>, string, RegExp] => [
      `a pointer of Git LFS as ${name}`,
      { ...files, [name]: Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n') },
      'model-damaged',
      new RegExp(`cannot be used: its ${name} is a pointer of Git LFS.*git lfs pull`),
    ]),
    ['weights that were cut off', { ...files, 'model.safetensors': weights!.subarray(0, -1) }, 'model-damaged', /cut off/],
    [
      'parts that are not there',
      index({ a: 'model-00001-of-00001.safetensors' }),
      'model-damaged',
      /names 1 files, of which 1 are missing/,
    ],
    [
      'parts elsewhere',
      index({ a: '../model.safetensors' }),
      'model-damaged',
      /"\.\.\/model\.safetensors", which is not the name of a file of weights/,
    ],
    ['no parts', index({}), 'model-damaged', /names 0 files/],
  ])('%s', async (_, content, code, message) => {
    const path = writeModel(join(dir, 'm'), content)
    await expect(open().add(path)).rejects.toMatchObject({ code, message: matching(message) })
    expect(open().list()).toEqual([])
  })
  test('a path that is not a folder', async () => {
    writeModel(join(dir, 'm'))
    await expect(open().add(join(dir, 'm/config.json'))).rejects.toThrow(/is a file\. Choose the folder/)
    await expect(open().add(join(dir, 'nowhere'))).rejects.toThrow(/does not exist/)
    mkdirSync(join(dir, 'models--x/snapshots'), { recursive: true })
    await expect(open().add(join(dir, 'models--x'))).rejects.toThrow(/cache folder: choose the folder .* inside its "snapshots"/)
  })
  test('an unknown name', () => expect(() => open().get('x')).toThrow(/There is no model "x" on this machine/))
})

test('foreign files in its folders are left alone', async () => {
  await open().add(writeModel(join(dir, 'm')))
  const folders = join(dir, 'models/folders')
  for (const name of ['folder-x.json', 'folder-y.json', 'notes.txt']) writeFileSync(join(folders, name), '{"id":"x"}')
  renameSync(join(folders, 'folder-m.json'), join(folders, 'folder-other.json'))
  mkdirSync(join(dir, 'models/hub/models--a--b'), { recursive: true })
  expect(open().list()).toEqual([])
  expect(readdirSync(folders)).toHaveLength(4)
})

describe('settings', () => {
  test('have the folder of models, and whether the network may be used', async () => {
    const settings = { offline: false, forced: null, hub: 'https://huggingface.co', folder: join(dir, 'models'), bytes: 0 }
    expect(open().settings()).toEqual(settings)
    expect(await open().set({ offline: true })).toEqual({ ...settings, offline: true })
    expect(open().settings()).toMatchObject({ offline: true, forced: null })
    expect(await open().set({})).toMatchObject({ offline: true })
    expect(await open().set({ offline: false })).toEqual(settings)
  })
  test.each(['1', 'ON', 'yes', 'True'])('HF_HUB_OFFLINE=%s forces it off', (value) =>
    expect(open({ HF_HUB_OFFLINE: value }).settings()).toMatchObject({ offline: true, forced: 'HF_HUB_OFFLINE is set' }),
  )
  test.each(['', '0', 'no'])('REELABEL_OFFLINE=%j does not', (value) =>
    expect(open({ REELABEL_OFFLINE: value }).settings().offline).toBe(false),
  )
  test('that are damaged keep the network off', async () => {
    await open().set({ offline: false })
    writeFileSync(join(dir, 'models/settings.json'), '{"offline":')
    expect(open().settings()).toMatchObject({ offline: true, forced: matching(/settings\.json cannot be read/) })
    expect(await open().set({ offline: false })).toMatchObject({ offline: false, forced: null })
  })
})

test.each([
  ['bert', 'bert-tiny'],
  ['distilbert', 'distilbert-tiny'],
  ['llama', 'llama-tiny'],
])('models of %s as Transformers writes them are recognised', async (architecture, name) => {
  const entry = await open().add(join(goldenModels, name))
  expect(entry).toMatchObject({ id: name, architecture, problem: null })
  expect(entry.bytes).toBe(['config.json', 'model.safetensors'].reduce((sum, f) => sum + statSync(join(entry.path, f)).size, 0))
  // float32 without buffers: the file contains nothing else but the header
  const { size } = statSync(join(entry.path, 'model.safetensors'))
  expect(entry.parameters * 4).toBeLessThan(size)
  expect(entry.parameters * 4).toBeGreaterThan(size - 10_000)
})
