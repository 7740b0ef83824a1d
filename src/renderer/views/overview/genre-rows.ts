import type { Overview } from '../../../contract/review.ts'
import type { MetricsReport } from '../../../contract/records.ts'
import { m } from '../../messages/index.ts'

/** A row of the table per genre: the scores of the run and the counts of the catalogue. */
export interface GenreRow {
  readonly id: number
  readonly name: string
  readonly support: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly threshold: number | null
  readonly missing: number
  readonly spurious: number
  readonly swapped: number
  readonly impossible: number
}
export type ColumnKey = Exclude<keyof GenreRow, 'id'>
/** The columns of the table, with their texts, in the order of the catalogue of messages. */
export const COLUMNS = (Object.keys(m.overview.columns) as ColumnKey[]).map((key) => ({ key, ...m.overview.columns[key] }))

/** The run's scores beside the catalogue's counts. Genres that the run does not know are left out. */
export function genreRows(metrics: MetricsReport, genres: Overview['genres'], thresholds: readonly number[]): GenreRow[] {
  const { per_label: per } = metrics
  return metrics.genres.flatMap((name, i) => {
    const genre = genres.find((g) => g.name === name)
    if (!genre) return []
    const { id, missing, spurious, swapped, impossible } = genre
    const [support, precision, recall, f1] = [per.support[i] ?? 0, per.precision[i] ?? 0, per.recall[i] ?? 0, per.f1[i] ?? 0]
    return [{ id, name, support, precision, recall, f1, threshold: thresholds[i] ?? null, missing, spurious, swapped, impossible }]
  })
}

/**
 * The 95% interval of a genre's F1. The hits are a share J of the movies that have the genre or are predicted it, so J has Wilson's
 * interval (1927), and F1 = 2 J / (1 + J) increases with it.
 */
export function f1Interval(matrix: MetricsReport['multilabel_confusion_matrix'][number] | undefined): { low: number; high: number } {
  const [[, wrong], [missed, hits]] = matrix ?? [[0, 0], [0, 0]] // prettier-ignore
  const n = hits + wrong + missed
  if (n === 0) return { low: 0, high: 1 }
  const [share, z] = [hits / n, 1.96]
  const [middle, half] = [share + (z * z) / (2 * n), z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))]
  const [low, high] = [middle - half, middle + half].map((end) => end / (1 + (z * z) / n)) as [number, number]
  return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) }
}

/** Sorts by one column; the names break ties. */
export function sorted(rows: readonly GenreRow[], by: ColumnKey, descending: boolean): GenreRow[] {
  const sign = descending ? -1 : 1
  const compare = (a: GenreRow, b: GenreRow) =>
    by === 'name' ? a.name.localeCompare(b.name) : (a[by] ?? -1) - (b[by] ?? -1) || a.name.localeCompare(b.name)
  return [...rows].sort((a, b) => sign * compare(a, b))
}
