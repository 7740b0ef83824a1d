import Database from 'better-sqlite3'
import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { METHODS, type Method } from '../../src/contract/api.ts'
import { RpcClient, type Port } from '../../src/contract/rpc.ts'
import { Engine } from '../../src/main/engine.ts'
import { Bench, codeOf, FakeCompute, scratch, tinyProject } from '../support/project.ts'

/** Two ends of a channel; `sent` holds the messages that reached the client's end. */
function channel(): { engineEnd: Port; send: (m: unknown) => void; sent: unknown[]; client: Port } {
  let toEngine: (m: unknown) => void = () => undefined
  let toClient: (m: unknown) => void = () => undefined
  const sent: unknown[] = []
  const engineEnd: Port = {
    post: (m) => {
      sent.push(m)
      toClient(m)
    },
    onMessage: (l) => (toEngine = l),
  }
  const send = (m: unknown): void => toEngine(m)
  return { engineEnd, send, sent, client: { post: send, onMessage: (l) => (toClient = l) } }
}

const GARBAGE: unknown[] = [
  null,
  7,
  'req',
  [],
  {},
  { t: 'req' },
  { t: 'req', id: '1', method: 'app.info' },
  { t: 'res', id: 1, ok: true },
  { t: 'req', id: 1.5, method: 'app.info' },
  { t: 'req', id: 2, method: 3 },
]

test('garbage on a port is ignored, and calls after it are answered', async () => {
  const b = await Bench.open(['a: Drama'])
  const { engineEnd, send, sent } = channel()
  b.engine.serve(engineEnd)
  for (const message of GARBAGE) send(message)
  // replies keep the order of requests: after two of them, none to the garbage can be outstanding
  for (const id of [3, 4]) {
    send({ t: 'req', id, method: 'labels.state', args: {} })
    await expect.poll(() => sent.at(-1)).toMatchObject({ id })
  }
  const value = { undo: null, redo: null, corrections: 0, reviewed: 0, newest: 0 }
  expect(sent).toEqual([3, 4].map((id) => ({ t: 'res', id, ok: true, value })))
})

test.each([['no.such'], ['__proto__'], ['constructor'], ['toString'], ['']])('the method "%s" is not there', async (method) => {
  const b = await Bench.open(['a: Drama'])
  const { engineEnd, client } = channel()
  b.engine.serve(engineEnd)
  expect(await codeOf(() => new RpcClient(client).call(method as Method, {}))).toBe('no-method')
})

test('every method refuses wrong arguments', async () => {
  const b = await Bench.open(['a: Drama'])
  for (const method of Object.keys(METHODS) as Method[])
    for (const args of [undefined, null, 'x', 5, { unheardOf: 1 }])
      expect([method, await codeOf(() => b.engine.call(method, args as never))]).toEqual([method, 'bad-arguments'])
})

test.each<[Method, object, string]>([
  ['review.query', { bucket: 'ugly' }, 'bucket'],
  ['review.rows', { movies: [1.5] }, 'movies.0'],
  ['labels.apply', { changes: [{ field: 'label', movie: 1, genre: 1, to: 'yes' }] }, 'changes.0.to'],
  ['train.start', { config: { folds: 99 } }, 'config.folds'],
  ['metrics.get', { threshold: 2 }, 'threshold'],
  ['files.put', { name: 'x', upload: '../../..', offset: 0, bytes: new Uint8Array(1) }, 'upload'],
  ['files.put', { name: 'x', upload: 'abcdefgh', offset: 0, bytes: [1] }, 'bytes'],
])('%s with %j says what is wrong: %s', async (method, args, where) => {
  const b = await Bench.open(['a: Drama'])
  await expect(b.engine.call(method, args as never)).rejects.toThrow(`${method}: ${where}`)
})

test('methods that need a project are refused without one', async () => {
  const engine = await Engine.start({ dataDir: scratch(), open: null, spawn: new FakeCompute().spawn })
  for (const method of ['project.info', 'overview.get', 'review.query', 'labels.state', 'train.start', 'runs.list', 'labels.undo'] as const)
    expect(await codeOf(() => engine.call(method, {}))).toBe('no-project')
  expect(await engine.call('project.list', {})).toEqual([])
  expect((await engine.call('app.info', {})).sqlite).toMatch(/^3\./)
  await engine.close()
})

test('an unexpected error is reported as internal, and the engine continues', async () => {
  const b = await Bench.open(['a: Drama'])
  const { engineEnd, client } = channel()
  b.engine.serve(engineEnd)
  const db = new Database(b.path)
  db.exec('drop table movie_text')
  db.close()
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const rpc = new RpcClient(client)
  expect(await codeOf(() => rpc.call('review.query', { where: 'x' }))).toBe('internal')
  expect(said).toHaveBeenCalledOnce()
  said.mockRestore()
  expect(await codeOf(() => rpc.call('review.query', {}))).toBe('none')
})

test('events reach every port until it is disconnected, and listeners until they unsubscribe', async () => {
  const b = await Bench.open(['a: Drama'])
  const [one, two] = [channel(), channel()]
  const leave = b.engine.serve(one.engineEnd)
  b.engine.serve(two.engineEnd)
  const heard: string[] = []
  const off = b.engine.on('changed', ({ what }) => heard.push(what))
  await b.decide('a', 'reviewed')
  leave()
  off()
  await b.decide('a', 'note x')
  const event = (batch: number) => ({ t: 'evt', event: 'changed', payload: { what: 'labels', batch } })
  expect([one.sent, two.sent, heard]).toEqual([[event(1)], [event(1), event(2)], ['labels']])
})

test('a project that cannot be opened leaves the open one as it is', async () => {
  const b = await Bench.open(['a: Drama', 'b: War'])
  await b.decide('a', '+War')
  expect(await codeOf(() => b.call('project.open', { path: `${b.folder}/none.reel` }))).toBe('no-project')
  expect(await codeOf(() => b.call('project.open', { path: `${b.folder}/tiny.csv` }))).toBe('not-a-project')
  expect(await b.labels('a')).toBe('Drama, War')
})

describe('the next start', () => {
  const begin = (dataDir: string, open?: string) =>
    Engine.start({ dataDir, spawn: new FakeCompute().spawn, ...(open === undefined ? {} : { open }) })
  const opened = async (dataDir: string, open?: string) => {
    const engine = await begin(dataDir, open)
    const { path, notices } = await engine.call('project.info', {})
    await engine.close()
    return { name: basename(path), notices }
  }
  test('opens the last project, and the very first start the sample', async () => {
    const folder = scratch()
    expect((await opened(folder)).name).toBe('Sample project.reel')
    const path = await tinyProject(folder, ['a: Drama'])
    expect((await opened(folder, path)).name).toBe(basename(path))
    expect((await opened(folder)).name).toBe(basename(path))
    rmSync(path)
    expect((await opened(folder)).name).toBe('Sample project.reel')
  })
  test('reports why the last project cannot be opened, and opens the sample', async () => {
    const folder = scratch()
    const path = await tinyProject(folder, ['a: Drama'])
    await opened(folder, path)
    writeFileSync(path, 'no project at all, only words that fill a page'.repeat(100))
    const next = await opened(folder)
    expect(next.name).toBe('Sample project.reel')
    expect(next.notices.join()).toMatch(/^The project that was open last could not be opened\. .*not a Reelabel project/)
  })
})

test('two windows and a command line that relabel at once lose no decision, and each window learns of all of them', async () => {
  const keys = Array.from({ length: 30 }, (_, i) => `m${i}`)
  const b = await Bench.open(keys.map((key) => `${key}: Drama`))
  const windows = [0, 1].map(() => {
    const { engineEnd, client } = channel()
    b.engine.serve(engineEnd)
    const rpc = new RpcClient(client)
    const heard = { labels: 0 }
    rpc.on('changed', ({ what }) => void (what === 'labels' && heard.labels++))
    return { rpc, heard }
  })
  const callers = [...windows.map(({ rpc }) => rpc), b.engine]
  const changes = await Promise.all(keys.map(async (key) => b.change(await b.movie(key), '-Drama')))
  // all decide on every movie in turn: the first removes the genre, the second restores it, the third removes it again
  await Promise.all(
    changes.flatMap((change) =>
      callers.map((caller, i) => caller.call('labels.apply', { changes: [{ ...change, to: i === 1 } as typeof change] })),
    ),
  )
  expect(await Promise.all(keys.map((key) => b.labels(key)))).toEqual(keys.map(() => ''))
  expect(await b.call('labels.state', {})).toMatchObject({ corrections: 30 })
  const batches = (await b.call('labels.history', { limit: 1000 })).map((e) => e.batch)
  expect(new Set(batches).size).toBe(90)
  await expect.poll(() => windows.map(({ heard }) => heard.labels)).toEqual([90, 90])
})
