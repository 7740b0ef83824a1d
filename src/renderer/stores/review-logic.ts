/** Rules of reviewing: which cells are flagged, what a key changes, how a plot is marked. */
import type { Change } from '../../contract/review.ts'
import type { Cell, Genre, MovieDetail, MovieRow, Span } from '../../contract/records.ts'
import { m } from '../messages/index.ts'

/** Keys with another function on the Review screen. */
const RESERVED = 'aijkn'
export const DIGITS = '1234567890'
const LETTERS = 'bcdefghlmopqrstuvwxyz'

/**
 * One key per genre, earlier genres first: the chosen digit, or the first letter if it is free, else another letter of the name, a digit
 * or any letter. Only 31 genres have keys.
 * @param chosen genre of a digit
 */
export function genreKeys(genres: readonly Genre[], chosen: Readonly<Record<string, number>> = {}): ReadonlyMap<number, string> {
  const own = Object.entries(chosen).filter(([, genre]) => genres.some(({ id }) => id === genre))
  const taken = new Set([...RESERVED.split(''), ...own.map(([digit]) => digit)])
  const keys = new Map(own.map(([digit, genre]) => [genre, digit]))
  const give = (genre: Genre, candidates: string) => {
    const key = candidates.split('').find((c) => !taken.has(c) && (LETTERS.includes(c) || DIGITS.includes(c)))
    if (key === undefined) return
    taken.add(key)
    keys.set(genre.id, key)
  }
  for (const genre of genres) if (!keys.has(genre.id)) give(genre, genre.name.slice(0, 1).toLowerCase())
  for (const genre of genres) if (!keys.has(genre.id)) give(genre, genre.name.toLowerCase() + DIGITS + LETTERS)
  return keys
}

/** True if the cell needs a decision: the prediction differs from the label, and it has no verdict. */
export const isFlagged = (cell: Cell): boolean => cell.kind !== null && cell.kind !== 'good' && cell.verdict === null

/** Distance between probability and label, 0 to 1. */
const suspicion = (c: Cell): number => (c.label ? 1 - (c.probability ?? 1) : (c.probability ?? 0))

/** Flagged cells first, the most suspicious on top; then by probability. Labels break ties before the first training. */
export function cellOrder(cells: readonly Cell[]): Cell[] {
  const rank = (c: Cell) => (isFlagged(c) ? 4 + suspicion(c) : (c.probability ?? (c.label ? 1 : 0)))
  return [...cells].sort((a, b) => rank(b) - rank(a) || a.genre - b.genre)
}

export const suggestionOf = (cell: Cell): 'add' | 'remove' | 'impossible' | null => {
  if (!isFlagged(cell)) return null
  if (cell.impossibleEstimate) return 'impossible'
  return cell.label ? 'remove' : 'add'
}

/** What accepting a flagged cell's suggestion does, and the cells that it changes: the two halves of a swap change together, removal first. */
export interface Suggestion {
  readonly kind: 'add' | 'remove' | 'impossible' | 'replace'
  readonly cells: readonly Cell[]
}
export function suggestionFor(cells: readonly Cell[], cell: Cell): Suggestion | null {
  const kind = suggestionOf(cell)
  const partner = cells.find((c) => c.name === cell.partner)
  const other = partner && suggestionOf(partner)
  if (kind === null || !partner || other === null || kind === 'impossible' || other === 'impossible') return kind && { kind, cells: [cell] }
  return { kind: 'replace', cells: cell.label ? [cell, partner] : [partner, cell] }
}

/** Every suggestion for a movie, each once. */
export const suggestionsOf = (cells: readonly Cell[]): Suggestion[] =>
  cells
    .flatMap((cell) => suggestionFor(cells, cell) ?? [])
    .filter(({ cells: [first] }, i, all) => all.findIndex((s) => s.cells[0] === first) === i)

const reviewed = (movie: MovieRow): Change[] => (movie.reviewed ? [] : [{ field: 'reviewed', movie: movie.movie, to: true }])

/** Changes that accept a suggestion; the engine marks the movie as reviewed when it was the last one. */
export const acceptOne = (movie: number, { kind, cells }: Suggestion): Change[] =>
  cells.map(({ genre, label }) =>
    kind === 'impossible' ? { field: 'verdict', movie, genre, to: 'impossible' } : { field: 'label', movie, genre, to: !label },
  )

/** The next flagged cell after this one, wrapping around; null if no other is flagged. */
export function nextFlagged(cells: readonly Cell[], genre: number | null): number | null {
  const at = cells.findIndex((c) => c.genre === genre)
  const round = [...cells.slice(at + 1), ...cells.slice(0, at + 1)]
  return round.find((c) => isFlagged(c) && c.genre !== genre)?.genre ?? null
}

/** Describes the acceptance of a suggestion in the change log. */
export const acceptedInWords = ({ kind, cells }: Suggestion, title: string): string =>
  m.labels.accepted[kind](title, cells[0]?.name ?? '', cells[1]?.name ?? '')

/** Changes that accept every suggestion: labels as predicted, unpredictable labels marked impossible, movie reviewed. */
export const acceptChanges = (movie: MovieRow): Change[] => [
  ...suggestionsOf(movie.cells).flatMap((suggestion) => acceptOne(movie.movie, suggestion)),
  ...reviewed(movie),
]

/** Changes that confirm every flagged label; the movie becomes reviewed. */
export function keepChanges(movie: MovieRow): Change[] {
  const flagged = movie.cells.filter(isFlagged)
  return [...flagged.map((cell): Change => ({ field: 'verdict', movie: movie.movie, genre: cell.genre, to: 'keep' })), ...reviewed(movie)]
}

/** The cell after a change; the engine's reply says what it is if the change takes a decision back. */
function changedCell(cell: Cell, changes: readonly Change[]): Cell {
  const change = changes.findLast((c) => 'genre' in c && c.genre === cell.genre)
  if (change?.field !== 'label' && change?.field !== 'verdict') return cell
  const label = change.field === 'label' ? change.to : cell.label
  const verdict = change.field === 'verdict' ? change.to : label === cell.source ? null : 'keep'
  const agrees = verdict !== null || cell.predicted === null || cell.predicted === label
  const kind = cell.kind === null ? null : agrees ? 'good' : label ? 'spurious' : 'missing'
  return { ...cell, label, verdict, kind, partner: null }
}

/** The movie after the changes, shown until the engine's result replaces it. */
export function optimistic(movie: MovieDetail, changes: readonly Change[]): MovieDetail {
  const allCells = movie.allCells.map((c) => changedCell(c, changes))
  return { ...movie, allCells, ...rowAfter({ ...movie, cells: allCells }, changes) }
}

export function rowAfter(row: MovieRow, changes: readonly Change[]): Pick<MovieRow, 'cells' | 'labels' | 'reviewed'> {
  const labels = new Set(row.labels)
  const cells = row.cells.map((c) => changedCell(c, changes)).filter((c) => (c.kind !== null && c.kind !== 'good') || c.verdict !== null)
  for (const change of changes) {
    const name = change.field === 'label' ? row.cells.find((c) => c.genre === change.genre)?.name : undefined
    if (change.field !== 'label' || name === undefined) continue
    if (change.to) labels.add(name)
    else labels.delete(name)
  }
  return { cells, labels: [...labels], reviewed: row.reviewed || changes.some((c) => c.field === 'reviewed' && c.to) }
}

export const rowOf = (m: MovieDetail): MovieRow => {
  const { movie, key, title, excerpt, split, buckets, score, reviewed: done, labels, predicted, cells } = m
  return { movie, key, title, excerpt, split, buckets, score, reviewed: done, labels, predicted, cells }
}

export interface Segment {
  readonly text: string
  readonly score: number
  /** 0: not marked. 1 to 3: strength relative to the strongest span. */
  readonly level: 0 | 1 | 2 | 3
}

/** A plot cut where spans begin and end; overlapping spans add up. */
export function segments(plot: string, spans: readonly Span[]): Segment[] {
  const valid = spans.filter((s) => s.start >= 0 && s.end > s.start && s.end <= plot.length)
  const cuts = [...new Set([0, plot.length, ...valid.flatMap((s) => [s.start, s.end])])].sort((a, b) => a - b)
  const parts = cuts.slice(1).map((end, i) => {
    const start = cuts[i] ?? 0
    const score = valid.reduce((sum, s) => (s.start <= start && s.end >= end ? sum + s.score : sum), 0)
    return { text: plot.slice(start, end), score }
  })
  const most = Math.max(...parts.map((p) => Math.abs(p.score)), Number.MIN_VALUE)
  return parts.map((p) => ({ ...p, level: strength(Math.abs(p.score) / most) }))
}
/** Marking every word that counts a little would hide the ones that count. */
const strength = (share: number): Segment['level'] => (share > 0.5 ? 3 : share > 0.25 ? 2 : share > 0.15 ? 1 : 0)

export const PAGE = 50
/** Movies of the pages overlapping [start, end) that are neither loaded nor being loaded. */
export function wanted(ids: Int32Array, start: number, end: number, has: (movie: number) => boolean): number[][] {
  const pages: number[][] = []
  for (let p = Math.floor(start / PAGE); p * PAGE < Math.min(end, ids.length); p++) {
    const missing = [...ids.subarray(p * PAGE, (p + 1) * PAGE)].filter((id) => !has(id))
    if (missing.length > 0) pages.push(missing)
  }
  return pages
}

/** The index in a list of the first of these movies that it holds; -1 if it holds none. */
export function placeOf(movies: Iterable<number>, list: Int32Array): number {
  const places = new Map<number, number>()
  list.forEach((movie, i) => places.set(movie, i))
  for (const movie of movies) {
    const at = places.get(movie)
    if (at !== undefined) return at
  }
  return -1
}

/** The list with a movie inserted at a position. */
export function withMovie(ids: Int32Array, at: number, movie: number): Int32Array {
  const out = new Int32Array(ids.length + 1)
  out.set(ids.subarray(0, at))
  out[at] = movie
  out.set(ids.subarray(at), at + 1)
  return out
}

/** The title, or for a movie without one the beginning of its plot. Imports without titles call each movie as its id. */
export const titleOf = ({ title, key, excerpt }: Pick<MovieRow, 'title' | 'key' | 'excerpt'>): string => {
  if (title !== '' && title !== key) return title
  return excerpt.length > 60 ? `${excerpt.slice(0, 60).replace(/\s\S*$/, '')}…` : excerpt || key
}

/** The title, cut to 60 characters, for an entry of the change log. */
export const shortTitle = (title: string): string => (title.length > 60 ? `${title.slice(0, 59)}…` : title)
