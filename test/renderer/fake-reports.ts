import type { CleanReport, ImportPlan, ImportReport, Mapping } from '../../src/contract/importing.ts'
import type { Comparison, Difference } from '../../src/contract/records.ts'
import { GENRES } from './fake-data.ts'

export const plan = (paths: readonly string[], mapping: { [K in keyof Mapping]?: Mapping[K] | undefined }): ImportPlan => {
  const plot = mapping.plot === undefined ? 'Overview' : mapping.plot
  return {
    format: '9000-movies',
    formatName: '9000+ Movies Dataset',
    reasons: ['The columns are those of the 9000+ Movies Dataset.', 'Overview holds the longest texts: it is the plot.'],
    files: paths.map((path) => ({
      path,
      name: path.slice(path.lastIndexOf('/') + 1),
      role: 'movies',
      bytes: 3_800_000,
      delimiter: ',',
      bom: false,
      columns: ['Release_Date', 'Title', 'Overview', 'Popularity', 'Genre'],
    })),
    mapping: { id: null, title: 'Title', plot, genres: 'Genre', split: null, ...(mapping as Partial<Mapping>) },
    genreSyntax: 'comma',
    preview: [
      {
        key: 'row-1',
        title: 'The Harbour',
        plot: 'A retired detective returns to the harbour town where his brother was murdered.',
        genres: ['Crime', 'Drama'],
      },
      { key: 'row-2', title: 'Signal', plot: 'When a distant signal wakes the ship, the crew must decide.', genres: ['Science Fiction'] },
    ],
    problems: plot === null ? ['No column holds the plot. Choose one under “Plot column”.'] : [],
  }
}
export const cleanReport: CleanReport = {
  movies: 420,
  kept: 400,
  rules: [
    {
      rule: 'missing',
      title: 'Missing plot or genre',
      description: 'Leaves out movies without a plot or without any genre.',
      on: true,
      effect: 'removes',
      count: 12,
      examples: [],
    },
    {
      rule: 'placeholder',
      title: 'Placeholder plots',
      description: 'Leaves out plots such as “Add a plot”.',
      on: true,
      effect: 'removes',
      count: 6,
      examples: [{ key: 'row-9', title: 'Untitled', before: 'Add a Plot', after: '' }],
    },
    {
      rule: 'truncated',
      title: 'Truncated plots',
      description: 'Cuts “See full summary” from the end.',
      on: false,
      effect: 'changes',
      count: 31,
      examples: [{ key: 'row-3', title: 'Long', before: 'He leaves... See full summary »', after: 'He leaves...' }],
    },
    {
      rule: 'genre-alias',
      title: 'Genre spellings',
      description: 'Merges spellings of one genre.',
      on: true,
      effect: 'changes',
      count: 4,
      examples: [],
    },
    {
      rule: 'exact-duplicate',
      title: 'Exact duplicates',
      description: 'Keeps one of several equal movies.',
      on: true,
      effect: 'removes',
      count: 2,
      examples: [],
    },
  ],
}
export const importReport: ImportReport = {
  format: '9000-movies',
  files: [{ name: 'movies.csv', records: 424, setAside: 2 }],
  records: 424,
  movies: 420,
  emptyPlot: 10,
  noGenre: 2,
  genreCounts: {},
  setAside: [{ file: 'movies.csv', line: 88, why: '3 fields instead of 5', raw: 'broken,line,here' }],
  split: 'made',
  clean: cleanReport,
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
