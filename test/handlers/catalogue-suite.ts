import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { IMDB, type Counts } from '../data/support/catalogue-suite.ts'
import { catalogues } from '../data/support/files.ts'
import { exportOf, FakeCompute, finished, scratch, start } from '../support/project.ts'

/** Declares tests that import the catalogues of `folder` with the whole engine and export them byte for byte. */
export function engineSuite(folder: string, counts: Readonly<Record<string, Counts>>): void {
  const { mymoviedb, metadata, imdb } = catalogues(folder)
  test.each([
    ['mymoviedb/mymoviedb.csv', mymoviedb],
    ['movies-metadata/movies_metadata.csv', metadata],
    [IMDB, imdb],
  ])('%s, through the whole engine', async (name, paths) => {
    const target = scratch()
    const engine = await start(target, null, new FakeCompute().spawn)
    onTestFinished(() => engine.close())
    // the independent reader counts the pieces of a torn record as records
    const end = await finished(engine, () => engine.call('import.run', { paths: [...paths], name: 'real', repairs: { torn: false } }))
    expect(end).toMatchObject({ state: 'done' })

    const report = (await engine.call('import.report', {}))!
    const want = counts[name]!
    if (paths.length > 1) {
      // the independent reader takes the genres of each movie's first record; the import joins those of all its records
      expect(report.movies).toBe(want.records)
      for (const f of report.files) expect([f.name, f.records]).toEqual([f.name, want.records_per_file![f.name]])
      for (const [genre, count] of Object.entries(want.genre_counts)) expect(report.genreCounts[genre]).toBeGreaterThanOrEqual(count)
      expect(Object.keys(report.genreCounts).sort()).toEqual(Object.keys(want.genre_counts).sort())
    } else {
      const { records, empty_plot, no_genre } = want
      expect([report.records, report.movies, report.emptyPlot, report.noGenre]).toEqual([records, records, empty_plot, no_genre])
      expect(report.genreCounts).toEqual(want.genre_counts)
    }

    const out = await exportOf(engine, { what: 'catalogue', path: join(target, 'out.csv') })
    expect(out.changedRecords).toBe(0)
    for (const [i, file] of out.files.entries()) {
      const source = paths.find((p) => out.files.length === 1 || basename(file.path) === basename(p))!
      expect([i, readFileSync(file.path).equals(readFileSync(source))]).toEqual([i, true])
    }
    expect(out.files).toHaveLength(paths.length)
  })
  test('mymoviedb.csv with the default choices, its torn record joined: byte for byte, and one label changes one genre cell', async () => {
    const target = scratch()
    const engine = await start(target, null, new FakeCompute().spawn)
    onTestFinished(() => engine.close())
    await finished(engine, () => engine.call('import.run', { paths: [...mymoviedb], name: 'real' }))
    const exported = async (): Promise<string> => {
      await exportOf(engine, { what: 'catalogue', path: join(target, 'out.csv') })
      return readFileSync(join(target, 'out.csv'), 'utf8')
    }
    const source = readFileSync(mymoviedb[0], 'utf8')
    expect((await exported()) === source).toBe(true)

    const { movie } = await engine.call('review.find', { key: 'row-1' })
    const { labels } = await engine.call('review.movie', { movie })
    const genre = (await engine.call('project.info', {})).genres.find(({ name }) => !labels.includes(name))!
    await engine.call('labels.apply', { changes: [{ field: 'label', movie, genre: genre.id, to: true }] })
    const [before, after] = [source, await exported()].map((text) => text.split('\n'))
    expect(after!.flatMap((line, i) => (line === before![i] ? [] : [line.includes(`, ${genre.name}"`)]))).toEqual([true])
  })
}
