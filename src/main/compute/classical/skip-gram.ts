/** Skip-gram with negative sampling (Mikolov et al. 2013): word vectors that tell the words around a word from random ones. */
import type { Vectors } from '../../model-folder/vector-file.ts'
import { mersenneTwister } from '../../analysis/numpy-random.ts'
import { countWords, type VectorOptions } from './word-vectors.ts'

/** As in word2vec: random words for each context, learning rates, and the frequency above which occurrences are skipped at random. */
const [NEGATIVES, FIRST_RATE, LAST_RATE, FREQUENT] = [5, 0.025, 0.0001, 1e-3]
/** Exponent of the frequency with which random words are drawn. */
const SMOOTHING = 0.75
/** Passes over the texts: fewer where they have so many words that more would take minutes. */
const [MAX_PASSES, MAX_WORDS_READ] = [20, 5_000_000]
/** Words between two reports of progress. */
const REPORTED = 100_000

/**
 * Learns vectors from texts; the same seed gives the same vectors. Only words that occur `minCount` times have one.
 * @param progress share of the work that is done
 */
export function skipGram(texts: Iterable<string>, options: VectorOptions, progress: (share: number) => void = () => undefined): Vectors {
  const { dim, window, seed } = options
  const { lists, ids, counts } = countWords(texts, options)
  const sentences = lists.map((list) => Int32Array.from(list.flatMap((word) => ids.get(word) ?? [])))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const draw = mersenneTwister(seed)
  const uniform = (): number => draw() / 2 ** 32
  const input = Float32Array.from({ length: ids.size * dim }, () => (uniform() - 0.5) / dim)
  const weights = { input, output: new Float32Array(ids.size * dim), change: new Float32Array(dim), dim }
  const negative = drawer(counts, uniform)
  const kept = counts.map((count) => (Math.sqrt(count / (FREQUENT * total)) + 1) * ((FREQUENT * total) / count))
  const passes = Math.max(1, Math.min(MAX_PASSES, Math.floor(MAX_WORDS_READ / Math.max(1, total))))
  const targets = new Int32Array(NEGATIVES + 1)
  let read = 0
  for (let pass = 0; pass < passes; pass++)
    for (const sentence of sentences) {
      const words = sentence.filter((word) => kept[word]! >= 1 || kept[word]! > uniform())
      const rate = Math.max(LAST_RATE, FIRST_RATE * (1 - read / (passes * total)))
      words.forEach((word, at) => {
        const reach = 1 + Math.floor(uniform() * window)
        for (let to = Math.max(0, at - reach); to <= Math.min(words.length - 1, at + reach); to++) {
          if (to === at) continue
          targets[0] = words[to]!
          let size = 1
          for (let i = 0; i < NEGATIVES; i++) {
            const other = negative()
            if (other !== targets[0]) targets[size++] = other
          }
          descend(weights, word, targets, size, rate)
        }
      })
      if (Math.floor(read / REPORTED) !== Math.floor((read + sentence.length) / REPORTED)) progress(read / (passes * total))
      read += sentence.length
    }
  return { ids, dim, vectors: input }
}

export interface Weights {
  /** (words, dim) */
  readonly input: Float32Array
  /** (words, dim) */
  readonly output: Float32Array
  /** (dim) overwritten by each step */
  readonly change: Float32Array
  readonly dim: number
}
/**
 * One step down the gradient of -log s(v . u_0) - sum over the others of log s(-v . u_i), where v is the word's vector, u_i the output
 * vector of `targets[i]`, and s the logistic function.
 * @param targets the word that occurs with it, then `size` - 1 random ones
 */
export function descend({ input, output, change, dim }: Weights, word: number, targets: Int32Array, size: number, rate: number): void {
  const at = word * dim
  change.fill(0)
  for (let i = 0; i < size; i++) {
    const to = targets[i]! * dim
    let product = 0
    for (let j = 0; j < dim; j++) product += input[at + j]! * output[to + j]!
    const step = rate * ((i === 0 ? 1 : 0) - 1 / (1 + Math.exp(-product)))
    for (let j = 0; j < dim; j++) change[j]! += step * output[to + j]!
    for (let j = 0; j < dim; j++) output[to + j]! += step * input[at + j]!
  }
  for (let j = 0; j < dim; j++) input[at + j]! += change[j]!
}

/** Draws words in proportion to their smoothed frequency. */
function drawer(counts: readonly number[], uniform: () => number): () => number {
  const ends = new Float64Array(counts.length)
  let sum = 0
  counts.forEach((count, word) => (ends[word] = sum += count ** SMOOTHING))
  return () => {
    const wanted = uniform() * sum
    let [low, high] = [0, ends.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
