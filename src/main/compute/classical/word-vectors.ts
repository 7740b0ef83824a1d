/**
 * Word vectors from the plots themselves: positive pointwise mutual information of words in a window, factorised by a truncated SVD (Levy,
 * Goldberg and Dagan 2015). A text's vector is the mean of its words' vectors.
 */
import type { Vectors } from '../../model-folder/vector-file.ts'
import type { Csr } from '../linear/csr.ts'
import { product, singularVectors } from '../linear/svd.ts'
import { words } from '../linear/tokens.ts'
import { denseRows } from './rows.ts'

export interface VectorOptions {
  readonly dim: number
  /** Words on each side that count as context. */
  readonly window: number
  readonly minCount: number
  readonly mostWords: number
  readonly seed: number
}

/** Exponent of the context's frequency, which keeps rare contexts from dominating. */
const SMOOTHING = 0.75

export interface CountedWords {
  /** The words of each text. */
  readonly lists: readonly string[][]
  /** Places of the words that count, the most frequent first. */
  readonly ids: ReadonlyMap<string, number>
  /** How often each of them occurs, by place. */
  readonly counts: readonly number[]
}
/** Splits texts into words and counts them. */
export function countWords(texts: Iterable<string>, { minCount, mostWords }: Pick<VectorOptions, 'minCount' | 'mostWords'>): CountedWords {
  const lists: string[][] = []
  const counts = new Map<string, number>()
  for (const text of texts) {
    const list = words(text.toLowerCase())
    lists.push(list)
    for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const kept = [...counts].filter(([, count]) => count >= minCount).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const used = kept.slice(0, mostWords)
  return { lists, ids: new Map(used.map(([word], id) => [word, id])), counts: used.map(([, count]) => count) }
}

/** Learns vectors from texts: left singular vectors, each times the square root of its singular value. */
export function learnVectors(texts: Iterable<string>, options: VectorOptions): Vectors {
  const { lists, ids } = countWords(texts, options)
  const matrix = mutualInformation(lists, ids, options.window)
  const dim = Math.min(options.dim, ids.size)
  const { right, values } = singularVectors(matrix, dim, options.seed)
  // A V = U S, divided by sqrt(S)
  const vectors = product(matrix, right, dim).map((x, at) => (values[at % dim]! > 0 ? x / Math.sqrt(values[at % dim]!) : 0))
  return { ids, dim, vectors }
}

/** PPMI of words and contexts: max(0, log(#(w, c) * sum_c #(c)^a / (#(w) * #(c)^a))); symmetric counts, a = 0.75 for contexts. */
function mutualInformation(lists: readonly string[][], ids: ReadonlyMap<string, number>, window: number): Csr {
  const n = ids.size
  const pairs = Array.from({ length: n }, () => new Map<number, number>())
  const sums = new Float64Array(n)
  for (const list of lists) {
    const known = list.map((word) => ids.get(word) ?? -1)
    known.forEach((word, at) => {
      for (let to = Math.max(0, at - window); word >= 0 && to <= Math.min(known.length - 1, at + window); to++) {
        const context = known[to]!
        if (to === at || context < 0) continue
        pairs[word]!.set(context, (pairs[word]!.get(context) ?? 0) + 1)
        sums[word]!++
      }
    })
  }
  const smoothed = sums.map((sum) => sum ** SMOOTHING)
  const total = smoothed.reduce((a, b) => a + b, 0)
  const indptr = new Int32Array(n + 1)
  const [indices, values]: [number[], number[]] = [[], []]
  pairs.forEach((row, word) => {
    for (const [context, count] of row) {
      const information = Math.log((count * total) / (sums[word]! * smoothed[context]!))
      if (information <= 0) continue
      indices.push(context)
      values.push(information)
    }
    indptr[word + 1] = indices.length
  })
  return { rows: n, columns: n, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) }
}

/** (texts, dim) the mean of the vectors of each text's known words; 0 without any. */
export function textVectors({ ids, dim, vectors }: Vectors, texts: readonly string[]): Csr {
  const out = new Float32Array(texts.length * dim)
  texts.forEach((text, row) => {
    const known = words(text.toLowerCase()).flatMap((word) => ids.get(word) ?? [])
    for (const id of known) for (let j = 0; j < dim; j++) out[row * dim + j]! += vectors[id * dim + j]! / known.length
  })
  return denseRows(out, texts.length, dim)
}
