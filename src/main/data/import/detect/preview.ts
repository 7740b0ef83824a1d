/** The first movies and their genres as an import would write them, so that the analyst can check them before it starts. */
import type { GenreSyntax, ImportPlan, SourceGenre } from '../../../../contract/importing.ts'
import { canonicalGenre, spellingsOf } from '../../clean/aliases.ts'
import { isUsualGenre } from '../records/genre-names.ts'
import { SEPARATORS } from '../records/genres.ts'
import type { RoledSample } from './sample.ts'
import { mergeRule, recordReader, type ReadPlan, type SourceRecord } from '../records/read.ts'

const PREVIEW_MOVIES = 20
const PREVIEW_GENRES = 500
const LONG_NAME = 25
/** A genre that occurs once is unusual if the others occur this often. */
const OFTEN = 20

interface Movie {
  readonly key: string
  title: string
  plot: string
  genres: string[]
}

/** The first movies, joined as the import will join them. */
export function moviePreview(plan: ReadPlan, files: readonly RoledSample[]): ImportPlan['preview'] {
  const byId = mergeRule(plan) === 'by-id'
  const movies = new Map<string, Movie>()
  for (const record of recordsOf(plan, files)) {
    const id = byId && record.key !== null ? record.key : `${record.file}:${record.record}`
    const movie = movies.get(id)
    if (movie) {
      movie.title ||= record.title
      movie.plot ||= record.plot
      movie.genres = [...new Set([...movie.genres, ...record.genres])]
    } else if (movies.size < PREVIEW_MOVIES)
      movies.set(id, { key: record.key ?? `row-${record.record}`, title: record.title, plot: record.plot, genres: [...record.genres] })
  }
  return [...movies.values()]
}

/** Every genre of the sample: those that an analyst should check first, then the most frequent ones. */
export function genrePreview(plan: ReadPlan, files: readonly RoledSample[]): readonly SourceGenre[] {
  const counts = new Map<string, number>()
  for (const { genres } of recordsOf(plan, files)) for (const name of new Set(genres)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const spellings = spellingsOf(counts)
  const average = [...counts.values()].reduce((sum, count) => sum + count, 0) / Math.max(1, counts.size)
  return [...counts]
    .map(([name, count]) => ({
      name: name.slice(0, 200),
      count,
      becomes: [canonicalGenre(name, spellings)],
      unusual: whyUnusual(name, count, plan.genreSyntax, average),
    }))
    .sort((a, b) => Number(a.unusual === null) - Number(b.unusual === null) || b.count - a.count)
    .slice(0, PREVIEW_GENRES)
}

function whyUnusual(name: string, count: number, syntax: GenreSyntax, average: number): string | null {
  const separator = SEPARATORS[syntax as keyof typeof SEPARATORS] as string | undefined
  if (separator !== undefined && name.includes(separator)) return `holds "${separator}", which separates genres`
  const other = Object.values(SEPARATORS).find((char) => name.includes(char))
  if (other !== undefined) return `holds "${other}"`
  if (/^(?:and|&)\s/i.test(name)) return 'begins as the end of a name'
  if (/\s*>\s*/.test(name)) return 'has a genre above it'
  if (name.length > LONG_NAME) return 'long'
  if (!/\p{L}/u.test(name)) return 'has no letters'
  return count === 1 && average >= OFTEN && !isUsualGenre(name) ? 'once only' : null
}

function* recordsOf(plan: ReadPlan, files: readonly RoledSample[]): Generator<SourceRecord> {
  for (const [index, sample] of files.entries()) {
    const convert = recordReader(plan, index)
    for (const [i, row] of sample.records.entries()) {
      const record = convert(row, i + 1)
      if (record.rejected === null) yield record
    }
  }
}
