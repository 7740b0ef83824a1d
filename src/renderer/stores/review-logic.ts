/** Pure functions of Review: flagged cells, suggestions and their changes, keys of genres, marked plots. */
import type { Change } from '../../contract/review.ts'
import {
  isMark,
  type Cell,
  type Genre,
  type Mark,
  type MovieDetail,
  type MovieRow,
  type Reason,
  type Span,
  type Suspect,
  type SuspectCell,
} from '../../contract/records.ts'
import { suggestionText } from '../../contract/words.ts'
import { m } from '../messages/index.ts'

export const DIGITS = '1234567890'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/**
 * One key per genre, earlier genres first: the chosen digit, or the first letter if it is free, else another letter of the name, a digit
 * or any letter. Genres beyond the last free key have none.
 * @param chosen genre of a digit
 * @param reserved letters with another function on the Review screen
 */
export function genreKeys(
  genres: readonly Genre[],
  chosen: Readonly<Record<string, number>> = {},
  reserved = '',
): ReadonlyMap<number, string> {
  const own = Object.entries(chosen).filter(([, genre]) => genres.some(({ id }) => id === genre))
  const taken = new Set([...reserved.split(''), ...own.map(([digit]) => digit)])
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

/** The model's proposal for a flagged cell. */
export const findingOf = (cell: Cell): 'add' | 'remove' | 'impossible' | null => {
  if (!isFlagged(cell)) return null
  if (cell.impossibleEstimate) return 'impossible'
  return cell.label ? 'remove' : 'add'
}

type Named = Pick<Cell, 'genre' | 'name'>
/** A change that is proposed for a movie. The two halves of a replacement change together. */
export interface Suggestion extends Named {
  readonly kind: 'add' | 'remove' | 'impossible' | 'replace'
  /** The genre that takes its place, if it is replaced. */
  readonly by: Named | null
  /** P(the label is wrong); null for a suggestion of the model alone. */
  readonly pWrong: number | null
  /** The largest weight first; empty for rows of the list. */
  readonly reasons: readonly Reason[]
}
type Suggesting = Pick<MovieRow, 'cells' | 'suspects'>

const ofSuspect = ({ genre, name, pWrong, suggestion, ...rest }: Suspect | SuspectCell): Suggestion => ({
  genre,
  name,
  ...suggestion,
  pWrong,
  reasons: 'reasons' in rest ? rest.reasons : [],
})
/** The model's suggestion for a flagged cell; one for both halves of a swap, under the genre to be removed. */
function ofFinding(cells: readonly Cell[], cell: Cell): Suggestion | null {
  const kind = findingOf(cell)
  const partner = cells.find((c) => c.name === cell.partner)
  const other = partner && findingOf(partner)
  const model = { pWrong: null, reasons: [] }
  if (kind === null || !partner || !other || kind === 'impossible' || other === 'impossible')
    return kind && { genre: cell.genre, name: cell.name, kind, by: null, ...model }
  const [removed, by] = cell.label ? [cell, partner] : [partner, cell]
  return { genre: removed.genre, name: removed.name, kind: 'replace', by, ...model }
}
/** The genres that a suggestion changes. */
const genresOf = ({ genre, by }: Suggestion): number[] => (by ? [genre, by.genre] : [genre])
/** True if the suggestion changes this genre. */
export const isAbout = (suggestion: Suggestion, genre: number | null): boolean => genre !== null && genresOf(suggestion).includes(genre)

/**
 * Every suggestion for a movie, the most suspicious first: its suspects, and labels estimated impossible. If suspects were never searched
 * for, whatever the model disagrees with.
 */
export function suggestionsOf({ cells, suspects }: Suggesting): Suggestion[] {
  const found = cells
    .filter(isFlagged)
    .sort((a, b) => suspicion(b) - suspicion(a) || a.genre - b.genre)
    .flatMap((cell) => ofFinding(cells, cell) ?? [])
    .filter(({ genre }, i, all) => all.findIndex((s) => s.genre === genre) === i)
  if (suspects === null) return found
  const listed = suspects.map(ofSuspect)
  return [...listed, ...found.filter(({ kind, genre }) => kind === 'impossible' && !listed.some((s) => isAbout(s, genre)))]
}
export const suggestionFor = (movie: Suggesting, genre: number | null): Suggestion | null =>
  suggestionsOf(movie).find((s) => isAbout(s, genre)) ?? null

/** The suggestion after the one about this genre, wrapping around; null if there is no other. */
export function nextSuggestion(movie: Suggesting, genre: number | null): Suggestion | null {
  const all = suggestionsOf(movie)
  const at = all.findIndex((s) => isAbout(s, genre))
  return [...all.slice(at + 1), ...all.slice(0, Math.max(0, at))][0] ?? null
}

/** Genres with a suggestion first, in its order; then by probability. Labels break ties before the first training. */
export function cellOrder(movie: Suggesting & Pick<MovieDetail, 'allCells'>): Cell[] {
  const suggested = suggestionsOf(movie).flatMap(genresOf)
  const place = ({ genre }: Cell) => (suggested.includes(genre) ? suggested.indexOf(genre) : suggested.length)
  const likely = (c: Cell) => c.probability ?? (c.label ? 1 : 0)
  return [...movie.allCells].sort((a, b) => place(a) - place(b) || likely(b) - likely(a) || a.genre - b.genre)
}

/** True if the person at hand need not mark the movie as reviewed: it has the mark, and is not assigned to this person to decide it, too. */
export const isReviewed = ({ reviewed, todo }: Pick<MovieDetail, 'reviewed' | 'todo'>): boolean => reviewed && !todo
const reviewed = (movie: MovieDetail): Change[] => (isReviewed(movie) ? [] : [{ field: 'reviewed', movie: movie.movie, to: true }])

/** Changes that accept a suggestion; the engine marks the movie as reviewed when it was the last one. */
export function acceptOne(movie: number, { kind, genre, by }: Suggestion): Change[] {
  if (kind === 'impossible') return [{ field: 'verdict', movie, genre, to: 'impossible' }]
  const changes: Change[] = [{ field: 'label', movie, genre, to: kind === 'add' }]
  return by ? [...changes, { field: 'label', movie, genre: by.genre, to: true }] : changes
}
const keep = (movie: number, genre: number): Change => ({ field: 'verdict', movie, genre, to: 'keep' })
/** Changes that refuse a suggestion: its labels are right as they are. */
export const keepOne = (movie: number, suggestion: Suggestion): Change[] => genresOf(suggestion).map((genre) => keep(movie, genre))

/** Describes the acceptance of a suggestion in the change log. */
export const acceptedInWords = ({ kind, name, by }: Suggestion, title: string): string =>
  m.labels.accepted[kind](title, name, by?.name ?? '')
/** The action of a suggestion's button. */
export const suggestionInWords = ({ kind, name, by }: Suggestion): string =>
  kind === 'impossible'
    ? m.review.markGenreImpossible(name)
    : suggestionText(name, by ? { kind: 'replace', by } : { kind: kind === 'add' ? kind : 'remove', by: null })
/** The reason for answering suggestions, for the change log. */
export const whyOf = (suggestions: readonly Suggestion[]): string =>
  suggestions.map((s) => m.labels.suggested(suggestionInWords(s), s.pWrong)).join('; ')

/** Changes that accept every suggestion; the movie becomes reviewed. */
export const acceptChanges = (movie: MovieDetail): Change[] => [
  ...suggestionsOf(movie).flatMap((suggestion) => acceptOne(movie.movie, suggestion)),
  ...reviewed(movie),
]

/** Changes that confirm every label that the search or the model doubts; the movie becomes reviewed. */
export function keepChanges(movie: MovieDetail): Change[] {
  const suggested = suggestionsOf(movie).flatMap(genresOf)
  const flagged = movie.cells.filter(isFlagged).map(({ genre }) => genre)
  const doubted = [...new Set([...suggested, ...flagged])]
  return [...doubted.map((genre) => keep(movie.movie, genre)), ...reviewed(movie)]
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
  const todo = movie.todo && !changes.some(({ field, to }) => field === 'reviewed' && to)
  return { ...movie, allCells, ...rowAfter({ ...movie, cells: allCells }, changes), suspects: suspectsAfter(movie.suspects, changes), todo }
}
/** Without those that the changes decide. */
const suspectsAfter = <S extends Suspect>(suspects: readonly S[] | null, changes: readonly Change[]): readonly S[] | null =>
  suspects?.filter((s) => !changes.some((c) => 'genre' in c && isAbout(ofSuspect(s), c.genre))) ?? null

export function rowAfter(row: MovieRow, changes: readonly Change[]): Pick<MovieRow, 'cells' | 'labels' | 'suspects' | Mark> {
  const labels = new Set(row.labels)
  const cells = row.cells.map((c) => changedCell(c, changes)).filter((c) => (c.kind !== null && c.kind !== 'good') || c.verdict !== null)
  for (const change of changes) {
    const name = change.field === 'label' ? row.cells.find((c) => c.genre === change.genre)?.name : undefined
    if (change.field !== 'label' || name === undefined) continue
    if (change.to) labels.add(name)
    else labels.delete(name)
  }
  const { reviewed, skipped, flagged } = row
  const marks = { reviewed, skipped, flagged }
  for (const { field, to } of changes) if (isMark(field)) marks[field] = to === true
  return { cells, labels: [...labels], ...marks, suspects: suspectsAfter(row.suspects, changes) }
}

export const rowOf = (m: MovieDetail): MovieRow => {
  const { movie, key, title, excerpt, split, buckets, score, reviewed: done, skipped, flagged, labels, predicted, cells, suspects } = m
  return { movie, key, title, excerpt, split, buckets, score, reviewed: done, skipped, flagged, labels, predicted, cells, suspects }
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

/** The list up to the movie at hand, then the movies of a new list that it does not hold. */
export function withBehind(ids: Int32Array, index: number, list: Int32Array): Int32Array {
  const kept = ids.subarray(0, index + 1)
  const there = new Set(kept)
  const behind = list.filter((movie) => !there.has(movie))
  const out = new Int32Array(kept.length + behind.length)
  out.set(kept)
  out.set(behind, kept.length)
  return out
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
