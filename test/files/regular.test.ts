import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isOnNetwork, openRegular, readRegular, streamRegular } from '../../src/main/files/regular.ts'
import { collect } from '../data/support/files.ts'
import { scratch } from '../support/project.ts'

const unix = test.skipIf(process.platform === 'win32')

test.each([
  ['\\\\host\\share\\model', true],
  ['//host/share/model', true],
  ['\\\\?\\UNC\\host\\share', true],
  ['/home/me/model', false],
  ['C:\\models\\bert', false],
  ['../model', false],
])('%s is on another machine: %s', (path, expected) => expect(isOnNetwork(path)).toBe(expected))

test('a file is read, also through a link', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'a.csv'), 'id,plot\n')
  symlinkSync(join(folder, 'a.csv'), join(folder, 'link.csv'))
  const file = openRegular(join(folder, 'link.csv'))
  expect(readFileSync(file, 'utf8')).toBe('id,plot\n')
  closeSync(file)
  expect(readRegular(join(folder, 'a.csv'), 100).toString()).toBe('id,plot\n')
  expect(Buffer.concat(await collect(streamRegular(join(folder, 'a.csv'), 3) as AsyncIterable<Buffer>)).toString()).toBe('id,plot\n')
})

unix('a pipe that nobody writes to is refused at once, also behind a link', () => {
  const folder = scratch()
  execFileSync('mkfifo', [join(folder, 'pipe')])
  symlinkSync(join(folder, 'pipe'), join(folder, 'model.safetensors'))
  for (const name of ['pipe', 'model.safetensors'])
    expect(() => openRegular(join(folder, name))).toThrow(`${join(folder, name)} is a pipe, not a file. Choose a file.`)
})

unix('a socket and a device are refused', async () => {
  const path = join(scratch(), 'socket')
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  expect(() => openRegular(path)).toThrow('is a socket, not a file')
  expect(() => openRegular('/dev/zero')).toThrow('/dev/zero is a device, not a file')
})

test.each<[string, (folder: string) => string, string, string]>([
  ['a folder', (folder) => folder, 'is-a-folder', 'is a folder'],
  ['nothing', (folder) => join(folder, 'a'), 'file-not-found', 'There is no file'],
  ['a name below a file', (folder) => join(folder, 'file', 'a'), 'file-not-found', 'There is no file'],
  ['a name of 300 letters', (folder) => join(folder, 'x'.repeat(300)), 'file-not-found', 'the name is too long for a file'],
  ['a NUL character', (folder) => join(folder, 'a\0.csv'), 'file-not-found', 'no path has a NUL character'],
])('%s is refused in words', (_, pathIn, code, words) => {
  const folder = scratch()
  writeFileSync(join(folder, 'file'), 'x')
  expect(() => openRegular(pathIn(folder))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) as string }) as Error,
  )
})

test('a file above the limit is not read', () => {
  const folder = scratch()
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'sub/big'), 'x'.repeat(2 ** 20 + 1))
  expect(() => readRegular(join(folder, 'sub/big'), 2 ** 20)).toThrow('has 2 MB, and 1 MB is the most')
})
