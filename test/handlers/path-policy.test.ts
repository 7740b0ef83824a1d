import { resultOf } from '../../src/contract/events.ts'
import { existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { METHODS, type ArgsIn, type Method } from '../../src/contract/api.ts'
import { RpcClient } from '../../src/contract/rpc.ts'
import type { PathGrant } from '../../src/contract/bridge.ts'
import type { ServeOptions } from '../../src/main/engine.ts'
import type { MethodSpec } from '../../src/contract/method.ts'
import { channel } from '../standin/port.ts'
import { Bench, codeOf, csvOf } from '../support/project.ts'

/** The engine as a browser page reaches it. */
const browser = async (b: Bench): Promise<RpcClient> => (await connected(b)).page
/** As {@link browser}, with the function that ends the connection. */
async function connected(b: Bench, options: ServeOptions = { confined: true }): Promise<{ page: RpcClient; leave: () => void }> {
  const { port1, port2 } = channel()
  const leave = b.engine.serve({ post: (m) => port1.postMessage(m), onMessage: (l) => void port1.on('message', (e) => l(e.data)) }, options)
  const client = new RpcClient({ post: (m) => port2.postMessage(m), onMessage: (l) => void port2.on('message', (e) => l(e.data)) })
  port1.start()
  port2.start()
  await client.call('app.info', {})
  return { page: client, leave }
}
const NEW = csvOf(['x: Drama', 'y: War'])
async function uploaded(page: RpcClient, name = 'new.csv', text = NEW): Promise<string> {
  return (await page.call('files.put', { name, upload: 'upload-0001', offset: 0, bytes: new TextEncoder().encode(text) })).path
}

const mapping = { id: 'id', title: 'title', plot: 'plot', genres: 'genres' }

test('an upload is removed when it was imported or used for an update, and not when that failed', async () => {
  const b = await Bench.open(['x: Drama'])
  const page = await browser(b)
  const first = await uploaded(page)
  expect((await b.job(() => page.call('import.run', { paths: [first], name: 'new', mapping, open: false }))).state).toBe('done')
  expect(existsSync(first)).toBe(false)
  const second = await uploaded(page)
  expect((await b.job(() => page.call('merge.stage', { paths: [second], mapping }))).state).toBe('done')
  const { token } = (await page.call('merge.plan', {}))!
  expect(existsSync(second)).toBe(true)
  expect((await b.job(() => page.call('merge.run', { token, removed: 'keep' }))).state).toBe('done')
  expect(existsSync(second)).toBe(false)
  const third = await uploaded(page, 'x.csv', 'nothing')
  expect(await codeOf(() => page.call('import.run', { paths: [third], name: 'newer', mapping }))).not.toBe('none')
  expect(existsSync(third)).toBe(true)
})

test('the uploads of a window are removed when it leaves, after the job that reads them; those of other windows stay', async () => {
  const b = await Bench.open(['x: Drama'])
  const [{ page, leave }, other] = [await connected(b), await browser(b)]
  const path = await uploaded(page)
  const kept = (await other.call('files.put', { name: 'x', upload: 'upload-0002', offset: 0, bytes: new Uint8Array(1) })).path
  const end = b.job(() => page.call('import.run', { paths: [path], name: 'new', mapping, open: false }))
  // the call has arrived, and its answer has not
  await other.call('app.info', {})
  leave()
  expect((await end).state).toBe('done')
  await expect.poll(() => existsSync(path)).toBe(false)
  expect(existsSync(kept)).toBe(true)
})

test.each<[PathGrant, readonly (readonly [Method, object])[]]>([
  [
    'read',
    [
      ['import.inspect', { paths: ['PATH'] }],
      ['merge.stage', { paths: ['PATH'] }],
      ['models.add', { path: 'PATH' }],
    ],
  ],
  [
    'write',
    [
      ['export.run', { what: 'catalogue', path: 'PATH' }],
      ['export.everything', { path: 'PATH' }],
      ['project.copy', { path: 'PATH' }],
      ['models.export', { run: 1, what: 'merged', folder: 'PATH' }],
      ['project.open', { path: 'PATH' }],
    ],
  ],
  [
    'project',
    [
      ['project.open', { path: 'PATH' }],
      ['backups.list', { path: 'PATH' }],
      ['backups.restore', { name: 'x', path: 'PATH' }],
      ['import.inspect', { paths: ['PATH'] }],
    ],
  ],
])('a window with dialogs may use a path that was chosen for: %s, and others as little as a page in a browser', async (grant, calls) => {
  const b = await Bench.open(['a: Drama'])
  const { page } = await connected(b, { confined: true, dialogs: true })
  const path = join(b.folder, 'sub/chosen')
  mkdirSync(dirname(path))
  const tried = async (): Promise<string[]> => {
    const seen: string[] = []
    for (const [method, args] of calls) {
      const named = JSON.parse(JSON.stringify(args).replace('PATH', path)) as ArgsIn<Method>
      seen.push(await codeOf(() => page.call(method, named)))
      for (const { job, state } of await page.call('jobs.list', {})) if (state === 'running') await page.call('jobs.cancel', { job })
    }
    return seen
  }
  const all = calls.map(() => 'not-allowed-here')
  expect(await tried()).toEqual(all)
  for (const other of (['read', 'write', 'project'] as const).filter((g) => g !== grant)) b.engine.grant(`${path}.${other}`, other)
  expect(await tried()).toEqual(all)
  b.engine.grant(path, grant)
  expect(await tried()).not.toContain('not-allowed-here')
})

test('a path that was chosen for one use is refused for others; the refusal says what to do in this window', async () => {
  const b = await Bench.open(['a: Drama'])
  const { page } = await connected(b, { confined: true, dialogs: true })
  const path = join(b.folder, 'chosen.csv')
  b.engine.grant(path, 'read')
  const refusal = { code: 'not-allowed-here', message: expect.stringContaining('choose the file or folder in a dialog') as string }
  await expect(page.call('export.run', { what: 'catalogue', path })).rejects.toMatchObject(refusal)
  await expect(page.call('project.open', { path })).rejects.toMatchObject(refusal)
  await expect(page.call('models.add', { path, base: b.folder })).rejects.toMatchObject(refusal)
  // the open project stays the page's, wherever it is
  expect(await codeOf(() => page.call('backups.list', { path: b.path }))).toBe('none')
})

test('every argument that is a path is declared with its use', () => {
  for (const [name, { args, paths = {} }] of Object.entries<MethodSpec>(METHODS)) {
    const shape = 'shape' in args ? (args.shape as object) : {}
    const found = Object.keys(shape).filter((key) => ['path', 'paths', 'folder', 'genreNames', 'base', 'predictions'].includes(key))
    expect([name, Object.keys(paths).sort()]).toEqual([name, found.sort()])
  }
})

test('a page in a browser imports what it uploaded, downloads what it exported, and opens its projects', async () => {
  const b = await Bench.open(['a: Drama'])
  const page = await browser(b)
  const path = await uploaded(page)
  expect((await page.call('import.inspect', { paths: [path] })).files[0]!.name).toBe('new.csv')
  expect((await b.job(() => page.call('import.run', { paths: [path], name: 'new', mapping }))).state).toBe('done')
  const exported = await b.job(() => page.call('export.run', { what: 'catalogue', path: null }))
  const [file] = resultOf('export', exported).files
  expect(new TextDecoder().decode((await page.call('files.get', { file: file!.file!, offset: 0 })).bytes)).toBe(NEW)
  for (const project of [b.path, join(b.folder, 'projects/new.reel'), relative(process.cwd(), b.path)])
    expect((await page.call('project.open', { path: project })).path).toBe(resolve(project))
})

test('it reads and writes nowhere else', async () => {
  const b = await Bench.open(['a: Drama'])
  const page = await browser(b)
  const own = await uploaded(page)
  const project = await uploaded(page, 'sent.reel')
  const out = join(b.folder, 'out')
  mkdirSync(out)
  const secret = join(out, 'secret.csv')
  writeFileSync(secret, NEW)
  const link = join(dirname(own), 'link.csv')
  symlinkSync(secret, link)
  symlinkSync(out, join(b.folder, 'projects/out'))
  linkSync(b.path, join(out, 'other.reel'))
  const asked: { [M in Method]?: ArgsIn<M>[] } = {
    'import.inspect': [secret, link, `${dirname(own)}/../../../tiny.csv`, dirname(dirname(own)).slice(0, -1), '/etc/passwd'].map(
      (path) => ({
        paths: [own, path],
      }),
    ),
    'import.run': [
      { paths: [secret], name: 'x' },
      { paths: [own], name: 'x', path: join(b.folder, 'projects/x.reel') },
      { paths: [own], name: 'x', genreNames: secret },
    ],
    'export.run': [secret, join(b.folder, 'new.csv'), join(dirname(own), 'x.csv')].map((path) => ({ what: 'catalogue', path })),
    'project.move': [{ path: join(out, 'other.reel'), name: 'mine' }],
    'project.open': [join(out, 'other.reel'), join(b.folder, 'projects/out/other.reel'), join(b.folder, 'projects/../x.reel'), project].map(
      (path) => ({ path }),
    ),
  }
  for (const [method, wishes] of Object.entries(asked) as [Method, ArgsIn<Method>[]][])
    for (const args of wishes)
      expect([method, args, await codeOf(() => page.call(method, args))]).toEqual([method, args, 'not-allowed-here'])
  for (const client of [page, b])
    expect(await codeOf(() => client.call('import.inspect', { paths: [`${own}\0.csv`] }))).toBe('bad-arguments')
  // the same asked for by the desktop window or the command line
  expect(await codeOf(() => b.call('import.inspect', { paths: [secret] }))).toBe('none')
})
