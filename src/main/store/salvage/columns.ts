/** Chunks of columns that were lost, made again from what the source says: every movie kept, its genres as cleaning would name them. */
import { ChunkPacker, CleaningTable, type CleanedChunk, type GenreTargets } from '../cleanings.ts'
import { CHUNK_MOVIES, CLEANING_COLUMNS, ColumnTable, NO_MOVIE, type LabelChunk } from '../columns.ts'
import type { Db } from '../database.ts'
import { rankTitles } from '../titles.ts'

interface SourceRow {
  readonly id: number
  readonly plot: string
  readonly genres: string
  readonly gone: number
}

/** Sees to it that the project has a cleaning in force whose columns cover every movie. Returns the number of chunks that were made anew. */
export function mendColumns(db: Db): number {
  const last = db.prepare('select coalesce(max(id), 0) from movie').pluck().get() as number
  if (last === 0) return 0
  const cleanings = new CleaningTable(db)
  const current = cleanings.current()
  const generation = current?.report ? current.id : cleanings.begin([])
  const targets = current?.report ? current.genreTargets : {}
  const columns = new ColumnTable(db)
  let made = 0
  for (let chunk = 0; chunk * CHUNK_MOVIES <= last; chunk++) {
    const slots = Math.min(CHUNK_MOVIES, last + 1 - chunk * CHUNK_MOVIES)
    if (isWhole(columns, generation, chunk, slots, db)) continue
    const fresh = fromSource(db, chunk, targets)
    if (!fresh) continue
    cleanings.addChunk(generation, fresh)
    made++
  }
  if (!current?.report) {
    const { movies } = db.prepare('select count(*) as movies from movie').get() as { movies: number }
    const same = Object.fromEntries((db.prepare('select id from genre').pluck().all() as number[]).map((id) => [id, [id]]))
    cleanings.finish(generation, { movies, kept: movies, steps: [] }, same)
  }
  rankTitles(db)
  return made
}

function isWhole(columns: ColumnTable, generation: number, chunk: number, slots: number, db: Db): boolean {
  const labels = soundLabels(columns, generation, chunk)
  if (!labels) return false
  const lengths = CLEANING_COLUMNS.map((name) => columns.get(generation, name, chunk)?.length ?? 0)
  const covered = Math.min(...lengths, labels.counts.length)
  if (Math.max(...lengths, labels.counts.length) !== covered) return false
  // movies that a later import took out may end it, and stand-ins of lost ones
  const from = chunk * CHUNK_MOVIES + covered
  return (
    covered >= slots ||
    db.prepare('select 1 from movie where id between ? and ? and gone = 0').get(from, from + slots - covered) === undefined
  )
}

function soundLabels(columns: ColumnTable, generation: number, chunk: number): LabelChunk | null {
  try {
    const labels = columns.labels(generation, chunk)
    const total = labels?.counts.reduce((sum, n) => sum + n, 0)
    return labels && labels.genres.length === total ? labels : null
  } catch {
    return null
  }
}

function fromSource(db: Db, chunk: number, targets: GenreTargets): CleanedChunk | null {
  const ids = new Map((db.prepare('select name, id from genre').raw().all() as [string, number][]).map(([name, id]) => [name, id]))
  const rows = db
    .prepare('select id, plot, source_genres as genres, gone from movie where id between ? and ? order by id')
    .all(chunk * CHUNK_MOVIES, (chunk + 1) * CHUNK_MOVIES - 1) as SourceRow[]
  const packer = new ChunkPacker()
  for (const { id, plot, genres, gone } of rows) {
    const named = (JSON.parse(genres) as string[]).flatMap((name) => ids.get(name) ?? [])
    const cleaned = [...new Set(named.flatMap((g) => targets[g] ?? [g]))]
    packer.add({ movie: id, out: gone ? NO_MOVIE : 0, plot: null, length: plot.length, duplicate: 0, genres: cleaned })
  }
  return packer.end()
}
