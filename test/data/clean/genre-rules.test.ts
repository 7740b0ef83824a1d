import { describe, expect, it } from 'vitest'
import { previewGenres } from '../../../src/main/data/clean/genre-preview.ts'
import { catalogue, cleanAll, off, on } from './support.ts'

const movies = catalogue(
  ['a', 'Sci-Fi', 'Slasher', 'Drama'],
  ['b', 'Slasher'],
  ['c', 'drama', 'Sci-Fi & Fantasy'],
  ['d', 'Drama', 'Misc'],
  ['e', 'Misc'],
)
/** Merge, parent, split and drop. */
const table = {
  'sci-fi': ['Science Fiction'],
  Slasher: ['Slasher', 'Horror'],
  'Sci-Fi & Fantasy': ['Science Fiction', 'Fantasy'],
  Misc: [],
}

describe('genres', () => {
  const genres = async (...steps: Parameters<typeof cleanAll>[1]): Promise<string[]> =>
    (await cleanAll(movies, steps)).fates.map((f) => f.genres.join('|'))

  it('a table renames, merges, splits, drops and adds the genre above', async () => {
    expect(await genres(on('genre-table', { table }))).toEqual([
      'Science Fiction|Slasher|Horror|Drama',
      'Slasher|Horror',
      'drama|Science Fiction|Fantasy',
      'Drama',
      '',
    ])
  })
  it('two ways to write the signs of a name are one genre, by the most frequent one', async () => {
    const names = ["Children's", 'Children’s', 'Children’s', 'Children&#39;s', 'Sci‑Fi']
    const { fates } = await cleanAll(
      names.map((name, i) => ({ ...movies[i]!, genres: [name] })),
      [on('genre-alias')],
    )
    expect(fates.map((f) => f.genres.join())).toEqual([...Array<string>(4).fill('Children’s'), 'Science Fiction'])
  })
  it('an exact name of the table has priority over one in another case', async () => {
    const both = on('genre-table', { table: { Drama: ['Drama'], DRAMA: ['Play'] } })
    expect((await genres(both)).slice(2, 4)).toEqual(['Play|Sci-Fi & Fantasy', 'Drama|Misc'])
  })
  it('rare genres are removed, counted after the previous steps, and the next rule removes movies without a genre', async () => {
    const rare = on('rare-genres', { movies: 2 })
    expect(await genres(rare)).toEqual(['Slasher|Drama', 'Slasher', '', 'Drama|Misc', 'Misc'])
    expect(await genres(on('genre-alias'), rare)).toEqual(['Slasher|Drama', 'Slasher', 'Drama', 'Drama|Misc', 'Misc'])
    const { fates } = await cleanAll(movies, [rare, on('missing')])
    expect(fates.map((f) => f.out)).toEqual([null, null, 'missing', null, null])
  })
  it('reports the new name of each genre, so that decisions follow it', async () => {
    const { cleaned } = await cleanAll(movies, [on('genre-table', { table }), on('genre-alias'), off('rare-genres')])
    expect(['Sci-Fi', 'Slasher', 'Misc', 'drama', 'Sci-Fi & Fantasy', 'Never seen'].map(cleaned.genreTarget)).toEqual([
      ['Science Fiction'],
      ['Slasher', 'Horror'],
      [],
      ['Drama'],
      ['Science Fiction', 'Fantasy'],
      ['Never seen'],
    ])
  })
})

describe('preview of genres', () => {
  const lists = movies.map((m) => ({ genres: m.genres, movies: 10 }))
  it('counts movies before and after, and reports the source of each genre', async () => {
    const preview = await previewGenres(lists, [on('genre-table', { table }), on('genre-alias'), on('missing')])
    expect(preview).toMatchObject({ movies: 50, changed: 50, emptied: 10 })
    expect(preview.before.find((g) => g.name === 'Slasher')).toEqual({ name: 'Slasher', count: 20, becomes: ['Slasher', 'Horror'] })
    expect(preview.after.find((g) => g.name === 'Science Fiction')).toEqual({
      name: 'Science Fiction',
      count: 20,
      from: ['Sci-Fi', 'Sci-Fi & Fantasy'],
    })
    expect(preview.after.find((g) => g.name === 'Drama')).toMatchObject({ count: 30, from: ['Drama', 'drama'] })
  })
  it('has the same result as cleaning', async () => {
    const steps = [on('genre-alias'), on('rare-genres', { movies: 2 }), off('genre-table', { table })]
    const { fates } = await cleanAll(movies, steps)
    const preview = await previewGenres(
      movies.map((m) => ({ genres: m.genres, movies: 1 })),
      steps,
    )
    const counts = new Map<string, number>()
    for (const f of fates) for (const g of f.genres) counts.set(g, (counts.get(g) ?? 0) + 1)
    expect(new Map(preview.after.map((g) => [g.name, g.count]))).toEqual(counts)
  })
})
