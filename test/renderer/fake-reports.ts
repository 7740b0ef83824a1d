import type { Args } from '../../src/contract/api.ts'
import type { CleaningReport } from '../../src/contract/cleaning.ts'
import type { ImportLogEntry, ImportPlan, ImportReport, Mapping, RepairOffer } from '../../src/contract/importing.ts'
import type { Comparison, Difference } from '../../src/contract/records.ts'
import { GENRES } from './fake-data.ts'

const COLUMNS = ['Release_Date', 'Title', 'Overview', 'Popularity', 'Genre']
export const plan = ({ paths, mapping, ...wish }: Args<'import.inspect'>): ImportPlan => {
  const plot = mapping.plot === undefined ? 'Overview' : mapping.plot
  const auto = <T extends string>(wanted: T | 'auto', found: T): T => (wanted === 'auto' ? found : wanted)
  return {
    format: '9000-movies',
    formatName: '9000+ Movies Dataset',
    reasons: [
      'format: 9000+ Movies Dataset, by the columns Title, Overview, Genre',
      'plots: Overview, 270 characters on average',
      'genres: Genre, separated by commas, 2.6 on average, such as Drama, Comedy, Action',
      'titles: Title',
      'ids: none, so movies are called row-1, row-2 and so on',
    ],
    files: paths.map((path) => ({
      path,
      name: path.slice(path.lastIndexOf('/') + 1),
      role: 'movies',
      bytes: 3_800_000,
      kind: path.endsWith('.xlsx') ? 'xlsx' : 'csv',
      packing: path.endsWith('.gz') ? 'gzip' : 'none',
      entry: path.endsWith('.xlsx') ? 'Sheet1' : null,
      encoding: auto(wish.encoding, 'utf-8'),
      delimiter: auto(wish.delimiter, ','),
      escape: '"',
      bom: false,
      header: true,
      columns: path.includes('wide') ? [...COLUMNS, ...Array.from({ length: 9995 }, (_, i) => `column ${i + 6}`)] : COLUMNS,
      repairs: { mojibake: true, torn: true, 'broken-quotes': true, ...wish.repairs },
    })),
    mapping: { id: null, title: 'Title', plot, genres: 'Genre', split: null, ...(mapping as Partial<Mapping>) },
    genreSyntax: auto(wish.genreSyntax, 'comma'),
    genreColumns: wish.genreSyntax === 'one-hot' ? (wish.genreColumns.length > 0 ? wish.genreColumns : ['Popularity']) : [],
    remembered: paths.some((p) => p.includes('again')),
    headerKey: 'h1',
    protectedNames:
      wish.protectedNames === 'auto'
        ? [{ name: 'Arts, Entertainment, and Culture', count: 4, why: 'its parts never stand alone' }]
        : wish.protectedNames.map((name) => ({ name, count: 4, why: 'as chosen' })),
    filterColumns: { year: 'Release_Date', type: null },
    genrePreview: [
      { name: 'Arts, Entertainment, and Culture', count: 4, becomes: ['Arts, Entertainment, and Culture'], unusual: 'holds “,”' },
      { name: 'sci-fi', count: 9, becomes: ['Science Fiction'], unusual: null },
      ...GENRES.map((g, i) => ({ name: g.name, count: 190 - i * 9, becomes: [g.name], unusual: null })),
    ],
    offers: paths.some((p) => p.includes('torn')) ? offers.map((o) => ({ ...o, file: 'torn.csv' })) : [],
    log: paths.some((p) => p.includes('torn')) ? log : [],
    preview: [
      {
        key: 'row-1',
        title: 'The Harbour',
        plot: 'A retired detective returns to the harbour town where his brother was murdered.',
        genres: ['Crime', 'Drama'],
      },
      { key: 'row-2', title: 'Signal', plot: 'When a distant signal wakes the ship, the crew must decide.', genres: ['Science Fiction'] },
    ],
    problems: plot === null ? ['No column was found to hold the plots: choose one of Title, Overview'] : [],
  }
}
const offers: readonly RepairOffer[] = [
  {
    repair: 'mojibake',
    count: 12,
    why: 'On, because each of them reads as words afterwards.',
    examples: [12, 40].map((line) => ({
      line,
      before: `${line},PokÃ©mon: the cafÃ©,A trainer looks for a friend,Animation`,
      after: `${line},Pokémon: the café,A trainer looks for a friend,Animation`,
    })),
  },
  {
    repair: 'torn',
    count: 1,
    why: 'On, because both pieces together have as many cells as the header.',
    examples: [
      {
        line: 88,
        before: '88,Signal,When a distant signal wakes the ship,\nthe crew must decide,Thriller',
        after: '88,Signal,"When a distant signal wakes the ship,\nthe crew must decide",Thriller',
      },
    ],
  },
]
const log: readonly ImportLogEntry[] = [
  { file: 'torn.csv', line: 102, lines: 1, what: 'rejected', why: '3 cells instead of 5', before: 'broken,line,here', after: '' },
  { file: 'torn.csv', line: 140, lines: 1, what: 'padded', why: '4 cells instead of 5', before: '9,A,B,C', after: '9,A,B,C,' },
]
const clean: CleaningReport = { movies: 420, kept: 400, steps: [] }
export const importReport: ImportReport = {
  format: '9000-movies',
  files: [{ name: 'movies.csv', records: 424, rejected: 2 }],
  records: 424,
  movies: 420,
  emptyPlot: 10,
  noGenre: 2,
  genreCounts: {},
  rejected: [{ file: 'movies.csv', line: 88, why: '3 fields instead of 5', raw: 'broken,line,here' }],
  split: 'made',
  clean,
}
const difference = (old: number, change: number): Difference => ({
  old,
  new: old + change,
  difference: change,
  low: change - 0.008,
  high: change + 0.008,
})
export const comparison = (a: number, b: number): Comparison => ({
  a,
  b,
  part: 'test',
  movies: 80,
  resamples: 2000,
  seed: 42,
  verdict: 'better',
  corrected: { microF1: difference(0.61, 0.021), macroF1: difference(0.55, 0.012), jaccard: difference(0.47, 0.015) },
  source: { microF1: difference(0.6, -0.004), macroF1: difference(0.54, -0.002), jaccard: difference(0.46, 0.001) },
  perGenre: GENRES.map((g, i) => ({ genre: g.name, support: 20 + i, old: 0.5, new: 0.5 + ((i % 7) - 2) / 50 })),
})
