import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Hub } from '../../src/main/hub/hub.ts'
import type { DownloadProgress } from '../../src/main/hub/download.ts'
import { Library } from '../../src/main/hub/library.ts'
import { startFakeHub, type FakeHub, type Faults } from './fake-hub.ts'
import { NUMBERS, safetensors, tinyFiles, tinyModel } from './tiny-model.ts'

const WEIGHTS = 'model.safetensors'
const ID = 'ann/tiny'
const yes = { consent: true }

let fake: FakeHub
let dir: string
let waits: number[]
beforeEach(async () => {
  fake = await startFakeHub([tinyModel()])
  dir = mkdtempSync(join(tmpdir(), 'hub-'))
  waits = []
})
afterEach(async () => {
  await fake.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(env: Record<string, string> = {}, more: object = {}): { hub: Hub; library: Library } {
  const library = new Library({ dir, env: { REELABEL_HUB: fake.url, ...env } })
  const wait = (ms: number): Promise<void> => {
    waits.push(ms)
    return Promise.resolve()
  }
  return { library, hub: new Hub({ library, wait, ...more }) }
}
/** The fault applies to responses with weights, from the store. */
const weights =
  (faults: (times: number) => ReturnType<Faults>): Faults =>
  ({ server, file, times }) =>
    server === 'store' && file === WEIGHTS ? faults(times) : undefined

const folder = (): string => join(dir, 'hub/models--ann--tiny')
const part = (): string => join(dir, 'hub/.models--ann--tiny.part')
const partBytes = (): number => {
  const [name] = readdirSync(part()).filter((f) => f.endsWith('.part'))
  return name === undefined ? 0 : statSync(join(part(), name)).size
}
const bytesOfWeights = tinyFiles()[WEIGHTS]!.length

describe('a download', () => {
  test('has the bytes of every file, and the model in the library', async () => {
    const { hub, library } = open()
    const entry = await hub.download(ID, yes)
    for (const [name, bytes] of Object.entries(tinyFiles())) expect(readFileSync(join(folder(), name)).equals(bytes), name).toBe(true)
    expect(entry).toEqual({
      id: ID,
      name: ID,
      source: 'hub',
      architecture: 'distilbert',
      path: folder(),
      parameters: NUMBERS,
      bytes: Object.values(tinyFiles()).reduce((sum, b) => sum + b.length, 0),
      license: 'apache-2.0',
      base: null,
      problem: null,
    })
    expect(library.list()).toEqual([entry])
    expect(readdirSync(join(dir, 'hub'))).toEqual(['models--ann--tiny'])
  })
  test('fetches only the files that a model needs', async () => {
    fake.models = [
      tinyModel({
        files: {
          ...tinyFiles(8),
          'pytorch_model.bin': Buffer.from('pickle'),
          'modeling.py': Buffer.from('import os'),
          'onnx/model.onnx': Buffer.from('x'),
          'model-00001-of-00002.safetensors': Buffer.from('not needed'),
        },
      }),
    ]
    await open().hub.download(ID, yes)
    expect(readdirSync(folder()).sort()).toEqual(['README.md', 'config.json', 'model.safetensors', 'reelabel.json', 'vocab.txt'])
  })
  test('fetches all parts of a model in parts', async () => {
    const shards = { 'model-00001-of-00002.safetensors': safetensors(5, 'a'), 'model-00002-of-00002.safetensors': safetensors(7, 'b') }
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' }
    const { [WEIGHTS]: whole, ...others } = tinyFiles()
    expect(whole).toBeDefined()
    fake.models = [
      tinyModel({ files: { ...others, ...shards, 'model.safetensors.index.json': Buffer.from(JSON.stringify({ weight_map: map })) } }),
    ]
    expect(await open().hub.download(ID, yes)).toMatchObject({ parameters: 12, problem: null })
  })
  test('reports its progress up to the full size', async () => {
    const seen: DownloadProgress[] = []
    await open().hub.download(ID, { ...yes, progress: (p) => seen.push(p) })
    const { done, total } = seen.at(-1)!
    expect(done).toBe(total)
    expect(seen.map((p) => p.phase)).toContain(WEIGHTS)
    expect(seen.every((p, i) => i === 0 || p.done >= seen[i - 1]!.done)).toBe(true)
  })
  test('of a complete model sends no request', async () => {
    await open().hub.download(ID, yes)
    fake.asked.length = 0
    expect(await open().hub.download(ID, { consent: false })).toMatchObject({ id: ID, problem: null })
    expect(fake.asked).toEqual([])
  })
  test('of a renamed model does not fetch existing files again', async () => {
    await open().hub.download(ID, yes)
    fake.asked.length = 0
    fake.faults = ({ path }) =>
      path.includes('/old/') ? { status: 307, headers: { location: path.replace('/old/', '/ann/') } } : undefined
    expect(await open().hub.download('old/tiny', yes)).toMatchObject({ id: ID })
    expect(fake.fetched()).toEqual([])
  })
  test('that is deleted is removed from the disk', async () => {
    const { hub, library } = open()
    await hub.download(ID, yes)
    expect(library.settings().bytes).toBeGreaterThan(bytesOfWeights)
    expect(await library.remove(ID)).toBe('ann/tiny was deleted from the disk: 200 kB are free.')
    expect(readdirSync(join(dir, 'hub'))).toEqual([])
    expect(library.list()).toEqual([])
  })
  test('that is cancelled can be deleted too', async () => {
    const { hub, library } = open()
    fake.faults = weights((times) => (times === 1 ? { cutAfter: 50_000 } : { status: 500 }))
    await expect(hub.download(ID, yes)).rejects.toThrow()
    expect(await library.remove(ID)).toBe('The unfinished download of ann/tiny was deleted.')
    expect(readdirSync(join(dir, 'hub'))).toEqual([])
  })
  test('repairs a damaged model without fetching undamaged files', async () => {
    await open().hub.download(ID, yes)
    truncateSync(join(folder(), 'vocab.txt'), 3)
    expect(open().library.get(ID).problem).toMatch(/vocab\.txt has 3 bytes instead of 12/)
    fake.asked.length = 0
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
    expect(fake.fetched()).toEqual(['vocab.txt'])
  })
})

describe('an interruption', () => {
  test('is survived: only the missing bytes are requested again', async () => {
    fake.faults = weights((times) => (times < 3 ? { cutAfter: 60_000 } : undefined))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
    const ranges = fake.fetched().filter((f) => f.startsWith(WEIGHTS))
    expect(ranges[0]).toBe(WEIGHTS)
    expect(ranges).toHaveLength(3)
    const starts = ranges.slice(1).map((r) => Number(/bytes=(\d+)-$/.exec(r)?.[1]))
    expect(starts[0]).toBeGreaterThan(0)
    expect(starts[1]).toBeGreaterThan(starts[0]!)
  })
  test('may happen any number of times as long as bytes arrive in between', async () => {
    fake.faults = weights((times) => (times < 12 ? { cutAfter: 15_000 } : undefined))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
    expect(waits).toHaveLength(11)
    // on a busy machine a cut may come before its bytes have; if the waits were never reset, the last one would be minutes
    expect(Math.max(...waits)).toBeLessThan(10_000)
  })
  test('that does not end is explained, and the received bytes are kept for the next time', async () => {
    fake.faults = weights((times) => (times === 1 ? { cutAfter: 50_000 } : { status: 503 }))
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/unavailable at the moment \(tried 7 times\).*are kept/) as string,
    })
    expect(waits.length).toBeGreaterThan(5)
    expect(partBytes()).toBeGreaterThan(0)
    expect(open().library.list()).toEqual([])
    fake.faults = () => undefined
    fake.asked.length = 0
    await open().hub.download(ID, yes)
    // the small files are complete
    expect(fake.fetched()).toEqual([expect.stringMatching(/^model\.safetensors bytes=[1-9]\d*-$/)])
  })
  test('after which no data arrive ends after a while', async () => {
    fake.faults = weights((times) => (times === 1 ? { hang: true } : undefined))
    expect(await open({}, { timeoutMs: 300 }).hub.download(ID, yes)).toMatchObject({ problem: null })
    expect(waits.length).toBeGreaterThan(0)
  })
  test('after which the server sends the whole file (ranges ignored) is survived', async () => {
    fake.faults = weights((times) => ({ ignoreRange: true, ...(times === 1 ? { cutAfter: 60_000 } : {}) }))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
    expect(readFileSync(join(folder(), WEIGHTS)).equals(tinyFiles()[WEIGHTS]!)).toBe(true)
  })
  test.each([
    ['another place', { 'content-range': `bytes 7-${bytesOfWeights - 1}/${bytesOfWeights}` }],
    ['another size', { 'content-range': `bytes 50000-${bytesOfWeights}/${bytesOfWeights + 1}` }],
    ['nothing', { 'content-range': 'bytes */5' }],
  ])('after which %s arrives starts the file again', async (_, headers) => {
    fake.faults = weights((times) => (times === 1 ? { cutAfter: 50_000 } : times === 2 ? { headers } : undefined))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
    // noticed at once, not by the checksum at the end
    expect(waits).toHaveLength(2)
  })
  test('by a busy Hub waits as long as it asks', async () => {
    fake.faults = ({ path, times }) =>
      path.includes('/tree/') && times === 1 ? { status: 429, headers: { 'retry-after': '7' } } : undefined
    await open().hub.download(ID, yes)
    expect(waits).toEqual([7000])
  })
  test('for longer than the limit is reported', async () => {
    fake.faults = ({ path }) => (path.includes('/tree/') ? { status: 429, headers: { 'retry-after': '3600' } } : undefined)
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({
      message: expect.stringMatching(/too many requests.*in 60 minutes/) as string,
    })
    expect(waits).toEqual([])
  })
  test('by an expired address asks the Hub for a new one', async () => {
    fake.faults = weights((times) => (times === 1 ? { status: 403 } : undefined))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
  })
  test('by the user ends at once, keeps the received bytes and continues from there', async () => {
    fake.faults = weights(() => ({ pauseMs: 5 }))
    const abort = new AbortController()
    const progress = ({ done, phase }: DownloadProgress): void => {
      if (phase === WEIGHTS && done > 20_000) abort.abort()
    }
    await expect(open().hub.download(ID, { ...yes, signal: abort.signal, progress })).rejects.toMatchObject({ name: 'AbortError' })
    const kept = partBytes()
    expect(kept).toBeGreaterThan(20_000)
    expect(kept).toBeLessThan(bytesOfWeights)
    fake.faults = () => undefined
    await open().hub.download(ID, yes)
    expect(fake.fetched().at(-1)).toBe(`${WEIGHTS} bytes=${kept}-`)
  })
})

describe('content that differs from its announcement', () => {
  const wrong = Buffer.from(tinyFiles()[WEIGHTS]!)
  wrong[1000]! ^= 1
  test('is fetched again once', async () => {
    fake.faults = weights((times) => (times === 1 ? { body: wrong } : undefined))
    expect(await open().hub.download(ID, yes)).toMatchObject({ problem: null })
  })
  test.each([
    ['changed', { body: wrong }, /its checksum was wrong 2 times/],
    ['too short', { body: wrong.subarray(0, 100_000) }, /it has 100000 bytes instead of/],
    ['too long', { body: Buffer.concat([wrong, wrong]) }, /bytes instead of/],
    ['too long, without saying so', { body: Buffer.concat([wrong, wrong]), chunked: true }, /it has more than/],
  ])('%s is deleted and reported', async (_, fault, message) => {
    fake.faults = weights(() => fault)
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringMatching(message) as string,
    })
    expect(open().library.list()).toEqual([])
    expect(partBytes()).toBe(0)
  })
  test('in a small file is noticed by its git hash', async () => {
    fake.faults = ({ file }) => (file === 'vocab.txt' ? { body: Buffer.from('[UNK]\n[PAD]\n') } : undefined)
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({ code: 'download-damaged', details: { file: 'vocab.txt' } })
  })
  test('in a part of another version is not mixed with it', async () => {
    fake.faults = weights((times) => (times === 1 ? { cutAfter: 50_000 } : { status: 500 }))
    await expect(open().hub.download(ID, yes)).rejects.toThrow()
    const newer = { ...tinyFiles(), [WEIGHTS]: safetensors(NUMBERS, 'v') }
    fake.models = [tinyModel({ files: newer, sha: 'b'.repeat(40) })]
    fake.faults = () => undefined
    fake.asked.length = 0
    await open().hub.download(ID, yes)
    expect(fake.fetched()).toEqual([WEIGHTS])
    expect(readFileSync(join(folder(), WEIGHTS)).equals(newer[WEIGHTS])).toBe(true)
    expect(readdirSync(folder()).filter((f) => f.endsWith('.part'))).toEqual([])
  })
  test('that is complete but not a model is reported, and not in the library', async () => {
    fake.models = [tinyModel({ files: { ...tinyFiles(8), [WEIGHTS]: Buffer.from('not safetensors at all') } })]
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({ code: 'model-damaged' })
    expect(open().library.list()).toEqual([])
  })
})

describe('the disk', () => {
  test('is checked before anything is fetched', async () => {
    const free = (): number => 50_000_000
    await expect(open({}, { free }).hub.download(ID, yes)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/needs 50 MB more .* where 50 MB are free/) as string,
    })
    expect(fake.fetched()).toEqual([])
  })
  test('that cannot be written to is reported', async () => {
    writeFileSync(join(dir, 'hub'), 'a file')
    await expect(open().hub.download(ID, yes)).rejects.toMatchObject({ message: expect.stringMatching(/is a file, and models/) as string })
  })
})

describe('two downloads of one model', () => {
  test('at once: the second is refused, the first continues', async () => {
    fake.faults = weights(() => ({ pauseMs: 2 }))
    let second: Promise<unknown> | null = null
    const progress = ({ phase }: DownloadProgress): void => {
      if (phase === WEIGHTS) second ??= open().hub.download(ID, yes)
      second?.catch(() => null)
    }
    expect(await open().hub.download(ID, { ...yes, progress })).toMatchObject({ problem: null })
    await expect(second).rejects.toMatchObject({ code: 'busy' })
    expect(readdirSync(join(dir, 'hub')).filter((name) => name.includes('.lock-'))).toEqual([])
  })
})
