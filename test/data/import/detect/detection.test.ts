/** Tables without a known format: the roles of their columns, and how the plan explains them. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Mapping } from '../../../../src/contract/importing.ts'
import { inspect } from '../../../../src/main/data/import/detect/inspect.ts'
import { AUTO, moviesOf, recordsOf, scratchFolder } from '../../support/files.ts'

const { write } = scratchFolder()
const PLOT = 'A young woman leaves her village to find the man who once saved her life and finds herself instead.'
let files = 0

/** A file with a header such as `id,name` and the rows of `cells`, with quoted cells. */
function csv(header: string, rows: number, cells: (i: number) => readonly string[], name = `table-${++files}.csv`): string {
  const lines = Array.from({ length: rows }, (_, i) =>
    cells(i)
      .map((cell) => `"${cell.replaceAll('"', '""')}"`)
      .join(','),
  )
  return write(name, [header, ...lines, ''].join('\n'))
}
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length]!
const NO_COLUMNS: Mapping = { id: null, title: null, plot: null, genres: null, split: null }

describe('headers', () => {
  it.each<[string, Partial<Mapping>]>([
    ['identifiant,titre,résumé,genre', { id: 'identifiant', title: 'titre', plot: 'résumé', genres: 'genre' }],
    ['id,Título,Sinopsis,Géneros', { id: 'id', title: 'Título', plot: 'Sinopsis', genres: 'Géneros' }],
    ['Nr,Filmtitel,Handlung,Gattung', { title: 'Filmtitel', plot: 'Handlung', genres: 'Gattung' }],
    ['编号,标题,剧情简介,类型', { id: '编号', title: '标题', plot: '剧情简介', genres: '类型' }],
    ['番号,タイトル,あらすじ,ジャンル', { id: '番号', title: 'タイトル', plot: 'あらすじ', genres: 'ジャンル' }],
    ['ид,название,описание,жанры', { id: 'ид', title: 'название', plot: 'описание', genres: 'жанры' }],
    ['movieId,primaryTitle,plot_en,movie_genres', { id: 'movieId', title: 'primaryTitle', plot: 'plot_en', genres: 'movie_genres' }],
    ['ID,tytuł,popis,žánr', { id: 'ID', title: 'tytuł', plot: 'popis', genres: 'žánr' }],
    ['id,제목,줄거리,장르', { id: 'id', title: '제목', plot: '줄거리', genres: '장르' }],
    ['q,director_name,long,topics', { plot: 'long', genres: 'topics' }],
  ])('%s', async (header, mapping) => {
    const path = csv(header, 30, (i) => [`m${i}`, `Movie ${i}`, `${PLOT} ${i}`, cycle(['Drama, War', 'Comedy', 'War, Comedy'], i)])
    const plan = await inspect([path], AUTO)
    expect(plan.mapping).toEqual({ ...NO_COLUMNS, ...mapping })
    expect(plan.problems).toEqual([])
  })
})

describe('plots', () => {
  it('in HTML are plots, and a longer piece of markup is not', async () => {
    const player = `<iframe width="560" height="315" src="https://example.org/embed/${'x'.repeat(300)}" allowfullscreen></iframe>`
    const path = csv('id,player,about,genre', 20, (i) => [`${i}`, player, `<p>${PLOT} <b>${i}</b></p>`, cycle(['Drama', 'War'], i)])
    const plan = await inspect([path], AUTO)
    expect(plan.mapping.plot).toBe('about')
    expect(plan.reasons).toContainEqual({ code: 'plot', column: 'about', characters: expect.any(Number) as number, tags: true })
  })

  it('are not the same long text in every row', async () => {
    const path = csv('id,licence,about,genre', 20, (i) => [`${i}`, PLOT.repeat(4), `${PLOT} ${i}`, cycle(['Drama', 'War'], i)])
    expect((await inspect([path], AUTO)).mapping.plot).toBe('about')
  })

  it('are not the same text in every row, whatever its name', async () => {
    const path = csv('id,description,about,genre', 20, (i) => [`${i}`, PLOT.repeat(4), `${PLOT} ${i}`, cycle(['Drama', 'War'], i)])
    expect((await inspect([path], AUTO)).mapping.plot).toBe('about')
  })

  it('may be written without spaces', async () => {
    const path = csv('a,b,c', 20, (i) => [
      `电影${i}`,
      `一个年轻的女人离开她的村庄去寻找曾经救过她的男人，却找到了自己${i}`,
      cycle(['剧情', '喜剧', '动作'], i),
    ])
    expect((await inspect([path], AUTO)).mapping).toMatchObject({ plot: 'b' })
  })
})

describe('refusals to guess', () => {
  const names = 'Anna Berg, Tom Hill, Karl Otto Meyer, Susan Boyle, Peter Falk'
  it.each<[string, (i: number) => string, string]>([
    ['Cast', () => names, 'is another text, by its name'],
    ['主演', () => names, 'is another text, by its name'],
    ['User Reviews', (i) => `${PLOT} ${i}`, 'is another text, by its name'],
    ['script', (i) => `${PLOT.repeat(9)} ${i}`, 'is another text, by its name'],
    ['plot_keywords', () => 'lost letter, old house, long way home, first love', 'is another text, by its name'],
    ['with', (i) => `${names} ${i}`, 'holds no sentences'],
    ['公开', (i) => `1950-01-${10 + i}(中国大陆香港)`, 'holds no sentences'],
    ['about', () => PLOT, 'repeats the same texts'],
    ['about', () => 'A cat.', 'is too short'],
    ['plot', () => '', 'is empty'],
  ])('%s', async (column, cell, why) => {
    const path = csv(`id,${column},genre`, 20, (i) => [`${i}`, cell(i), cycle(['Drama', 'War'], i)])
    const { mapping, problems } = await inspect([path], AUTO)
    expect(mapping).toMatchObject({ plot: null, genres: 'genre' })
    expect(problems).toEqual([expect.stringContaining(`"${column}" ${why}`)])
  })

  it('two columns of sentences without a name are both named', async () => {
    const path = csv('a,b,genre', 20, (i) => [`${PLOT} ${i}`, `${PLOT} Part ${i}`, cycle(['Drama', 'War'], i)])
    const [problem] = (await inspect([path], AUTO)).problems
    expect(problem).toContain('"b" may hold them, "a" may hold them')
  })
})

// IMDb's own table of titles, with its columns and its \N, but invented titles: it has no plots
it("IMDb's title.basics.tsv.gz is refused with what is wrong with each column", async () => {
  const header = 'tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres'.split(' ')
  const title = (i: number): string => `${cycle(['The Quiet Harbour', 'Le clown', 'The Arrival of a Train at a Small Station'], i)} ${i}`
  const genres = (i: number): string => cycle(['Documentary,Short', 'Comedy,Drama', '\\N', 'Action,Adventure,Sci-Fi'], i)
  const rows = Array.from({ length: 60 }, (_, i) => [
    `tt${String(i + 1).padStart(7, '0')}`,
    cycle(['short', 'movie', 'tvEpisode'], i),
    title(i),
    title(i),
    '0',
    String(1894 + i),
    '\\N',
    i % 4 ? String(i) : '\\N',
    genres(i),
  ])
  const path = write('title.basics.tsv.gz', gzipSync([header, ...rows].map((row) => `${row.join('\t')}\n`).join('')))
  const plan = await inspect([path], AUTO)
  expect(plan.mapping).toEqual({ ...NO_COLUMNS, id: 'tconst', title: 'primaryTitle', genres: 'genres' })
  expect([plan.genreSyntax, plan.filterColumns]).toEqual(['comma', { year: 'startYear', type: 'titleType' }])
  expect(plan.genrePreview.map(({ name }) => name)).not.toContain('\\N')
  expect(plan.problems).toEqual([
    expect.stringMatching(
      /^No column is known to hold the plots: "primaryTitle" is too short, "originalTitle" is too short, .*Choose the column/,
    ),
  ])
})

describe('names count more than contents', () => {
  const long = (i: number): string => `${PLOT.repeat(5)} ${i}`
  it.each<[string, string, (i: number) => readonly string[], Partial<Mapping>]>([
    ['a longer text', 'id,about,Overview,genre', (i) => [long(i), `${PLOT} ${i}`, cycle(['Drama', 'War'], i)], { plot: 'Overview' }],
    ['a longer text of a vague name', 'id,text,plot,genre', (i) => [long(i), `${PLOT} ${i}`, cycle(['Drama', 'War'], i)], { plot: 'plot' }],
    ['a fuller column of plots', 'id,description,plot,genre', (i) => [i % 3 ? '' : long(i), `${PLOT} ${i}`, 'Drama'], { plot: 'plot' }],
    [
      'genres that begin with digits and signs',
      'id,language,plot,Жанры',
      (i) => [cycle(['en', 'fr'], i), `${PLOT} ${i}`, cycle(['1990s', '3D', '#drama', 'N/A', '7'], i)],
      { genres: 'Жанры' },
    ],
    [
      'genres of long names',
      'id,a,plot,genres',
      (i) => ['x', `${PLOT} ${i}`, `${cycle(['Films of persons', 'Stories of animals'], i)} who find their way home`],
      { genres: 'genres' },
    ],
    [
      'genres that vary',
      'id,labels,plot,accept',
      (i) => ['Drama|War', `${PLOT} ${i}`, cycle(['Drama|War', 'War', 'Comedy|War'], i)],
      { genres: 'accept' },
    ],
  ])('%s', async (_, header, cells, mapping) => {
    expect((await inspect([csv(header, 20, (i) => [`${i}`, ...cells(i)])], AUTO)).mapping).toMatchObject(mapping)
  })
})

describe('ids, years and types', () => {
  it('reports repeated ids, and the keys that movies get then', async () => {
    const path = csv('id,title,plot,genre', 20, (i) => [`${i % 15}`, `Movie ${i}`, `${PLOT} ${i}`, 'Drama'])
    const { reasons } = await inspect([path], AUTO)
    expect(reasons).toContainEqual({ code: 'id', column: 'id', repeats: 5, of: 20, joined: false })
  })

  it('finds columns of years and types for filters', async () => {
    const path = csv('id,type,release_date,plot,genre', 20, (i) => [
      `${i}`,
      cycle(['movie', 'short'], i),
      `12/${i + 1}/1999`,
      `${PLOT} ${i}`,
      'Drama',
    ])
    const plan = await inspect([path], AUTO)
    expect(plan.filterColumns).toEqual({ year: 'release_date', type: 'type' })
    expect(plan.reasons).toContainEqual({ code: 'filter-column', filter: 'year', column: 'release_date' })
  })

  it('does not recognise other words as years', async () => {
    const path = csv('id,type,year,plot,genre', 20, (i) => [`${i}`, `${i}`, 'unknown', `${PLOT} ${i}`, 'Drama'])
    expect((await inspect([path], AUTO)).filterColumns).toEqual({ year: null, type: null })
  })
})

describe('one-hot tables', () => {
  const header = 'id,title,adult,plot,genre_Drama,genre_Sci-Fi,genre_War'
  const flags = [
    ['1', '0', '0'],
    ['0', '1', '1'],
    ['0', '0', '0'],
  ] as const
  const path = (): string => csv(header, 21, (i) => [`${i}`, `Movie ${i}`, cycle(['0', '1'], i), `${PLOT} ${i}`, ...cycle(flags, i)])

  it('are found, explained and read', async () => {
    const plan = await inspect([path()], AUTO)
    expect(plan).toMatchObject({ genreSyntax: 'one-hot', genreColumns: ['genre_Drama', 'genre_Sci-Fi', 'genre_War'], problems: [] })
    expect(plan.mapping).toEqual({ ...NO_COLUMNS, id: 'id', title: 'title', plot: 'plot' })
    expect(plan.reasons).toContainEqual({ code: 'genre-columns', columns: 3, perMovie: 1, examples: ['Drama', 'Sci-Fi', 'War'] })
    expect((await recordsOf(plan)).slice(0, 4).map(({ genres }) => genres)).toEqual([['Drama'], ['Sci-Fi', 'War'], [], ['Drama']])
    expect(plan.genrePreview).toContainEqual({ name: 'Sci-Fi', count: 7, becomes: ['Science Fiction'], unusual: null })
  })

  it('leave out what other flags say', async () => {
    const path = csv('id,plot,adult,Drama,Comedy,video,War', 20, (i) => [
      `${i}`,
      `${PLOT} ${i}`,
      ...['0', '1', '0', '1', '1'].map((f, j) => cycle([f, '0', '1'], i + j)),
    ])
    expect((await inspect([path], AUTO)).genreColumns).toEqual(['Drama', 'Comedy', 'War'])
  })

  it('use the columns that the user names', async () => {
    const plan = await inspect([path()], { ...AUTO, genreColumns: ['GENRE_war', 'adult'] })
    expect(plan).toMatchObject({ genreSyntax: 'one-hot', genreColumns: ['genre_War', 'adult'] })
    expect((await recordsOf(plan))[1]!.genres).toEqual(['War', 'adult'])
    await expect(inspect([path()], { ...AUTO, genreColumns: ['Nope'] })).rejects.toMatchObject({ code: 'unknown-column' })
  })

  it('must have at least one genre column', async () => {
    const plain = csv('id,plot', 5, (i) => [`${i}`, `${PLOT} ${i}`])
    const { problems } = await inspect([plain], { ...AUTO, genreSyntax: 'one-hot' })
    expect(problems).toEqual(['No columns of flags were found, one for each genre: choose them, or how the genres are written'])
  })
})

describe('several columns of genres', () => {
  const several = (header: string): string =>
    csv(`id,plot,${header}`, 20, (i) => [
      `${i}`,
      `${PLOT} ${i}`,
      cycle(['Drama', 'War', 'Crime'], i),
      cycle(['Horror', ''], i),
      cycle(['', 'War', 'Family'], i),
    ])

  it.each([
    'genre1,genre2,genre3',
    'genre_1,genre_2,genre_3',
    'Main Genre,Sub Genre,Third Genre',
    'genre,genres_2,genres_3',
    'genres/0,genres/1,genres/2',
    'GenreA,GenreB,GenreC',
    'жанр1,жанр2,жанр3',
  ])('%s are united', async (header) => {
    const plan = await inspect([several(header)], AUTO)
    expect(plan).toMatchObject({ genreSyntax: 'single', genreColumns: header.split(','), mapping: { genres: header.split(',')[0] } })
    expect((await recordsOf(plan)).slice(0, 3).map(({ genres }) => genres)).toEqual([
      ['Drama', 'Horror'],
      ['War'],
      ['Crime', 'Horror', 'Family'],
    ])
    expect(plan.reasons).toContainEqual(expect.objectContaining({ code: 'genres', column: header.replaceAll(',', ', '), perCell: 2.2 }))
  })

  it('are those that the user names, which need no name that says so', async () => {
    const path = several('a,b,c')
    expect(await inspect([path], { ...AUTO, genreColumns: ['a', 'c'] })).toMatchObject({ genreSyntax: 'single', genreColumns: ['a', 'c'] })
    const one = await inspect([several('genre1,genre2,genre3')], { ...AUTO, mapping: { genres: 'genre2' } })
    expect(one).toMatchObject({ genreColumns: [], mapping: { genres: 'genre2' } })
  })

  it('are one where the second repeats genres of the first', async () => {
    const path = csv('id,plot,main_genre,genres', 20, (i) => [
      `${i}`,
      `${PLOT} ${i}`,
      cycle(['Drama', 'War'], i),
      cycle(['Drama|Crime', 'War'], i),
    ])
    expect(await inspect([path], AUTO)).toMatchObject({ genreColumns: [], mapping: { genres: 'genres' } })
  })
})

describe('one genre in each cell of a column without a name', () => {
  const table = (names: readonly string[]): string => csv('a,plot,c', 9, (i) => [`${i}`, `${PLOT} ${i}`, cycle(names, i)])

  it('is recognised by common names, also where few of them repeat', async () => {
    const plan = await inspect([table(['drama', 'comedy', 'horror', 'war', 'crime', 'family'])], AUTO)
    expect(plan).toMatchObject({ genreSyntax: 'single', mapping: { genres: 'c' } })
  })
  it('is not assumed for other names', async () => {
    const { mapping } = await inspect([table(['France', 'Spain', 'Italy'])], AUTO)
    expect(mapping.genres).toBeNull()
  })
})

describe('a row for each genre', () => {
  it('is recognised in one table with plots, and its rows are joined', async () => {
    const path = csv('id,title,plot,genre', 30, (i) => [`${i >> 1}`, `Movie ${i >> 1}`, `${PLOT} ${i >> 1}`, cycle(['Drama', 'War'], i)])
    const plan = await inspect([path], AUTO)
    expect(plan).toMatchObject({ genreSyntax: 'long', problems: [] })
    expect(plan.reasons).toContainEqual({ code: 'id', column: 'id', repeats: 15, of: 30, joined: true })
    const movies = await moviesOf([path])
    expect(movies).toHaveLength(15)
    expect(movies[3]).toMatchObject({ key: '3', title: 'Movie 3', genres: ['Drama', 'War'] })
  })

  it('is joined by title and plot where ids are missing or number the rows', async () => {
    const rows = (i: number): string[] => [`Movie ${i >> 1}`, `${PLOT} ${i >> 1}`, cycle(['Drama', 'War'], i)]
    for (const path of [csv('title,plot,genre', 30, rows), csv('id,title,plot,genre', 30, (i) => [`${i}`, ...rows(i)])]) {
      const plan = await inspect([path], AUTO)
      expect(plan).toMatchObject({ genreSyntax: 'long', mapping: { id: null }, forecast: { records: 30, movies: 15 }, problems: [] })
      expect(plan.reasons).toContainEqual({ code: 'id', column: null, repeats: 0, of: 0, joined: true })
    }
  })

  it('is not assumed for copies of a movie', async () => {
    const path = csv('title,plot,genre', 30, (i) => [`Movie ${i >> 1}`, `${PLOT} ${i >> 1}`, cycle(['Drama', 'War'], i >> 1)])
    expect((await inspect([path], AUTO)).genreSyntax).toBe('single')
  })

  it('is not assumed for ids that repeat for another reason', async () => {
    const path = csv('id,title,plot,genre', 30, (i) => [`${i >> 1}`, `Movie ${i}`, `${PLOT} ${i}`, cycle(['Drama', 'War'], i)])
    expect((await inspect([path], AUTO)).genreSyntax).toBe('single')
  })
})

describe('wide tables', () => {
  it('of 10,000 columns are planned like any other', async () => {
    const columns = Array.from({ length: 10_000 }, (_, i) => (i === 7000 ? 'overview' : i === 9000 ? 'genres' : i === 3 ? 'id' : `c${i}`))
    const path = csv(columns.join(','), 30, (row) =>
      columns.map((name) => (name === 'overview' ? `${PLOT} ${row}` : name === 'genres' ? 'Drama|War' : `${row}`)),
    )
    const plan = await inspect([path], AUTO)
    expect(plan).toMatchObject({ mapping: { id: 'id', plot: 'overview', genres: 'genres' }, genreSyntax: 'pipe', problems: [] })
    expect(JSON.stringify({ ...plan, files: [], preview: [] }).length).toBeLessThan(5000)
  })
})

describe('long files', () => {
  it('are not read to their end for the plan; an invalid byte there rejects its record', async () => {
    const line = `1,${'é'.repeat(4000)} and the rest of it,Drama\n`
    const text = Buffer.from('id,plot,genre\n' + line.repeat(Math.ceil((17 << 20) / Buffer.byteLength(line))))
    const path = write('late.csv', Buffer.concat([text, Buffer.from('last,caf\xe9,War\n', 'latin1')]))
    const plan = await inspect([path], AUTO)
    expect(plan.files[0]!.encoding).toBe('utf-8')
    expect(plan.reasons).toContainEqual({
      code: 'encoding',
      file: 'late.csv',
      chosen: null,
      evidence: { code: 'valid-beginning', megabytes: 16 },
    })
    const records = await recordsOf(plan)
    expect(records.filter(({ rejected }) => rejected !== null)).toEqual([expect.objectContaining({ record: records.length })])
  })
})

describe('several files', () => {
  const rows = (i: number): string[] => [`${i}`, `Movie ${i}`, `${PLOT} ${i}`, cycle(['Drama', 'War'], i)]

  it('of one header are one catalogue, whatever the order of their columns', async () => {
    const a = csv('id,title,plot,genre', 3, rows)
    const b = csv('genre,Plot,id,title', 3, (i) => ['Comedy', `${PLOT} b${i}`, `b${i}`, `Other ${i}`])
    const plan = await inspect([a, b], AUTO)
    expect(plan.problems).toEqual([])
    expect((await recordsOf(plan)).map(({ key, genres, title }) => [key, title, ...genres])).toEqual([
      ['0', 'Movie 0', 'Drama'],
      ['1', 'Movie 1', 'War'],
      ['2', 'Movie 2', 'Drama'],
      ['b0', 'Other 0', 'Comedy'],
      ['b1', 'Other 1', 'Comedy'],
      ['b2', 'Other 2', 'Comedy'],
    ])
  })

  it('of different headers are refused, naming what differs', async () => {
    const a = csv('id,title,plot,genre,year', 3, (i) => [...rows(i), '1999'], 'a.csv')
    const b = csv('id,title,plot,genre,jahr,land', 3, (i) => [...rows(i), '1999', 'DE'], 'b.csv')
    expect((await inspect([a, b], AUTO)).problems).toEqual([
      'b.csv has other columns than a.csv: it lacks "year" and it has "jahr", "land" besides. Import it on its own, or give both the same header; a table of plots and a table of genres are joined if both have a column of the same ids: choose both columns if they are not found',
    ])
  })
})

describe('genres of the first records', () => {
  it('are listed with their cleaned names, and those to check are first', async () => {
    const cells = ['Sci-Fi, Drama', 'drama, War', 'Sci-Fi', 'Arts, Entertainment, and Culture', 'Crime/Noir', 'Fiction > Crime']
    const path = csv('id,plot,genre', 30, (i) => [`${i}`, `${PLOT} ${i}`, cycle(cells, i)])
    const plan = await inspect([path], AUTO)
    expect(plan.protectedNames).toEqual([
      { name: 'Arts, Entertainment, and Culture', count: 5, why: '"and Culture" goes on where "Entertainment" ends (5 times)' },
    ])
    expect(plan.genrePreview).toEqual([
      {
        name: 'Arts, Entertainment, and Culture',
        count: 5,
        becomes: ['Arts, Entertainment, and Culture'],
        unusual: 'holds ",", which separates genres',
      },
      { name: 'Crime/Noir', count: 5, becomes: ['Crime/Noir'], unusual: 'holds "/"' },
      { name: 'Fiction > Crime', count: 5, becomes: ['Fiction > Crime'], unusual: 'has a genre above it' },
      { name: 'Sci-Fi', count: 10, becomes: ['Science Fiction'], unusual: null },
      { name: 'Drama', count: 5, becomes: ['Drama'], unusual: null },
      { name: 'drama', count: 5, becomes: ['Drama'], unusual: null },
      { name: 'War', count: 5, becomes: ['War'], unusual: null },
    ])
  })

  it('the user decides which names are kept whole', async () => {
    const path = csv('id,plot,genre', 30, (i) => [`${i}`, `${PLOT} ${i}`, cycle(['Film, TV, Drama', 'Drama, War', 'Arts, and Crafts'], i)])
    const none = await inspect([path], { ...AUTO, protectedNames: [] })
    expect(none.preview.slice(0, 3).map(({ genres }) => genres)).toEqual([
      ['Film', 'TV', 'Drama'],
      ['Drama', 'War'],
      ['Arts', 'and Crafts'],
    ])
    const chosen = await inspect([path], { ...AUTO, protectedNames: ['Film, TV'] })
    expect(chosen.protectedNames).toEqual([{ name: 'Film, TV', count: 10, why: 'as chosen' }])
    expect(chosen.preview.slice(0, 3).map(({ genres }) => genres)).toEqual([
      ['Film, TV', 'Drama'],
      ['Drama', 'War'],
      ['Arts', 'and Crafts'],
    ])
  })
})
