import { isMark, MARKS, SPLITS, type Genre, type Mark, type Split } from '../../contract/records.ts'
import { VERDICT_NAMES } from '../analysis/triage.ts'
import type { LogChange } from '../store/changes.ts'
import type { Cleaning, GenreTargets } from '../store/cleanings.ts'
import { CHUNK_MOVIES, NO_MOVIE, OF_THE_SOURCE } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import { damagedValue } from '../store/values.ts'
import { MergedCells, verdictCode } from './merged-cells.ts'
import { runToEnd } from '../analysis/steps.ts'

/**
 * The kept movies as columns in memory; every filter, count and threshold works on them. Row i is the movie with id `ids[i]` (ascending,
 * so in file order), column j the genre `genres[j]`; matrices are row-major, n x k.
 */
export class Catalogue {
  readonly genres: readonly Genre[]
  readonly n: number
  readonly k: number
  /** Movies of the source, kept or not. */
  readonly movies: number
  readonly ids: Int32Array
  readonly split: Uint8Array
  /** In UTF-16 code units. */
  readonly plotLengths: Int32Array
  /** Labels of the cleaned source. */
  readonly source: Uint8Array
  /** Effective labels: the source with the change log applied. */
  readonly labels: Uint8Array
  readonly verdicts: Uint8Array
  /** (n) each */
  readonly marks: Readonly<Record<Mark, Uint8Array>>
  readonly notes = new Map<number, string>()
  /** The last batch of the log that was read; 0 before the first. */
  lastBatch = 0
  /** The last batch read that concerns each row; 0 if there is none. */
  readonly lastTouch: Int32Array
  /** The generation of cleaning. */
  readonly generation: number
  readonly #rowOf: Int32Array
  readonly #columnOf: ReadonlyMap<number, number>
  /** (k) 1 if several genre ids map to the column. */
  readonly #shared: Uint8Array
  readonly #merged: MergedCells

  /** Reads the project without a pause. */
  constructor(store: Store, heads = runToEnd(readHeads(store))) {
    const { n, ids, cleaning } = heads
    const all = store.movies.genres()
    const targets = cleaning?.genreTargets ?? {}
    const used = new Set([...heads.used, ...decidedGenres(store, heads, targets)])
    this.genres = all.filter((g) => used.has(g.id)).sort((a, b) => a.name.localeCompare(b.name, 'en'))
    this.#columnOf = columns(all, this.genres, targets)
    this.generation = cleaning?.id ?? OF_THE_SOURCE
    this.n = n
    this.k = this.genres.length
    this.movies = heads.movies
    this.ids = ids
    this.split = heads.split
    this.plotLengths = heads.lengths
    this.#rowOf = new Int32Array((ids.at(-1) ?? 0) + 1).fill(-1)
    for (let i = 0; i < n; i++) this.#rowOf[ids[i]!] = i
    this.source = labelMatrix(heads, this.#columnOf, this.k)
    this.labels = this.source.slice()
    this.verdicts = new Uint8Array(n * this.k)
    this.marks = Object.fromEntries(MARKS.map((mark) => [mark, new Uint8Array(n)])) as Record<Mark, Uint8Array>
    this.lastTouch = new Int32Array(n)
    const idsOf = new Uint16Array(this.k)
    for (const column of this.#columnOf.values()) idsOf[column]!++
    this.#shared = Uint8Array.from(idsOf, (ids) => (ids > 1 ? 1 : 0))
    this.#merged = new MergedCells((cell) => this.#sourceIds(store, cell))
    this.catchUp(store)
  }
  /** {@link load} in steps of about ten milliseconds. The result includes changes appended meanwhile, up to {@link lastBatch}. */
  static *loadInSteps(store: Store): Generator<undefined, Catalogue> {
    return new Catalogue(store, yield* readHeads(store))
  }
  /** Applies the log entries after {@link lastBatch}; returns the rows that they concern. */
  catchUp(store: Store): Set<number> {
    const rows = new Set<number>()
    const last = store.changes.lastBatch()
    const inForce = this.lastBatch === 0 ? store.changes.inForce() : null
    for (const change of store.changes.all(this.lastBatch)) {
      if (inForce?.has(change.batch) === false) this.#touch(change.movie, change.batch)
      else this.apply(change, change.batch)
      const row = this.row(change.movie)
      if (row >= 0) rows.add(row)
    }
    // the last batches may have no effect, because the movies or genres that they mention are gone
    this.lastBatch = Math.max(this.lastBatch, last)
    return rows
  }
  /** Rows that batches after the given one concern. */
  touchedAfter(batch: number): number[] {
    const rows: number[] = []
    for (let row = 0; row < this.n; row++) if (this.lastTouch[row]! > batch) rows.push(row)
    return rows
  }
  /** Row of a movie; -1 if cleaning has removed it. */
  row(movie: number): number {
    return this.#rowOf[movie] ?? -1
  }
  /** Column of a genre id (a genre that cleaning merged maps to the genre it became); -1 if no movie carries it. */
  column(genre: number): number {
    return this.#columnOf.get(genre) ?? -1
  }
  splitOf(row: number): Split {
    return SPLITS[this.split[row]!]!
  }
  /** Applies one change of a batch; a change to a removed movie or genre stays in the log without effect. */
  apply(c: LogChange, batch: number): void {
    const row = this.#touch(c.movie, batch)
    if (row < 0) return
    if (isMark(c.field)) this.marks[c.field][row] = c.becomes === '1' ? 1 : 0
    else if (c.field !== 'note') {
      const column = this.column(c.genre ?? 0)
      if (column < 0) return
      const cell = row * this.k + column
      const label = c.becomes === '1' ? 1 : 0
      if (this.#shared[column]) {
        this.#merged.set(cell, c.genre!, c.field === 'label' ? { label } : { verdict: verdictCode(c.becomes) })
        const whole = this.#merged.whole(cell)
        this.labels[cell] = whole.label
        this.verdicts[cell] = whole.verdict
      } else if (c.field === 'label') this.labels[cell] = label
      else this.verdicts[cell] = verdictCode(c.becomes)
    } else if (c.becomes === '') this.notes.delete(c.movie)
    else this.notes.set(c.movie, c.becomes)
  }
  /** Sets a movie to what its source says with these changes. Which batch touched it last stays. */
  replay(movie: number, changes: Iterable<LogChange>): void {
    const row = this.row(movie)
    const [first, end] = [row * this.k, (row + 1) * this.k]
    const [last, touched] = [this.lastBatch, this.lastTouch[row]!]
    this.labels.set(this.source.subarray(first, end), first)
    this.verdicts.fill(0, first, end)
    for (const mark of MARKS) this.marks[mark][row] = 0
    this.notes.delete(movie)
    for (let cell = first; cell < end; cell++) this.#merged.forget(cell)
    for (const change of changes) this.apply(change, last)
    this.lastBatch = last
    this.lastTouch[row] = touched
  }
  /** Records that a batch concerns a movie; returns its row. */
  #touch(movie: number, batch: number): number {
    this.lastBatch = batch
    const row = this.row(movie)
    if (row >= 0) this.lastTouch[row] = batch
    return row
  }
  /** Genre ids with which the source labels a cell of a shared column, as the source spells them. */
  #sourceIds(store: Store, cell: number): number[] {
    if (!this.source[cell]) return []
    const column = cell % this.k
    const spelt = store.movies.sourceGenres(this.ids[Math.floor(cell / this.k)]!).filter((id) => this.column(id) === column)
    return spelt.length > 0 ? spelt : [this.genres[column]!.id]
  }
  /** Genre ids that contribute to a movie's cell of a genre, the column's own among them. */
  idsOf(movie: number, genre: number): number[] {
    const column = this.column(genre)
    const own = this.genres[column]!.id
    return this.#shared[column] ? [...new Set([...this.#merged.ids(this.row(movie) * this.k + column), own])] : [own]
  }
  /** The value that a change of this genre id or field would replace, as the log writes it. */
  valueOf(movie: number, genre: number | null, field: LogChange['field']): string {
    const row = this.row(movie)
    if (isMark(field)) return String(this.marks[field][row])
    if (field === 'note') return this.notes.get(movie) ?? ''
    const column = this.column(genre ?? 0)
    const cell = row * this.k + column
    if (this.#shared[column]) {
      const { label, verdict } = this.#merged.get(cell, genre ?? 0)
      return field === 'label' ? String(label) : (VERDICT_NAMES[verdict] ?? '')
    }
    return field === 'label' ? String(this.labels[cell]) : (VERDICT_NAMES[this.verdicts[cell]!] ?? '')
  }
  /** Cells whose effective label differs from the source. */
  corrections(): number {
    let count = 0
    for (let row = 0; row < this.n; row++) {
      // without a batch there is no difference
      if (this.lastTouch[row] === 0) continue
      for (let c = row * this.k; c < (row + 1) * this.k; c++) if (this.labels[c] !== this.source[c]) count++
    }
    return count
  }
  reviewedCount(): number {
    return this.marks.reviewed.reduce((a, b) => a + b, 0)
  }
  /** Rows of the given split, ascending. */
  rowsOf(split: Split): Int32Array {
    const code = SPLITS.indexOf(split)
    const rows: number[] = []
    for (let i = 0; i < this.n; i++) if (this.split[i] === code) rows.push(i)
    return Int32Array.from(rows)
  }
}

/** True for a cell that a person set or confirmed. */
export const isDecided = ({ labels, source, verdicts }: Pick<Catalogue, 'labels' | 'source' | 'verdicts'>, cell: number): boolean =>
  labels[cell] !== source[cell] || verdicts[cell] !== 0

/** The kept movies of a generation of cleaning. */
interface Heads {
  readonly cleaning: Cleaning | null
  readonly movies: number
  readonly n: number
  readonly ids: Int32Array
  readonly split: Uint8Array
  readonly lengths: Int32Array
  /** Genre ids, movie after movie, and the end of each movie's list. */
  readonly labels: Uint16Array
  readonly labelsEnd: Int32Array
  readonly used: ReadonlySet<number>
}

function* readHeads({ columns, cleanings }: Store): Generator<undefined, Heads> {
  const cleaning = cleanings.current()
  const generation = cleaning?.id ?? OF_THE_SOURCE
  const outs = columns.chunks(generation, 'out').map((chunk) => ({ chunk, out: columns.get(generation, 'out', chunk)! }))
  let [n, movies] = [0, 0]
  for (const { out } of outs)
    for (const x of out) {
      if (x === 0) n++
      if (x !== NO_MOVIE) movies++
    }
  const [ids, split, lengths, labelsEnd] = [new Int32Array(n), new Uint8Array(n), new Int32Array(n), new Int32Array(n)]
  const parts: Uint16Array[] = []
  let row = 0
  let end = 0
  for (const { chunk, out } of outs) {
    const length = columns.get(generation, 'length', chunk)
    const parted = columns.get(OF_THE_SOURCE, 'split', chunk)
    const labels = columns.labels(generation, chunk)
    if (!length || !labels || Math.min(length.length, labels.counts.length) < out.length) throw damagedValue('column_chunk')
    if (parted?.some((code) => code >= SPLITS.length)) throw damagedValue('the column split')
    const { counts, genres } = labels
    const kept = new Uint16Array(genres.length)
    let taken = 0
    for (let slot = 0, at = 0; slot < out.length; at += counts[slot++]!) {
      if (out[slot] !== 0) continue
      ids[row] = chunk * CHUNK_MOVIES + slot
      split[row] = parted?.[slot] ?? 0
      lengths[row] = length[slot]!
      for (let i = at; i < at + counts[slot]!; i++) kept[taken++] = genres[i]!
      labelsEnd[row++] = end + taken
    }
    parts.push(kept.subarray(0, taken))
    end += taken
    yield
  }
  const labels = joined(parts, end)
  const seen = new Uint8Array(65536)
  for (const id of labels) seen[id] = 1
  return { cleaning, movies, n, ids, split, lengths, labels, labelsEnd, used: new Set([...seen.keys()].filter((id) => seen[id] === 1)) }
}

function joined(parts: readonly Uint16Array[], length: number): Uint16Array {
  const out = new Uint16Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function labelMatrix({ n, labels, labelsEnd }: Heads, columnOf: ReadonlyMap<number, number>, k: number): Uint8Array {
  const column = new Uint16Array(65536)
  for (const [genre, j] of columnOf) column[genre] = j
  const out = new Uint8Array(n * k)
  for (let i = 0, at = 0; i < n; i++) for (; at < labelsEnd[i]!; at++) out[i * k + column[labels[at]!]!] = 1
  return out
}

/** Genres that no movie of the source has any more, but that a change in force assigns to a kept movie. */
function decidedGenres(store: Store, { ids, used }: Heads, targets: GenreTargets): Set<number> {
  const carried = new Map<number, Set<number>>()
  const inForce = store.changes.inForce()
  for (const { batch, field, genre, movie, becomes } of store.changes.all()) {
    if (!inForce.has(batch)) continue
    const [target = genre ?? 0, ...others] = targets[genre ?? 0] ?? []
    // changes to genres that cleaning removed or split have no effect
    if (field !== 'label' || genre === null || used.has(target) || others.length > 0 || targets[genre]?.length === 0) continue
    const movies = carried.get(target) ?? new Set()
    carried.set(target, movies)
    if (becomes === '1') movies.add(movie)
    else movies.delete(movie)
  }
  const kept = new Set(carried.size > 0 ? ids : [])
  return new Set([...carried].filter(([, movies]) => [...movies].some((movie) => kept.has(movie))).map(([genre]) => genre))
}

/** Genre id to column; an id that cleaning mapped to exactly one other id shares that id's column. */
function columns(all: readonly Genre[], used: readonly Genre[], targets: GenreTargets): Map<number, number> {
  const own = new Map(used.map((g, j) => [g.id, j]))
  const byId = new Map(own)
  for (const { id } of all) {
    const [target, ...others] = targets[id] ?? []
    const j = own.get(id) ?? (others.length === 0 ? own.get(target ?? 0) : undefined)
    if (j !== undefined) byId.set(id, j)
  }
  return byId
}
