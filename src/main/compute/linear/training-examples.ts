/** Training movies that speak for a prediction with the same n-grams. */
import type { LinearModel } from './predict.ts'
import type { Explainable } from './explain.ts'
import { transform } from './vectorise.ts'

/** Texts that are turned into features at once. */
const BATCH = 256

/** The model that predicted a movie learned from those training movies that are not of its fold. */
export function learnedBy({ folds }: LinearModel, movie: number, training: Int32Array): Int32Array {
  const at = folds?.rows.indexOf(movie) ?? -1
  if (!folds || at < 0) return training
  return folds.rows.filter((_, row) => folds.fold[row] !== folds.fold[at])
}

/**
 * The texts with the largest cosine between their contributions to a genre (value x weight of each n-gram) and those of `text`.
 * @returns places in `others`, the most similar first; none without a common n-gram
 */
export function nearestByContribution(
  { vectoriser, weights }: Pick<Explainable, 'vectoriser' | 'weights'>,
  { text, genre, most }: { readonly text: string; readonly genre: number; readonly most: number },
  others: Iterable<string>,
): { readonly at: number; readonly similarity: number }[] {
  const offset = genre * vectoriser.columns
  const wanted = new Float64Array(vectoriser.columns)
  const own = transform(vectoriser, [text])
  own.indices.forEach((column, i) => (wanted[column] = own.values[i]! * weights[offset + column]!))
  const length = Math.hypot(...wanted.filter((x) => x !== 0))
  let best: { readonly at: number; readonly similarity: number }[] = []
  let [batch, first] = [[] as string[], 0]
  const measure = (): void => {
    const { indptr, indices, values } = transform(vectoriser, batch)
    batch.forEach((_, row) => {
      let [dot, square] = [0, 0]
      for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
        const contribution = values[i]! * weights[offset + indices[i]!]!
        dot += contribution * wanted[indices[i]!]!
        square += contribution * contribution
      }
      if (dot > 0) best.push({ at: first + row, similarity: dot / (length * Math.sqrt(square)) })
    })
    best = best.sort((a, b) => b.similarity - a.similarity || a.at - b.at).slice(0, most)
    first += batch.length
    batch = []
  }
  for (const other of others) if (batch.push(other) === BATCH) measure()
  measure()
  return best
}
