import type { Db } from './database.ts'
import { damagedValue } from './values.ts'
import { bytesOf, int32Of, uint16Of } from './views.ts'

/** Movies of one chunk: chunk c holds those with ids from c * 65,536 on. */
export const CHUNK_MOVIES = 65536
export const chunkOf = (movie: number): number => Math.floor(movie / CHUNK_MOVIES)
/** Index of a movie in its chunk. */
export const slotOf = (movie: number): number => movie % CHUNK_MOVIES

/** The generation of columns that belong to the movies as such and not to a cleaning. */
export const OF_THE_SOURCE = 0
/** In the column `out`: no such movie, or one that is no longer in the source. */
export const NO_MOVIE = 255

/**
 * One value per movie. `split`: code of the part; `title`: rank in the order of titles; `out`: 0 kept, else the step of the
 * rule set (from 1) that removed the movie, {@link NO_MOVIE}; `length`: UTF-16 code units of the cleaned plot; `duplicate`:
 * the movie that this one repeats, or 0.
 */
const COLUMN_TYPES = { split: Uint8Array, title: Int32Array, out: Uint8Array, length: Int32Array, duplicate: Int32Array } as const
/** Values of movies beyond the end of a chunk. */
const DEFAULTS = { split: 0, title: 0, out: NO_MOVIE, length: 0, duplicate: 0 } as const
export type ColumnName = keyof typeof COLUMN_TYPES
export type ColumnOf<N extends ColumnName> = (typeof COLUMN_TYPES)[N] extends Int32ArrayConstructor ? Int32Array : Uint8Array
export const CLEANING_COLUMNS = ['out', 'length', 'duplicate'] as const satisfies readonly ColumnName[]

/** Genre ids of a chunk's movies: those of slot 0 first, `counts` says how many each has. */
export interface LabelChunk {
  readonly counts: Uint8Array
  readonly genres: Uint16Array
}
/** Genres that one movie can have: a byte counts them. */
export const MAX_LABELS = 255
/** Encodes labels: the number of slots as a Uint32, the counts, a byte of padding if their number is odd, the ids. */
export function packLabels({ counts, genres }: LabelChunk): Uint8Array {
  const at = 4 + counts.length + (counts.length % 2)
  const bytes = new Uint8Array(at + 2 * genres.length)
  new DataView(bytes.buffer).setUint32(0, counts.length, true)
  bytes.set(counts, 4)
  bytes.set(bytesOf(genres), at)
  return bytes
}
/** Inverse of {@link packLabels}. */
export function unpackLabels(bytes: Uint8Array): LabelChunk {
  const slots = bytes.length < 4 ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  if (slots > CHUNK_MOVIES || bytes.length < 4 + slots) throw damagedValue('column_chunk.bytes')
  const labels = { counts: bytes.subarray(4, 4 + slots), genres: uint16Of(bytes.subarray(4 + slots + (slots % 2))) }
  if (labels.counts.reduce((sum, n) => sum + n, 0) !== labels.genres.length) throw damagedValue('column_chunk.bytes')
  return labels
}

/**
 * Ranks of titles, indexed by movie id: case and accents do not count, numbers count by their value, equal titles stay in file order.
 * @param titles with the movie ids
 */
export function titleRanks(titles: readonly (readonly [movie: number, title: string])[]): Int32Array {
  const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
  const sorted = [...titles].sort((a, b) => collator.compare(a[1], b[1]) || a[0] - b[0])
  const last = titles.reduce((most, [movie]) => Math.max(most, movie), -1)
  const ranks = new Int32Array(last + 1)
  sorted.forEach(([movie], rank) => (ranks[movie] = rank))
  return ranks
}

/** Columns of values, 65,536 movies a row, so that a million movies are read in milliseconds. A chunk ends with its last movie. */
export class ColumnTable {
  readonly #db
  readonly #put
  readonly #chunk
  constructor(db: Db) {
    this.#db = db
    this.#put = db.prepare('insert or replace into column_chunk (generation, name, chunk, bytes) values (?, ?, ?, ?)')
    this.#chunk = db
      .prepare<[number, string, number], Uint8Array>('select bytes from column_chunk where generation = ? and name = ? and chunk = ?')
      .pluck()
  }
  putBytes(generation: number, name: ColumnName | 'labels', chunk: number, bytes: Uint8Array): void {
    this.#put.run(generation, name, chunk, bytes)
  }
  /** Stores data that can be computed again from a generation, under the caller's name for it; it is dropped with the generation. */
  putDerived(generation: number, name: string, bytes: Uint8Array): void {
    this.#put.run(generation, `derived ${name}`, 0, bytes)
  }
  derived(generation: number, name: string): Uint8Array | null {
    return this.#chunk.get(generation, `derived ${name}`, 0) ?? null
  }
  put<N extends ColumnName>(generation: number, name: N, chunk: number, values: ColumnOf<N>): void {
    this.putBytes(generation, name, chunk, bytesOf(values))
  }
  /** Values indexed by movie id; index 0 is unused, ids start at 1. */
  putWhole<N extends ColumnName>(generation: number, name: N, values: ColumnOf<N>): void {
    for (let chunk = 0; chunk * CHUNK_MOVIES < values.length; chunk++)
      this.put(generation, name, chunk, values.subarray(chunk * CHUNK_MOVIES, (chunk + 1) * CHUNK_MOVIES) as ColumnOf<N>)
  }
  /** Values of one chunk, which may be shorter than {@link CHUNK_MOVIES}; null if there is no such chunk. */
  get<N extends ColumnName>(generation: number, name: N, chunk: number): ColumnOf<N> | null {
    const bytes = this.#chunk.get(generation, name, chunk)
    if (bytes === undefined) return null
    const values = COLUMN_TYPES[name] === Int32Array ? int32Of(bytes) : bytes
    if (values.length > CHUNK_MOVIES) throw damagedValue('column_chunk.bytes')
    return values as ColumnOf<N>
  }
  labels(generation: number, chunk: number): LabelChunk | null {
    const bytes = this.#chunk.get(generation, 'labels', chunk)
    return bytes === undefined ? null : unpackLabels(bytes)
  }
  /** Ranks all titles of the project and writes the column. Called at the end of every import. */
  rankTitles(): void {
    // nearly sorted already, which the collator's sort makes use of
    const rows = this.#db.prepare('select id, title from movie order by title collate nocase, id').raw().all() as [number, string][]
    this.putWhole(OF_THE_SOURCE, 'title', titleRanks(rows))
  }
  /** Chunks of a column, ascending. */
  chunks(generation: number, name: ColumnName | 'labels'): number[] {
    const sql = 'select chunk from column_chunk where generation = ? and name = ? order by chunk'
    const chunks = this.#db.prepare(sql).pluck().all(generation, name) as number[]
    // arrays are as long as the last id: a few chunks may be lost, but an id far beyond all others belongs to no movie
    if (chunks.some((chunk) => !(chunk >= 0 && chunk < 64 + 16 * chunks.length))) throw damagedValue('column_chunk.chunk')
    return chunks
  }
  /** A whole column indexed by movie id, at least `movies` long. */
  whole<N extends ColumnName>(generation: number, name: N, movies: number): ColumnOf<N> {
    const out = new COLUMN_TYPES[name](movies).fill(DEFAULTS[name]) as ColumnOf<N>
    for (const chunk of this.chunks(generation, name)) {
      const at = chunk * CHUNK_MOVIES
      const values = this.get(generation, name, chunk)
      if (values && at < movies) out.set(values.subarray(0, movies - at), at)
    }
    return out
  }
  /** The value of one movie; null if none is stored. */
  value(generation: number, name: ColumnName, movie: number): number | null {
    return this.get(generation, name, chunkOf(movie))?.[slotOf(movie)] ?? null
  }
}
