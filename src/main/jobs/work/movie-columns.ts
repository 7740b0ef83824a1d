/** The values of movies that an export may write, column by column. */
import type { ExtraColumn, MovieColumnName } from '../../../contract/exporting.ts'
import { BUCKETS } from '../../../contract/records.ts'
import { BUCKET_BITS, VERDICT_NAMES } from '../../analysis/triage.ts'
import type { Catalogue } from '../../catalogue/catalogue.ts'
import { Predictions } from '../../catalogue/predictions.ts'
import { Suspects } from '../../catalogue/suspects.ts'
import type { Value, ValueKind } from '../../data/export/formats/movies.ts'
import { recordCells } from '../../data/import/files/tables.ts'
import { originalCells } from '../../store/reader.ts'
import type { Store } from '../../store/store.ts'

interface Column {
  readonly kind: ValueKind
  readonly of: (movie: number, row: number) => Value
}
/** Columns by name. What is costly to read is read when a column first needs it. */
export interface MovieColumns {
  readonly base: Readonly<Record<MovieColumnName, Column>>
  readonly extra: Readonly<Record<ExtraColumn, Column>>
  readonly original: (name: string) => Column
  /** Null before the first training. */
  readonly predictions: () => Predictions | null
  /** Names of the genres with a 1 in a row of an n x k matrix. */
  readonly names: (of: Uint8Array, row: number) => string[]
}

/** Reads the predictions of the current run; null if there is none. */
function currentPredictions(store: Store, catalogue: Catalogue): Predictions | null {
  const current = store.meta.get('currentRun')
  const run = current === null ? null : store.runs.get(current)
  return run?.status === 'done' ? Predictions.load(catalogue, store, run) : null
}
export function requirePredictions(store: Store, catalogue: Catalogue): Predictions {
  const found = currentPredictions(store, catalogue)
  if (!found) throw new Error('there is no current run')
  return found
}

const once = <T>(read: () => T): (() => T) => {
  let held: { readonly value: T } | null = null
  return () => (held ??= { value: read() }).value
}
export const fixed = (value: number | undefined, digits: number): string => (value ?? NaN).toFixed(digits)
const rounded = (value: number | undefined, digits: number): number => Number(fixed(value, digits))

export function movieColumns(store: Store, c: Catalogue): MovieColumns {
  const { k, genres, labels, verdicts } = c
  const predictions = once(() => currentPredictions(store, c))
  const suspects = once(() => Suspects.load(c, store))
  const touch = once(() => store.changes.lastTouch())
  const cellsOf = originalCells(store.sources, recordCells)
  /** Cells of the movie that was asked for last: all its columns are asked for in turn. */
  let last: { readonly movie: number; readonly cells: ReturnType<typeof cellsOf> } | null = null
  const cells = (movie: number): ReturnType<typeof cellsOf> => {
    if (last?.movie !== movie) last = { movie, cells: cellsOf(movie) }
    return last.cells
  }
  const names = (of: Uint8Array, row: number): string[] => genres.filter((_, j) => of[row * k + j] === 1).map((g) => g.name)
  /** True if a decision on the movie is in force, not only one that was undone. */
  const decided = (row: number): boolean => {
    if (c.marks.reviewed[row]) return true
    for (let cell = row * k; cell < (row + 1) * k; cell++) if (labels[cell] !== c.source[cell] || verdicts[cell] !== 0) return true
    return false
  }
  /** Probabilities of the genres that the run knows, for which `of` holds. */
  const probabilities = (row: number, of: (cell: number, p: Predictions) => boolean): { readonly name: string; readonly p: number }[] => {
    const p = predictions()
    if (!p?.has[row]) return []
    return genres.flatMap(({ name }, j) => (p.known[j] && of(row * k + j, p) ? [{ name, p: p.p[row * k + j] ?? NaN }] : []))
  }
  return {
    predictions,
    names,
    base: {
      id: { kind: 'text', of: (movie) => store.movies.head(movie).key },
      title: { kind: 'text', of: (movie) => store.movies.head(movie).title },
      plot: { kind: 'text', of: (movie) => store.movies.text(movie)?.plot ?? '' },
      genres: { kind: 'list', of: (_, row) => names(labels, row) },
    },
    original: (name) => ({ kind: 'text', of: (movie) => cells(movie).find((cell) => cell.name === name)?.value ?? '' }),
    extra: {
      previous: { kind: 'list', of: (movie) => store.movies.sourceGenreNames(movie) },
      predicted: {
        kind: 'list',
        of: (_, row) => {
          const p = predictions()
          return p?.has[row] ? names(p.predicted, row) : null
        },
      },
      probability: {
        kind: 'text',
        of: (_, row) =>
          probabilities(row, (cell, p) => labels[cell] === 1 || p.predicted[cell] === 1)
            .map(({ name, p }) => `${name} ${fixed(p, 3)}`)
            .join('; '),
      },
      probabilities: {
        kind: 'scores',
        of: (_, row) => {
          const all = probabilities(row, () => true)
          return all.length === 0 ? null : Object.fromEntries(all.map(({ name, p }) => [name, rounded(p, 6)]))
        },
      },
      pwrong: { kind: 'number', of: (_, row) => rounded(suspects()?.movie(row), 6) || 0 },
      verdict: {
        kind: 'text',
        // the buckets first, then the analyst's verdicts
        of: (_, row) => {
          const p = predictions()
          const buckets = BUCKETS.filter((b) => p?.has[row] && (p.buckets[row] ?? 0) & BUCKET_BITS[b])
          const given = genres.flatMap((g, j) => {
            const verdict = VERDICT_NAMES[verdicts[row * k + j] ?? 0]
            return verdict ? [`${verdict}: ${g.name}`] : []
          })
          return [...buckets, ...given].join('; ')
        },
      },
      note: { kind: 'text', of: (movie) => c.notes.get(movie) ?? '' },
      split: { kind: 'text', of: (_, row) => c.splitOf(row) },
      reviewed: { kind: 'boolean', of: (_, row) => c.marks.reviewed[row] === 1 },
      who: { kind: 'text', of: (movie, row) => (decided(row) ? (touch().get(movie)?.who ?? '') : '') },
      when: { kind: 'text', of: (movie, row) => (decided(row) ? (touch().get(movie)?.at ?? '') : '') },
      answers: {
        kind: 'text',
        // the newest of each task and service, with its source
        of: (movie) => {
          const answers = store.answers.of(movie).map(({ service, model, at, accepted, answer }) => ({
            ...{ service, model, at, accepted },
            ...answer,
          }))
          return answers.length === 0 ? '' : JSON.stringify(answers)
        },
      },
    },
  }
}
