import { describe, expect, it } from 'vitest'
import { readGenreNames } from '../../../../src/main/data/import/detect/genre-names-file.ts'
import { scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()

describe('a file of genre names', () => {
  it.each([
    ['the answer of TMDB', 'tmdb.json', '{"genres":[{"id":28,"name":"Action"},{"id":12,"name":"Adventure"}]}'],
    ['a list', 'list.json', '[{"name":"Action","id":28},\n{"name":"Adventure","id":12}]'],
    ['objects one after another', 'lines.jsonl', '{"id":28,"name":"Action"}\n{"id":12,"name":"Adventure"}\n'],
    ['one object', 'flat.json', '{"28": "Action",\n "12": " Adventure"}'],
    ['CSV', 'a.csv', 'id,name\n28,Action\n12,Adventure\n'],
    ['CSV with other columns', 'b.csv', ',Name,ID\n0,Action,28\n1,Adventure,12\n'],
    ['a table with other names', 'c.tsv', 'genre\tmeaning\n28\tAction\n12\tAdventure\n'],
    ['a table without a header', 'd.csv', '28;Action\n12;Adventure\n'],
  ])('is read: %s', async (_, name, text) => {
    expect(Object.fromEntries(await readGenreNames(write(name, text)))).toEqual({ 28: 'Action', 12: 'Adventure' })
  })

  it('has as many names as it likes', async () => {
    const lines = Array.from({ length: 700 }, (_, i) => `${i},Genre ${i}\n`)
    expect((await readGenreNames(write('many.csv', `id,name\n${lines.join('')}`))).get('699')).toBe('Genre 699')
  })

  it.each([
    ['a record without a name', 'id,name\n28,Action\n12,\n', 'names.txt, line 3, has no id and name of a genre'],
    ['a record that is broken', 'id,name\n28,Action\n12,Adventure,Quest,More\n', 'names.txt, line 3, has no id'],
    ['one column', 'name\nAction\nAdventure\n', 'names.txt, line 2, has no id'],
    ['no record', 'id,name\n', 'names.txt has no id and name of a genre: choose a table with the columns id and name'],
    ['ids without names', '{"28": {"en": "Action"}, "12": ""}', 'names.txt, line 1, has no id'],
  ])('is refused: %s', async (_, text, message) => {
    await expect(readGenreNames(write('names.txt', text))).rejects.toThrow(message)
  })
})
