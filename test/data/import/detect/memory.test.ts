import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { choicesOf, headerKeyOf } from '../../../../src/main/data/import/detect/choices.ts'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { ImportMemory } from '../../../../src/main/data/import/detect/memory.ts'
import { AUTO, scratchFolder } from '../../support/files.ts'

const { folder, write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
const NOVEMBER = new Date('2026-11-20T10:00:00Z')
let files = 0
const memoryFile = (): string => join(folder, `memory-${++files}.json`)

function catalogue(header: string, genres: string): string {
  return write(
    `catalogue-${++files}.csv`,
    `${header}\n${[1, 2, 3].map((i) => `${i},Movie ${i},${PLOT} ${i},${PLOT} once more ${i},${genres}\n`).join('')}`,
  )
}
const HEADER = 'id,name,long,other,topics'

describe('choices for a header', () => {
  it('are used for the next table with the same columns, with their date', async () => {
    const memory = new ImportMemory(memoryFile())
    const userChoices = { ...AUTO, mapping: { plot: 'long', title: null, genres: 'topics' }, genreSyntax: 'slash' as const }
    const first = await inspect([catalogue(HEADER, 'Drama/War')], userChoices, memory)
    expect(first.remembered).toBe(false)
    memory.remember(first.headerKey, choicesOf(userChoices), NOVEMBER)
    const next = await inspect([catalogue('ID,name,Long,other,topics', 'Comedy/War')], AUTO, memory)
    expect(next).toMatchObject({ remembered: true, genreSyntax: 'slash', mapping: { title: null, plot: 'Long', genres: 'topics' } })
    expect(next.reasons[0]).toEqual({ code: 'remembered', at: NOVEMBER.toISOString() })
    expect(next.preview[0]!.genres).toEqual(['Comedy', 'War'])
    const other = await inspect([catalogue('id,name,long,other,themes', 'Comedy/War')], AUTO, memory)
    expect(other.remembered).toBe(false)
  })

  it('are overridden by current choices', async () => {
    const memory = new ImportMemory(memoryFile())
    const path = catalogue(HEADER, 'Drama/War')
    const { headerKey } = await inspect([path], AUTO)
    memory.remember(headerKey, { mapping: { plot: 'long', genres: 'topics' }, genreSyntax: 'slash' })
    const plan = await inspect([path], { ...AUTO, mapping: { plot: 'other' }, genreSyntax: 'single' }, memory)
    expect(plan).toMatchObject({ mapping: { plot: 'other', genres: 'topics' }, genreSyntax: 'single' })
  })

  it('can be forgotten', () => {
    const memory = new ImportMemory(memoryFile())
    memory.remember('a', { genreSyntax: 'pipe' }, NOVEMBER)
    memory.remember('b', { genreSyntax: 'slash' })
    expect([memory.forget('a'), memory.forget('a')]).toEqual([true, false])
    expect([memory.recall('a'), memory.recall('b')?.choices]).toEqual([null, { genreSyntax: 'slash' }])
  })

  it('are not stored if nothing was chosen', () => {
    const path = memoryFile()
    new ImportMemory(path).remember('a', choicesOf(AUTO))
    expect(existsSync(path)).toBe(false)
  })

  it('are those of the latest 200 headers', () => {
    const memory = new ImportMemory(memoryFile())
    for (let i = 0; i <= 200; i++) memory.remember(`k${i}`, { genreSyntax: 'pipe' }, new Date(NOVEMBER.getTime() + i * 1000))
    expect([memory.recall('k0'), memory.recall('k1') === null, memory.recall('k200') === null]).toEqual([null, false, false])
  })

  it('survive in a file that another program reads', () => {
    const path = memoryFile()
    const choices = {
      format: 'table' as const,
      mapping: { id: null, plot: 'long' },
      genreSyntax: 'one-hot' as const,
      genreColumns: ['a', 'b'],
      protectedNames: ['x, y'],
    }
    new ImportMemory(path).remember('key', choices, NOVEMBER)
    expect(new ImportMemory(path).recall('key')).toEqual({ at: NOVEMBER.toISOString(), choices })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ reelabel: 'remembered imports', version: 1 })
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('a damaged file', () => {
  it.each([
    '',
    '{',
    '[]',
    '{"reelabel":"remembered imports","version":2,"headers":{}}',
    '{"reelabel":"remembered imports","version":1,"headers":{"a":{"at":"now","choices":{}}}}',
  ])('%j is ignored with a notice, and kept beside the next one', async (text) => {
    const path = memoryFile()
    writeFileSync(path, text)
    const memory = new ImportMemory(path)
    const plan = await inspect([catalogue(HEADER, 'Drama/War')], AUTO, memory)
    expect(plan.remembered).toBe(false)
    expect(plan.reasons[0]).toEqual({ code: 'memory-damaged', file: basename(path) })
    memory.remember('a', { genreSyntax: 'pipe' })
    expect(memory.recall('a')?.choices).toEqual({ genreSyntax: 'pipe' })
    expect(memory.notice).toBeNull()
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text)
  })

  it('with missing columns is used for the rest', async () => {
    const memory = new ImportMemory(memoryFile())
    const path = catalogue(HEADER, 'Drama/War')
    const { headerKey } = await inspect([path], AUTO)
    memory.remember(headerKey, { mapping: { plot: 'gone', genres: 'topics' }, genreSyntax: 'slash', genreColumns: ['gone'] })
    const plan = await inspect([path], AUTO, memory)
    expect(plan).toMatchObject({ mapping: { genres: 'topics' }, genreSyntax: 'slash' })
  })
})

describe('the key of a header', () => {
  it('does not depend on order, case, white space and repeated files', () => {
    const key = headerKeyOf([
      ['id', 'Plot'],
      ['id', 'genre'],
    ])
    expect(
      headerKeyOf([
        ['genre', 'ID '],
        ['plot', 'id'],
        ['id', 'plot'],
      ]),
    ).toBe(key)
    expect(headerKeyOf([['id', 'plot', 'genre']])).not.toBe(key)
    expect(headerKeyOf([['id,plot']])).not.toBe(headerKeyOf([['id', 'plot']]))
  })
})
