import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { Hub } from '../../src/main/hub/hub.ts'
import { Library } from '../../src/main/hub/library.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { config, tinyFiles, tinyModel, writeModel } from './tiny-model.ts'

const ID = 'ann/tiny'
const yes = { consent: true }
const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string

let fake: FakeHub
let dir: string
beforeEach(async () => {
  fake = await startFakeHub([tinyModel({ files: tinyFiles(8) })])
  dir = mkdtempSync(join(tmpdir(), 'hub-'))
})
afterEach(async () => {
  await fake.close()
  rmSync(dir, { recursive: true, force: true })
})
function open(env: Record<string, string> = {}): Hub {
  const library = new Library({ dir, env: { REELABEL_HUB: fake.url, ...env } })
  return new Hub({ library, wait: () => Promise.resolve() })
}
const ways = [
  ['search', (hub: Hub, consent: boolean) => hub.search('tiny', { consent })],
  ['describe', (hub: Hub, consent: boolean) => hub.describe(ID, { consent })],
  ['download', (hub: Hub, consent: boolean) => hub.download(ID, { consent })],
] as const

describe('nothing is sent', () => {
  test.each(ways)('without consent: %s says what goes to whom', async (action, ask) => {
    const host = new URL(fake.url).host
    await expect(ask(open(), false)).rejects.toMatchObject({
      code: 'consent',
      message: matching(/^Nothing was sent\. If you agree: .* gets the .*tiny.* network address; nothing of your project is sent\.$/),
      details: { action, host, sends: open().sends(action, action === 'search' ? 'tiny' : ID) },
    })
    expect(fake.asked).toEqual([])
  })
  test.each(ways)('offline: %s', async (_, ask) => {
    for (const variable of ['REELABEL_OFFLINE', 'HF_HUB_OFFLINE'])
      await expect(ask(open({ [variable]: '1' }), true)).rejects.toMatchObject({ code: 'offline', message: matching(new RegExp(variable)) })
    await new Library({ dir, env: {} }).set({ offline: true })
    await expect(ask(open(), true)).rejects.toMatchObject({ code: 'offline', message: matching(/offline mode is on/) })
    expect(fake.asked).toEqual([])
  })
  test('for an invalid model name', async () => {
    for (const id of ['../../api/whoami', 'a/b/c', 'a b', '', 'a/..', '.', 'a?x=1', 'a/b#c', 'ann/tiny/revision', 'x'.repeat(200)])
      await expect(open().describe(id, yes), id).rejects.toMatchObject({ code: 'bad-model-name' })
    expect(fake.asked).toEqual([])
  })
  test('of the project: a search sends only its words', async () => {
    await open().search('tiny', yes)
    expect(fake.asked).toHaveLength(1)
    const { headers, path } = fake.asked[0]!
    expect(path).toBe('/api/models')
    expect(Object.keys(headers).sort()).toEqual(
      ['accept', 'accept-encoding', 'accept-language', 'connection', 'host', 'sec-fetch-mode', 'user-agent'].sort(),
    )
    expect(headers['user-agent']).toBe('reelabel')
  })
})

describe('a search', () => {
  test('returns family, size, licence and downloads; usable models are first', async () => {
    const files = tinyFiles(8)
    const { 'model.safetensors': weights, ...others } = files
    fake.models = [
      tinyModel({ id: 'ann/tiny-t5', downloads: 900, files: { ...files, 'config.json': config('t5') } }),
      tinyModel({ id: 'ann/tiny-pickle', downloads: 800, files: { ...others, 'pytorch_model.bin': weights! } }),
      tinyModel({ id: 'ann/tiny-gated', downloads: 700, files, gated: 'manual' }),
      tinyModel({
        id: 'ann/tiny-4bit',
        downloads: 600,
        files: { ...files, 'config.json': config('llama', { quantization_config: { bits: 4 } }) },
      }),
      tinyModel({ id: 'ann/tiny-small', downloads: 5, files, info: { safetensors: { parameters: { F16: 10, F32: 3 } } } }),
      tinyModel({
        id: 'ann/tiny-large',
        downloads: 50,
        files,
        info: { cardData: { license: 'other', license_name: 'own' }, safetensors: null },
      }),
    ]
    const found = await open().search('tiny', yes)
    expect(found.map((m) => m.id.slice('ann/tiny-'.length))).toEqual(['large', 'small', 't5', 'pickle', 'gated', '4bit'])
    expect(found[1]).toEqual({
      id: 'ann/tiny-small',
      architecture: 'distilbert',
      bytes: 32,
      license: 'apache-2.0',
      downloads: 5,
      updated: '2026-01-02T03:04:05.000Z',
      problem: null,
    })
    expect(found[0]).toMatchObject({ bytes: null, license: 'own' })
    expect(found.slice(2).map((m) => m.problem)).toEqual([
      matching(/family "t5": those that can be trained here are bert, distilbert, .* and gemma3_text\./),
      matching(/pickle \(pytorch_model\.bin\)/),
      matching(/Its owner wants to know who uses it/),
      matching(/quantised/),
    ])
  })
  test('with an access token treats a gated model as accessible until the download', async () => {
    fake.models = [tinyModel({ files: tinyFiles(8), gated: 'auto' })]
    const [found] = await open({ HF_TOKEN: 'hf_secret' }).search('tiny', yes)
    expect(found?.problem).toBeNull()
  })
})

test('a description lists the files of a download with their sizes', async () => {
  const files = tinyFiles(8)
  fake.models = [tinyModel({ files: { ...files, 'pytorch_model.bin': Buffer.alloc(9), 'run.py': Buffer.alloc(9) } })]
  const offer = await open().describe(ID, yes)
  expect(offer).toMatchObject({ id: ID, revision: 'a'.repeat(40), license: 'apache-2.0', problem: null })
  expect(Object.fromEntries(offer.files.map((f) => [f.name, f.bytes]))).toEqual(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.length])),
  )
  expect(offer.bytes).toBe(Object.values(files).reduce((sum, b) => sum + b.length, 0))
})

describe('refusals are explained', () => {
  test.each([
    [{ status: 404 }, 'hub-not-found', /There is no such model/],
    [{ status: 401 }, 'hub-refused', /shows this model only to users it knows, or there is no such model/],
    [{ status: 401, headers: { 'x-error-code': 'RepoNotFound' } }, 'hub-not-found', /or it is not public/],
    [{ status: 401, headers: { 'x-error-code': 'GatedRepo' } }, 'hub-gated', /accept the conditions .* HF_TOKEN/],
    [{ status: 403 }, 'hub-refused', /does not permit this download/],
    [{ status: 451 }, 'hub-refused', /legal/],
    [{ status: 418 }, 'hub-response', /does not respond as a Hub does/],
    [{ status: 500 }, 'hub-unreachable', /an internal error \(tried 7 times\)/],
  ])('%j', async (fault, code, message) => {
    fake.faults = () => fault
    await expect(open().download(ID, yes)).rejects.toMatchObject({ code, message: matching(message) })
  })
  test('a gated model that the token does not give access to', async () => {
    fake.faults = ({ file }) => (file === null ? undefined : { status: 403, headers: { 'x-error-code': 'GatedRepo' } })
    await expect(open({ HF_TOKEN: 'hf_x' }).download(ID, yes)).rejects.toMatchObject({
      code: 'hub-gated',
      message: matching(/has no permission/),
    })
  })
  test('a model of another family is not downloaded', async () => {
    fake.models = [tinyModel({ files: { ...tinyFiles(8), 'config.json': config('gpt2') } })]
    await expect(open().download(ID, yes)).rejects.toMatchObject({
      code: 'model-unusable',
      message: matching(/was not downloaded.*"gpt2"/),
    })
    expect(fake.fetched()).toEqual([])
  })
  test('no server at the address', async () => {
    const hub = open()
    await fake.close()
    await expect(hub.search('x', yes)).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: matching(/^127\.0\.0\.1:\d+: it refuses connections \(tried 7 times\)/),
    })
  })
  test('a folder of that name', async () => {
    fake.models = [tinyModel({ id: 'tiny', files: tinyFiles(8) })]
    await new Library({ dir, env: {} }).add(writeModel(join(dir, 'mine/tiny')))
    await expect(open().download('tiny', yes)).rejects.toMatchObject({ code: 'model-name-taken' })
  })
})

describe('redirects', () => {
  test('of a renamed model are followed, within the Hub', async () => {
    fake.faults = ({ path }) =>
      path.startsWith('/api/models/old/') ? { status: 307, headers: { location: path.replace('/old/', '/ann/') } } : undefined
    expect(await open().download('old/tiny', yes)).toMatchObject({ id: ID, problem: null })
  })
  test.each([
    'http://example.com/x',
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    'https://user:pass@127.0.0.1/x',
    'http://127.0.0.1.example.com/x',
    'http:///',
    '//',
  ])('to %s are not followed', async (location) => {
    fake.faults = ({ file, server }) => (server === 'hub' && file === 'model.safetensors' ? { headers: { location } } : undefined)
    await expect(open().download(ID, yes)).rejects.toMatchObject({ code: 'unsafe-redirect' })
  })
  test('without an end are not followed indefinitely', async () => {
    fake.faults = ({ path }) => (path.includes('/revision/') ? { status: 302, headers: { location: path } } : undefined)
    await expect(open().describe(ID, yes)).rejects.toMatchObject({ code: 'hub-response', message: matching(/more than 5 times/) })
    expect(fake.asked).toHaveLength(6)
  })
})

describe('the access token', () => {
  test('is sent only to the Hub', async () => {
    expect(open({ HF_TOKEN: 'hf_secret' }).sends('search', 'x')).toMatch(/with your access token \(HF_TOKEN\)/)
    await open({ HF_TOKEN: 'hf_secret' }).download(ID, yes)
    const by = (server: string): unknown[] => fake.asked.filter((a) => a.server === server).map((a) => a.headers.authorization)
    expect(new Set(by('hub'))).toEqual(new Set(['Bearer hf_secret']))
    expect(by('store')).toEqual([undefined])
  })
  test('is not sent to another host that a list of files names for its next page', async () => {
    fake.faults = ({ path }) => (path.includes('/tree/') ? { headers: { link: `<${fake.storeUrl}/next>; rel="next"` } } : undefined)
    await expect(open({ HF_TOKEN: 'hf_secret' }).describe(ID, yes)).rejects.toMatchObject({ code: 'hub-response' })
    expect(fake.asked.filter((a) => a.server === 'store')).toEqual([])
  })
})

describe('hostile responses', () => {
  const file = (path: string, more: object = {}): object => ({ type: 'file', path, size: 3, oid: 'c'.repeat(40), ...more })
  const good = ['config.json', 'model.safetensors'].map((name) => file(name))
  test.each([
    '../x',
    '../../config.json',
    '/etc/config.json',
    'C:\\config.json',
    '..\\config.json',
    'NUL',
    'con.json',
    'config.json:stream',
    'CONFIG.JSON',
    'vocab.txt\u0000.exe',
    'a/vocab.txt',
    'vocab.txt/',
    'model-00001-of-00002.safetensors/../../../x',
    '.claim',
    'reelabel.json',
  ])('the file name %j is rejected', async (path) => {
    fake.models = [tinyModel({ tree: [...good, file(path)] })]
    const { files } = await open().describe(ID, yes)
    expect(files.map((f) => f.name)).toEqual(['config.json', 'model.safetensors'])
  })
  test.each([
    ['no list', { files: [] }],
    ['null', null],
    ['a text', 'x'],
    ['entries that are null', [null]],
    ['a negative size', [...good, file('vocab.txt', { size: -1 })]],
    ['a size that is no number', [...good, file('vocab.txt', { size: '3' })]],
    ['a size beyond all measure', [...good, file('vocab.txt', { size: 1e300 })]],
    ['a configuration of gigabytes', [file('config.json', { size: 5e9 }), good[1]]],
    ['no checksum', [...good, file('vocab.txt', { oid: undefined })]],
    ['a checksum that is a path', [...good, file('vocab.txt', { lfs: { oid: '../../x', size: 3 } })]],
    ['a file twice', [...good, file('config.json')]],
  ])('a list of files: %s', async (_, tree) => {
    fake.models = [tinyModel({ tree })]
    await expect(open().download(ID, yes)).rejects.toMatchObject({ code: 'hub-response' })
    expect(readdirSync(dir)).toEqual([])
  })
  test('a list of files without an end', async () => {
    let n = 0
    fake.faults = ({ path }) =>
      path.includes('/tree/')
        ? { body: JSON.stringify([file(`x${n++}`)]), headers: { link: `<${fake.url}/api/models/${ID}/tree/x?p=${n}>; rel="next"` } }
        : undefined
    await expect(open().describe(ID, yes)).rejects.toMatchObject({ code: 'hub-response', message: matching(/no end/) })
    expect(n).toBe(20)
  })
  test.each([
    ['not JSON', '<html>'],
    ['half of it', '[{"id":'],
    ['another thing', '{"error":"x"}'],
    ['null', 'null'],
    ['entries that are null', '[null]'],
  ])('a search: %s', async (_, body) => {
    fake.faults = () => ({ body })
    await expect(open().search('x', yes)).rejects.toMatchObject({ code: 'hub-response' })
  })
  test('any response: a result or a user error', async () => {
    const outcome = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error)
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.boolean(), async (value, listed) => {
        fake.models = [
          tinyModel(listed ? { tree: [...good, value] } : { info: { cardData: value, config: value, siblings: value, tags: value } }),
        ]
        for (const ask of [open().describe(ID, yes), open().search('tiny', yes)]) {
          const answer = await outcome(ask)
          if (answer instanceof Error) expect(answer).toBeInstanceOf(UserError)
        }
      }),
      { numRuns: 40 },
    )
  })
  test('a search: models with paths as names, or without valid data, are omitted', async () => {
    const good = {
      id: 'ann/good',
      config: 3,
      safetensors: { parameters: { F32: 'x' } },
      cardData: 'x',
      siblings: null,
      tags: ['bert', 'license:mit'],
      downloads: 'x',
    }
    const body = JSON.stringify([{ id: '../../x' }, { id: 'a/b/c' }, { id: 7 }, {}, { ...good, __proto__: { polluted: 1 } }])
    fake.faults = () => ({ body })
    expect(await open().search('x', yes)).toEqual([
      {
        id: 'ann/good',
        architecture: 'bert',
        bytes: null,
        license: 'mit',
        downloads: 0,
        updated: null,
        problem: matching(/no config\.json/),
      },
    ])
  })
  test('an endless response is not read completely', async () => {
    fake.faults = () => ({ body: Buffer.alloc(21_000_000, ' ') })
    await expect(open().search('x', yes)).rejects.toMatchObject({ code: 'hub-response', message: matching(/no end/) })
  })
  test('a model that claims to be another one', async () => {
    fake.models = [tinyModel({ info: { id: '../../../tmp/x' } })]
    await expect(open().download(ID, yes)).rejects.toMatchObject({ code: 'hub-response' })
  })
  test('a commit that is a path', async () => {
    fake.models = [tinyModel({ info: { sha: '../../x' } })]
    await expect(open().download(ID, yes)).rejects.toMatchObject({ code: 'hub-response' })
  })
})

describe('the address of the Hub', () => {
  test('is Hugging Face by default', () => {
    expect(new Library({ dir, env: {} }).settings().hub).toBe('https://huggingface.co')
  })
  test.each([
    'http://example.com',
    'ftp://x',
    'nonsense',
    'https://ann:secret@example.com',
    'https://example.com/?x',
    'http://127.0.0.1.example.com',
  ])('may not be %s', (REELABEL_HUB) => {
    expect(() => new Library({ dir, env: { REELABEL_HUB } }).settings()).toThrow(/REELABEL_HUB/)
  })
})
