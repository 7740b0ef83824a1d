import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { mergeRule, readRecords } from '../../../../src/main/data/import/records/read.ts'
import { AUTO, moviesOf, recordsOf, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()

describe('several files', () => {
  it('of Letterboxd: asks for the genres if only the movies are there', async () => {
    const plan = await inspect([write('movies.csv', 'id,name,description\n1,Lost,A man is lost.\n')], AUTO)
    expect(plan.format).toBe('letterboxd-three')
    expect(plan.problems).toEqual([expect.stringContaining('add genres.csv')])
  })

  const header = 'movie_id,movie_name,description,genre\n'
  const paths = (): string[] => [
    write('one.csv', header + 'tt1,Heat,,"Crime, Drama"\ntt2,Alien,In space.,Horror\n'),
    write('two.csv', header + 'tt1,Heat again,A robber.,"Drama, Action"\n'),
  ]

  it('IMDb by genre: the first text that is not empty, all genres', async () => {
    const plan = await inspect(paths(), AUTO)
    expect(plan.format).toBe('imdb-by-genre')
    expect(mergeRule(plan)).toBe('by-id')
    const [heat, alien] = plan.preview
    expect(heat).toEqual({ key: 'tt1', title: 'Heat', plot: 'A robber.', genres: ['Crime', 'Drama', 'Action'] })
    expect(alien?.key).toBe('tt2')
    expect(await moviesOf(paths())).toMatchObject([heat, alien])
  })

  it('a plain table keeps a repeated id apart, unless its rows hold one genre each', async () => {
    const plan = await inspect(paths(), { ...AUTO, format: 'table' })
    expect(mergeRule(plan)).toBe('none')
    expect(plan.preview).toHaveLength(3)
    expect(mergeRule({ ...plan, genreSyntax: 'long' })).toBe('by-id')
  })

  it('reports how many bytes of all files are read', async () => {
    const plan = await inspect(paths(), AUTO)
    const heard: number[] = []
    for await (const record of readRecords(plan, (bytes) => heard.push(bytes))) expect(record.rejected).toBeNull()
    const [one, two] = plan.files.map(({ bytes }) => bytes)
    expect(heard).toEqual([one, one! + two!])
  })
})

describe('records that do not fit', () => {
  async function read(text: string): Promise<Awaited<ReturnType<typeof recordsOf>>> {
    return recordsOf(await inspect([write('misfit.csv', text)], { ...AUTO, format: 'table', mapping: { plot: 'plot', genres: 'genre' } }))
  }

  it('pads short ones, sets long ones and repeated headers aside, loses none', async () => {
    const records = await read('id,plot,genre\n 7 ,A plot,Drama\n8\n9,A,plot,Drama\n10,B,Drama,,\nid,plot,genre\n"11,open\n')
    expect(records.map(({ record, line, key, rejected }) => [record, line, key, rejected])).toEqual([
      [1, 2, '7', null],
      [2, 3, '8', null],
      [3, 4, '9', '4 fields, but the header has 3'],
      [4, 5, '10', null],
      [5, 6, 'id', 'it repeats the header'],
      [6, 7, null, 'a quote opened in line 7 is never closed'],
    ])
    expect(records[1]).toMatchObject({ plot: '', genres: [], raw: '8\n' })
  })

  it('a list row without an id cannot be joined', async () => {
    const records = await recordsOf(await inspect([write('genres.csv', 'id,genre\n,Drama\n1,War\n')], AUTO))
    expect(records.map(({ rejected }) => rejected)).toEqual(['it has no id to join it by', null])
  })

  it('reads further only while records are consumed', async () => {
    const row = `"${'word '.repeat(60)}","Drama, War"\n`
    const path = write('long.csv', 'plot,genre\n' + row.repeat(20_000))
    let read = 0
    const records = readRecords(await inspect([path], AUTO), (bytes) => (read = bytes))
    await records.next()
    // the first record arrives while almost the whole file is still unread
    expect(read).toBeLessThan(1_000_000)
    let count = 1
    for await (const record of records) count += record.rejected === null ? 1 : 0
    expect(count).toBe(20_000)
    expect(read).toBe(statSync(path).size)
  })
})
