import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import type { ExportedFile } from '../../src/contract/exporting.ts'
import { Bench, codeOf } from '../support/project.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const upload = 'upload-0001'

test('a file arrives in pieces and can be imported', async () => {
  const b = await Bench.open(['a: Drama'])
  const csv = bytes('id,title,plot,genres\n1,Dune,Sand and spice for ever.,"Drama, War"\n2,Up,A house that flies away.,Comedy\n')
  const put = (offset: number, end: number) => b.call('files.put', { name: 'mine.csv', upload, offset, bytes: csv.subarray(offset, end) })
  expect((await put(0, 10)).bytes).toBe(10)
  const { path } = await put(10, 999)
  expect(readFileSync(path).equals(csv)).toBe(true)
  const plan = await b.call('import.inspect', { paths: [path] })
  expect(plan.files.map((f) => f.name)).toEqual(['mine.csv'])
  expect(plan.preview.map((m) => `${m.title}: ${m.genres.join('/')}`)).toEqual(['Dune: Drama/War', 'Up: Comedy'])
  // the same upload from the start replaces the former content
  expect((await put(0, 5)).bytes).toBe(5)
  expect(readFileSync(path, 'utf8')).toBe('id,ti')
})

test.each([
  ['before anything came', [], 5],
  ['past the end', ['hello'], 6],
  ['before the end', ['hello'], 3],
])('a piece %s is refused', async (_what, before, offset) => {
  const b = await Bench.open(['a: Drama'])
  for (const text of before) await b.call('files.put', { name: 'x.csv', upload, offset: 0, bytes: bytes(text) })
  expect(await codeOf(() => b.call('files.put', { name: 'x.csv', upload, offset, bytes: bytes('x') }))).toBe('upload-gap')
})

test.each([
  '../../x.csv',
  '..\\..\\x.csv',
  '/etc/passwd',
  'C:\\x.csv',
  '..',
  '.',
  '../',
  '/',
  'a/../..',
  'x\0.csv',
  'x\n.csv',
  ' ',
  'ü'.repeat(255),
  '.reel',
])('a file named %j stays inside its folder', async (name) => {
  const b = await Bench.open(['a: Drama'])
  const before = readdirSync(b.folder)
  const { path } = await b.call('files.put', { name, upload, offset: 0, bytes: bytes('hello') })
  expect(readFileSync(path, 'utf8')).toBe('hello')
  expect(relative(join(b.folder, 'temporary'), path)).toMatch(
    new RegExp(`^\\.session\\.\\w+-${process.pid}-[\\w-]+\\.tmp/${upload}/[^/]+$`),
  )
  expect(basename(path)).not.toMatch(/^\.*$/)
  expect(readdirSync(b.folder)).toEqual(before)
})

test('an export without a path is fetched in pieces; an unknown handle is refused', async () => {
  const b = await Bench.open(Array.from({ length: 40 }, (_, i) => `m${i}: Drama || ${'long '.repeat(10_000)} ${i}`))
  const { files } = await b.export({ what: 'catalogue', path: null })
  const [file] = files
  let fetched = Buffer.alloc(0)
  let calls = 0
  for (let total = 1; fetched.length < total; calls++) {
    const piece = await b.call('files.get', { file: file!.file!, offset: fetched.length })
    total = piece.total
    fetched = Buffer.concat([fetched, piece.bytes])
  }
  expect([calls, fetched.length]).toEqual([2, file!.bytes])
  expect(fetched.equals(readFileSync(join(b.folder, 'tiny.csv')))).toBe(true)
  // a fetched file is deleted
  expect(await codeOf(() => b.call('files.get', { file: file!.file!, offset: 0 }))).toBe('no-file')
  expect([existsSync(file!.path), existsSync(dirname(file!.path))]).toEqual([false, false])
  expect(await codeOf(() => b.call('files.get', { file: '../tiny.csv', offset: 0 }))).toBe('no-file')
})

test('uploads and exports are deleted when the program ends', async () => {
  const b = await Bench.open(['a: Drama'])
  const [file] = (await b.export({ what: 'catalogue', path: null })).files
  expect((await b.call('files.get', { file: file!.file!, offset: 0 })).bytes.length).toBe(file!.bytes)
  const [other] = (await b.export({ what: 'catalogue', path: null })).files
  await b.call('files.put', { name: 'x.csv', upload, offset: 0, bytes: bytes('hello') })
  await b.restart()
  expect(existsSync(other!.path)).toBe(false)
  expect(await codeOf(() => b.call('files.get', { file: other!.file!, offset: 0 }))).toBe('no-file')
  expect(readdirSync(join(b.folder, 'temporary'))).toHaveLength(1) // the new one's own folder
})

test('the last twenty exports that were not fetched are kept', async () => {
  const b = await Bench.open(['a: Drama'])
  const made: ExportedFile[] = []
  for (let i = 0; i < 22; i++) made.push(...(await b.export({ what: 'catalogue', path: null })).files)
  expect(made.map((f) => existsSync(f.path))).toEqual(made.map((_, i) => i >= 2))
  expect(await codeOf(() => b.call('files.get', { file: made[1]!.file!, offset: 0 }))).toBe('no-file')
  expect(await codeOf(() => b.call('files.get', { file: made[2]!.file!, offset: 0 }))).toBe('none')
})
