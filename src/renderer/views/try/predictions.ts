/** What several runs say of one plot, genre by genre. */
import type { TextPrediction } from '../../../contract/records.ts'

type Cell = TextPrediction['genres'][number]
export interface GenreLine {
  readonly name: string
  /** One for each run, in their order; null where a run does not know the genre. */
  readonly cells: readonly (Cell | null)[]
  readonly predicted: number
}
/** Genres that most runs predict come first, then those they find likeliest. */
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
/** `Crime, Drama`, likeliest first. */
export const verdict = (p: TextPrediction): string =>
  p.genres
    .filter((g) => g.predicted)
    .sort((a, b) => b.probability - a.probability)
    .map((g) => g.name)
    .join(', ')
