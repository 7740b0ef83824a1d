/** The predictions of several runs for one plot, genre by genre. */
import type { TextPrediction } from '../../../contract/records.ts'

type Cell = TextPrediction['genres'][number]
/** One row of the table of predictions. */
export interface GenreLine {
  readonly name: string
  /** One cell per run, in their order; null if the run does not know the genre. */
  readonly cells: readonly (Cell | null)[]
  /** Runs that predict the genre. */
  readonly predicted: number
}
/** Sorted by the number of runs that predict the genre, then by its mean probability. */
export function genreLines(predictions: readonly TextPrediction[]): GenreLine[] {
  const names = new Set(predictions.flatMap((p) => p.genres.map((g) => g.name)))
  const lines = [...names].map((name) => {
    const cells = predictions.map((p) => p.genres.find((g) => g.name === name) ?? null)
    return { name, cells, predicted: cells.filter((c) => c?.predicted).length }
  })
  const mean = (l: GenreLine) => {
    const known = l.cells.filter((c) => c !== null)
    return known.reduce((s, c) => s + c.probability, 0) / Math.max(1, known.length)
  }
  return lines.sort((a, b) => b.predicted - a.predicted || mean(b) - mean(a) || a.name.localeCompare(b.name))
}
/** `Crime, Drama`: the predicted genres, most probable first. */
export const predictedNames = (p: TextPrediction): string =>
  p.genres
    .filter((g) => g.predicted)
    .sort((a, b) => b.probability - a.probability)
    .map((g) => g.name)
    .join(', ')
