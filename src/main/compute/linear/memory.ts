/** How much memory a training takes, before it starts: a machine that has less refuses with numbers, not by dying. */
import { totalmem } from 'node:os'
import { UserError } from '../../../contract/errors.ts'
import type { LinearConfig } from '../../../contract/records.ts'
import { LANE_BYTES_PER_ROW } from './pool.ts'

/** What there is to learn from. */
export interface TrainingSize {
  readonly movies: number
  readonly training: number
  readonly genres: number
  /** UTF-16 code units of the training plots. */
  readonly characters: number
}

/**
 * Per character of plots, measured on the 9000+ Movies dataset, IMDb's movies by genre and generated catalogues, which differ by a
 * tenth: words that are not stop words, all words, distinct n-grams for each length of word n-grams, n-grams in two plots
 * or more, distinct character n-grams in a plot for each length.
 */
const PER_CHARACTER = { telling: 0.095, words: 0.155, distinct: 0.042, kept: 0.012, chars: 0.68 }
/** Share of a row's word n-grams that occur in another plot too. */
const REPEATED = 0.62
/** Different character n-grams of one length that a language has. */
const MOST_CHAR_COLUMNS = 400_000
/** Bytes: the process with its code, and what each number of the tables takes while they grow. */
const [BASE, PAIR_BYTES, WORD_BYTES] = [220e6, 52, 8]
/** Bytes of one value of the matrix: its column, the value, its count. */
const VALUE_BYTES = 10
/** Lanes of a thread at least, see laneCount. */
const FEWEST_LANES = 4

const lengths = (range: readonly [number, number] | null): number => (range === null ? 0 : range[1] - range[0] + 1)

/** About how many bytes a training takes at its peak, with as few lanes as `threads` threads may have. */
export function trainingBytes({ movies, training, genres, characters }: TrainingSize, config: LinearConfig, threads: number): number {
  const words = characters * (config.stopWords === 'english' ? PER_CHARACTER.telling : PER_CHARACTER.words)
  const chars = characters * PER_CHARACTER.chars * lengths(config.charNgrams)
  const distinct = characters * PER_CHARACTER.distinct * config.wordNgrams
  const limit = config.maxFeatures ?? Infinity
  const wordColumns = Math.min(limit, config.minDf > 1 ? characters * PER_CHARACTER.kept : distinct)
  const columns = wordColumns + Math.min(limit, chars / 50, MOST_CHAR_COLUMNS * lengths(config.charNgrams))
  const values = words * config.wordNgrams * (config.minDf > 1 ? REPEATED : 1) + chars
  const job = movies * (3 * genres + 16) + BASE
  const read = words * WORD_BYTES + (config.charNgrams === null ? 0 : (characters / 6) * WORD_BYTES)
  const learning = read + distinct * PAIR_BYTES
  const panels = threads * FEWEST_LANES * (training * LANE_BYTES_PER_ROW + 4 * columns)
  const results = 8 * genres * (training + movies + columns)
  return job + Math.max(learning, read + values * VALUE_BYTES + panels + results)
}

/** Bytes that a new process may count on. What macOS calls free leaves out the memory that it would hand over. */
export const spareMemory = (): number =>
  process.platform === 'darwin' ? Math.max(process.availableMemory(), 0.6 * totalmem()) : process.availableMemory()

/** Smaller recipes to offer, the least loss first. */
const SMALLER: readonly { readonly name: string; readonly change: Partial<LinearConfig> }[] = [
  { name: 'at most 200,000 words and word parts', change: { maxFeatures: 200_000 } },
  { name: 'no parts of words', change: { charNgrams: null } },
  { name: 'no parts of words and at most 100,000 words', change: { charNgrams: null, maxFeatures: 100_000 } },
  { name: 'single words only', change: { charNgrams: null, wordNgrams: 1, maxFeatures: 100_000 } },
]

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** Throws UserError `too-little-memory`, with the numbers and what would fit, where a training takes more than there is. */
export function assertMemory(size: TrainingSize, config: LinearConfig, threads: number, spare = spareMemory()): void {
  const needed = trainingBytes(size, config, threads)
  if (needed <= spare) return
  const fits = SMALLER.map(({ name, change }) => ({ name, bytes: trainingBytes(size, { ...config, ...change }, threads) })).find(
    ({ bytes }) => bytes <= spare && bytes < needed,
  )
  const way = fits
    ? `close other programs, or choose a smaller recipe (${fits.name}: ${gigabytes(fits.bytes)})`
    : 'close other programs, or train on a machine with more memory'
  throw new UserError(
    'too-little-memory',
    `Training on ${size.training.toLocaleString('en')} movies takes about ${gigabytes(needed)} of memory, and ${gigabytes(spare)} are free: ${way}.`,
  )
}
