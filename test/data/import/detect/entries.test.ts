import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { storedZip } from '../../../../src/main/data/import/files/stored-zip.ts'
import { AUTO, recordsOf, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
const movies = (from: number): string =>
  'id,plot,genre\n' + Array.from({ length: 10 }, (_, i) => `${from + i},${PLOT} ${from + i},${i % 2 ? 'Drama' : 'War'}\n`).join('')

function zip(name: string, files: Readonly<Record<string, string>>): string {
  return write(name, storedZip(Object.entries(files).map(([entry, text]) => ({ name: entry, data: Buffer.from(text) }))))
}

describe('tables of an archive', () => {
  it('that belong together are one catalogue, and others are left out with a notice', async () => {
    const path = zip('all.zip', { 'notes.csv': 'what,when\na b c,1999\nd e f,2000\n', 'one.csv': movies(0), 'two.csv': movies(10) })
    const plan = await inspect([path], AUTO)
    expect(plan.problems).toEqual([])
    expect(plan.files.map(({ entry }) => entry)).toEqual(['one.csv', 'two.csv'])
    expect(plan.reasons).toContainEqual({ code: 'left-out', file: 'all.zip: notes.csv', entry: 'notes.csv', unlike: 'all.zip: one.csv' })
    expect(await recordsOf(plan)).toHaveLength(20)
  })

  it('can be named', async () => {
    const path = zip('named.zip', { 'one.csv': movies(0), 'two.csv': movies(10) })
    expect((await recordsOf(await inspect([path], { ...AUTO, entries: ['two.csv'] })))[0]!.key).toBe('10')
    await expect(inspect([path], { ...AUTO, entries: ['three.csv'] })).rejects.toMatchObject({
      code: 'no-entry',
      message: 'There is no "three.csv" in the files. There are: one.csv, two.csv.',
    })
  })

  it('may be lists joined by id, which belong together with other columns', async () => {
    const path = zip('letterboxd.zip', {
      'movies.csv': `id,name,description\n1,One,${PLOT}\n2,Two,${PLOT}\n`,
      'genres.csv': 'id,genre\n1,Drama\n1,War\n2,Drama\n',
    })
    const plan = await inspect([path], AUTO)
    expect([plan.format, plan.problems, plan.preview[0]!.genres]).toEqual(['letterboxd-three', [], ['Drama', 'War']])
  })

  it('different files outside an archive are refused, not left out', async () => {
    const paths = [write('one.csv', movies(0)), write('notes.csv', 'what,when\na b c,1999\n')]
    expect((await inspect(paths, AUTO)).problems[0]).toContain('notes.csv has other columns than one.csv')
  })
})
