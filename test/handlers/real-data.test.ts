/** The real catalogues through the whole engine: counts as an independent reader found them, bytes as they came. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeCompute, finished, scratch, start } from '../support/project.ts'
import { haveShared, readShared, shared } from '../real/shared.ts'

interface Golden {
  readonly records: number
  readonly empty_plot: number
  readonly no_genre: number
  readonly distinct_plots_case_space_folded: number
  readonly with_plot_and_genre: number
  readonly placeholder_or_truncated_plot: number
  readonly genre_counts: Readonly<Record<string, number>>
  readonly records_per_file?: Readonly<Record<string, number>>
}
const IMDB = ['animation', 'biography', 'compilation_movies', 'film-noir', 'history', 'sports'].map((n) => `imdb-by-genre/${n}.csv`)
const CATALOGUES: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['mymoviedb/mymoviedb.csv', ['mymoviedb/mymoviedb.csv']],
  ['movies-metadata/movies_metadata.csv', ['movies-metadata/movies_metadata.csv']],
  ['imdb-by-genre (all files, first record of each movie_id)', IMDB],
]

describe.skipIf(!haveShared)('real catalogues (skipped without ../shared)', () => {
  const golden = haveShared ? (readShared('golden/import.json') as Readonly<Record<string, Golden>>) : {}
  test.each(CATALOGUES)('%s', async (name, files) => {
    const folder = scratch()
    const engine = await start(folder, null, new FakeCompute().spawn)
    onTestFinished(() => engine.close())
    const paths = files.map((f) => join(shared, 'data', f))
    // the reference counts torn records as they stand
    const end = await finished(engine, () => engine.call('import.run', { paths, name: 'real', repairs: { torn: false } }))
    expect(end).toMatchObject({ state: 'done' })

    const report = (await engine.call('import.report', {}))!
    const want = golden[name]!
    if (files.length > 1) {
      // the reference took the first record of each movie; ours joins the genres of all
      expect(report.movies).toBe(want.records)
      for (const f of report.files) expect([f.name, f.records]).toEqual([f.name, want.records_per_file![f.name]])
      for (const [genre, count] of Object.entries(want.genre_counts)) expect(report.genreCounts[genre]).toBeGreaterThanOrEqual(count)
      expect(Object.keys(report.genreCounts).sort()).toEqual(Object.keys(want.genre_counts).sort())
    } else {
      expect([report.records, report.movies, report.emptyPlot, report.noGenre]).toEqual([
        want.records,
        want.records,
        want.empty_plot,
        want.no_genre,
      ])
      expect(report.genreCounts).toEqual(want.genre_counts)
    }

    const out = await engine.call('export.run', { what: 'catalogue', path: join(folder, 'out.csv') })
    expect(out.changedRecords).toBe(0)
    for (const [i, file] of out.files.entries()) {
      const source = paths.find((p) => out.files.length === 1 || basename(file.path) === basename(p))!
      expect([i, readFileSync(file.path).equals(readFileSync(source))]).toEqual([i, true])
    }
    expect(out.files).toHaveLength(files.length)
  })
})
