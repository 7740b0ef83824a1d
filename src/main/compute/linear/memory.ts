/** Estimates the memory of a training before it starts, so that a machine with too little refuses with numbers instead of crashing. */
import { totalmem } from 'node:os'
import type { LinearConfig } from '../../../contract/records.ts'
import { MAX_FOLD_BYTES } from './output.ts'
import { LANE_BYTES_PER_ROW } from './pool.ts'

/** Size of the training data. */
export interface TrainingSize {
  readonly movies: number
  readonly training: number
  readonly genres: number
  /** UTF-16 code units of the training plots. */
  readonly characters: number
}

/**
 * Per character of plots, measured on the 9000+ Movies dataset, IMDb's movies by genre and generated catalogues, which differ by a tenth:
 * words without stop words, all words, distinct n-grams for each length of word n-grams, n-grams in two plots or more, distinct character
 * n-grams in a plot for each length.
 */
const PER_CHARACTER = { contentWords: 0.095, words: 0.155, distinct: 0.042, kept: 0.012, chars: 0.68 }
/** Share of a row's word n-grams that also occur in another plot. */
const REPEATED = 0.62
/** Number of different character n-grams of one length in a language. */
const MAX_CHAR_COLUMNS = 400_000
/** Bytes: the process with its code, and each number of the tables while they grow. */
const [BASE, PAIR_BYTES, WORD_BYTES] = [220e6, 52, 8]
/** Bytes per value of the matrix: its column and the value. */
const VALUE_BYTES = 8
/** Bytes per column of a problem: its lane of the panel, the ratios of naive Bayes and the scale. */
const LANE_BYTES_PER_COLUMN = 12
/** Smallest number of lanes of a thread, see `laneCount`. */
const MIN_LANES = 4

const lengths = (range: readonly [number, number] | null): number => (range === null ? 0 : range[1] - range[0] + 1)

/** Approximate peak memory of a training in bytes, with the fewest lanes that `threads` threads may have. */
export function trainingBytes({ movies, training, genres, characters }: TrainingSize, config: LinearConfig, threads: number): number {
  const words = characters * (config.stopWords === 'english' ? PER_CHARACTER.contentWords : PER_CHARACTER.words)
  const chars = characters * PER_CHARACTER.chars * lengths(config.charNgrams)
  const distinct = characters * PER_CHARACTER.distinct * config.wordNgrams
  const limit = config.maxFeatures ?? Infinity
  const wordColumns = Math.min(limit, config.minDf > 1 ? characters * PER_CHARACTER.kept : distinct)
  const columns = wordColumns + Math.min(limit, chars / 50, MAX_CHAR_COLUMNS * lengths(config.charNgrams))
  const values = words * config.wordNgrams * (config.minDf > 1 ? REPEATED : 1) + chars
  const job = movies * (3 * genres + 16) + BASE
  const read = words * WORD_BYTES + (config.charNgrams === null ? 0 : (characters / 6) * WORD_BYTES)
  const learning = read + distinct * PAIR_BYTES
  const panels = threads * MIN_LANES * (training * LANE_BYTES_PER_ROW + LANE_BYTES_PER_COLUMN * columns)
  const results = 8 * genres * (training + movies + columns) + Math.min(MAX_FOLD_BYTES, 2 * config.folds * genres * columns)
  return job + Math.max(learning, read + values * VALUE_BYTES + panels + results)
}

/** Bytes that a new process may use. What macOS reports as free excludes memory that it would release on demand. */
export const spareMemory = (): number =>
  process.platform === 'darwin' ? Math.max(process.availableMemory(), 0.6 * totalmem()) : process.availableMemory()

/** Smaller recipes to suggest, the one that loses least first. */
export const SMALLER: readonly { readonly name: string; readonly change: Partial<LinearConfig> }[] = [
  { name: 'at most 200,000 words and word parts', change: { maxFeatures: 200_000 } },
  { name: 'no parts of words', change: { charNgrams: null } },
  { name: 'no parts of words and at most 100,000 words', change: { charNgrams: null, maxFeatures: 100_000 } },
  { name: 'single words only', change: { charNgrams: null, wordNgrams: 1, maxFeatures: 100_000 } },
]
