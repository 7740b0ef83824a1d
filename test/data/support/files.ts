import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { ImportPlan } from '../../../src/contract/importing.ts'
import { inspect, type ImportChoices } from '../../../src/main/data/import/detect/inspect.ts'
import { mergeRule, readRecords, type SourceRecord } from '../../../src/main/data/import/records/read.ts'
import { root } from '../../support/paths.ts'
import type { Counts, Expected } from './catalogue-suite.ts'

export const AUTO: ImportChoices = { format: 'auto', mapping: {}, genreSyntax: 'auto' }

const IMDB_FILES = ['animation', 'biography', 'compilation_movies', 'film-noir', 'history', 'sports']
/** Paths of the catalogues of a folder: published ones, or small ones with the same layout and oddities. */
export const catalogues = (folder: string) =>
  ({
    mymoviedb: [join(folder, 'mymoviedb/mymoviedb.csv')],
    /** `mymoviedb` after a spreadsheet read and wrote it. */
    broken: [join(folder, 'mymoviedb/mymoviedb.semicolon-broken.csv')],
    imdb: IMDB_FILES.map((name) => join(folder, `imdb-by-genre/${name}.csv`)),
    metadata: [join(folder, 'movies-metadata/movies_metadata.csv')],
    letterboxdOne: [join(folder, 'letterboxd/synthesis_data.csv')],
    letterboxdGenres: [join(folder, 'letterboxd/genres.csv')],
  }) as const
/** The folder of the small catalogues, with invented movies. */
export const smallFolder = join(root, 'test/fixtures/catalogues')
/** What an independent reader found in them (test/fixtures/catalogues/make.py). */
export function smallExpectations() {
  return JSON.parse(readFileSync(join(smallFolder, 'expected.json'), 'utf8')) as {
    readonly counts: Readonly<Record<string, Counts & { distinct_ids: number; placeholder_plots: number; truncated_plots: number }>>
    readonly repairs: Expected['repairs']
    readonly cleaning: Pick<Expected['cleaning'], 'metadata'>
  }
}

/** A folder that goes when the tests of the file have ended. */
export function scratchFolder(): { readonly folder: string; readonly write: (name: string, content: string | Buffer) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-data-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  return { folder, write }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function recordsOf(plan: ImportPlan): Promise<SourceRecord[]> {
  return collect(readRecords(plan))
}

export interface Movie {
  movie: number
  key: string
  title: string
  plot: string
  genres: string[]
  /** Genres of the first record alone. */
  readonly own: readonly string[]
}
/** The plan's movies, merged by id where its rule says so. */
export async function moviesOf(paths: readonly string[], userChoices: ImportChoices = AUTO): Promise<Movie[]> {
  const plan = await inspect(paths, userChoices)
  const byId = mergeRule(plan) === 'by-id'
  const movies = new Map<string, Movie>()
  for await (const { file, record, key, title, plot, genres, rejected } of readRecords(plan)) {
    if (rejected !== null) continue
    const id = byId && key !== null ? key : `${file}:${record}`
    const movie = movies.get(id)
    if (!movie) {
      movies.set(id, { movie: movies.size, key: key ?? `row-${record}`, title, plot, genres: [...genres], own: genres })
      continue
    }
    movie.title ||= title
    movie.plot ||= plot
    movie.genres = [...new Set([...movie.genres, ...genres])]
  }
  return [...movies.values()]
}

export function countGenres(lists: Iterable<readonly string[]>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const list of lists) for (const genre of list) counts[genre] = (counts[genre] ?? 0) + 1
  return counts
}
