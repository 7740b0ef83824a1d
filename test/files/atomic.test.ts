import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeChunks, writeFiles } from './write.ts'
import { scratchFolder } from '../data/support/files.ts'
import { needs } from '../support/needs.ts'

const { folder } = scratchFolder()

const obeysModes = process.platform !== 'win32' && process.getuid?.() !== 0

describe('writing a file atomically', () => {
  it('writes many chunks and returns the number of bytes', async () => {
    const chunks = Array.from({ length: 5000 }, (_, i) => `${i} é ${'x'.repeat(500)}\n`)
    const path = join(folder, 'many.csv')
    expect(await writeChunks(path, chunks)).toBe(Buffer.byteLength(chunks.join('')))
    expect(readFileSync(path, 'utf8')).toBe(chunks.join(''))
    expect(readdirSync(folder)).toEqual(['many.csv'])
  })

  it('leaves the former file and nothing else if the chunks fail', async () => {
    const path = join(folder, 'many.csv')
    writeFileSync(path, 'former')
    const failing = (async function* () {
      yield 'x'.repeat(2_000_000)
      expect(readFileSync(path, 'utf8')).toBe('former')
      expect(readdirSync(folder)).toHaveLength(2)
      await Promise.reject(new Error('the source broke'))
    })()
    await expect(writeChunks(path, failing)).rejects.toThrow('the source broke')
    expect(readFileSync(path, 'utf8')).toBe('former')
    expect(readdirSync(folder)).toEqual(['many.csv'])
  })

  it('reports what is wrong with the folder', async () => {
    await expect(writeChunks(join(folder, 'gone/x.csv'), ['x'])).rejects.toMatchObject({ code: 'folder-not-found' })
    await expect(writeChunks(join(folder, 'many.csv/x.csv'), ['x'])).rejects.toMatchObject({ code: 'folder-not-found' })
    mkdirSync(join(folder, 'taken/inside'), { recursive: true })
    await expect(writeChunks(join(folder, 'taken'), ['x'])).rejects.toMatchObject({ code: 'is-a-folder' })
    expect(readdirSync(folder).sort()).toEqual(['many.csv', 'taken'])
  })

  // root may write anywhere
  it('reports that a folder is not writable', needs(obeysModes, 'root may write anywhere, and Windows has no modes'), async () => {
    const locked = join(folder, 'locked')
    mkdirSync(locked)
    chmodSync(locked, 0o500)
    await expect(writeChunks(join(locked, 'x.csv'), ['x'])).rejects.toMatchObject({ code: 'folder-not-writable' })
  })
})

describe('writing several files atomically', () => {
  const files = (text: string) => ['a.csv', 'b.csv'].map((name) => ({ name, chunks: [text, name] }))
  const texts = (path: string) => Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]))

  it('makes a folder of them, over an empty one too', async () => {
    const place = join(folder, 'several')
    mkdirSync(join(place, 'empty'), { recursive: true })
    for (const name of ['new', 'empty']) {
      await writeFiles(join(place, name), files('1'))
      expect(texts(join(place, name))).toEqual({ 'a.csv': '1a.csv', 'b.csv': '1b.csv' })
    }
    expect(readdirSync(place).sort()).toEqual(['empty', 'new'])
  })

  it('leaves nothing if a later one fails', async () => {
    const place = join(folder, 'failing')
    mkdirSync(place)
    const failing = (function* () {
      yield 'x'
      throw new Error('the source broke')
    })()
    await expect(writeFiles(join(place, 'out'), [...files('1'), { name: 'c.csv', chunks: failing }])).rejects.toThrow('broke')
    expect(readdirSync(place)).toEqual([])
  })

  it('does not change existing files', async () => {
    const place = join(folder, 'there')
    mkdirSync(join(place, 'full'), { recursive: true })
    writeFileSync(join(place, 'full/a.csv'), 'mine')
    writeFileSync(join(place, 'file'), 'mine')
    await expect(writeFiles(join(place, 'full'), files('1'))).rejects.toMatchObject({ code: 'folder-not-empty' })
    await expect(writeFiles(join(place, 'file'), files('1'))).rejects.toMatchObject({ code: 'file-exists' })
    await expect(writeFiles(join(place, 'gone/x'), files('1'))).rejects.toMatchObject({ code: 'folder-not-found' })
    expect([readdirSync(place).sort(), texts(join(place, 'full'))]).toEqual([['file', 'full'], { 'a.csv': 'mine' }])
  })
})
