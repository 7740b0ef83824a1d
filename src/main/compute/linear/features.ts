import type { LinearConfig } from '../../../contract/records.ts'
import { ENGLISH_STOP_WORDS } from './stop-words.ts'
import type { TermCounts } from './lists.ts'
import { chunkNgrams, chunks, words } from './tokens.ts'
import type { Limits } from './vocabulary.ts'

/** The part of the configuration that a vectoriser needs: which n-grams are counted. */
export type FeatureConfig = Pick<LinearConfig, 'wordNgrams' | 'charNgrams' | 'minDf' | 'maxFeatures' | 'sublinearTf' | 'stopWords'>
export type BlockKind = 'word' | 'char'

/** The blocks of a configuration, in column order. Each is weighted and normalised separately. */
export function blockKinds(config: FeatureConfig): BlockKind[] {
  const kinds: BlockKind[] = []
  if (config.wordNgrams > 0) kinds.push('word')
  if (config.charNgrams !== null) kinds.push('char')
  return kinds
}

/** True for words that count: stop words are removed before n-grams are built, as in scikit-learn. */
export const isKept = (config: FeatureConfig, word: string): boolean => config.stopWords === 'none' || !ENGLISH_STOP_WORDS.has(word)

/** Reads the training plots for one block, one row each, and then learns the block's vocabulary. */
export interface BlockReader {
  readonly read: (lower: string) => void
  readonly learn: (limits: Limits) => Learnt
}
export interface Learnt {
  /** The n-gram of each column, in order of first occurrence. */
  readonly names: readonly string[]
  /** (names.length) number of rows that contain it */
  readonly df: Int32Array
  /** Adds the columns of each n-gram occurrence of a row that was read. */
  readonly countRow: (row: number, termCounts: TermCounts) => void
}

/** Counts each n-gram occurrence of a lower-cased text. */
export type Collector = (lower: string, termCounts: TermCounts) => void

/** Counts with a fixed vocabulary; n-grams outside it are skipped. */
export function closedCollector(kind: BlockKind, config: FeatureConfig, ids: ReadonlyMap<string, number>): Collector {
  return kind === 'char' ? closedChars(config.charNgrams!, ids) : closedWords(config, ids)
}

function closedWords(config: FeatureConfig, ids: ReadonlyMap<string, number>): Collector {
  return (lower, termCounts) => {
    const kept = words(lower).filter((word) => isKept(config, word))
    for (let i = 0; i < kept.length; i++) {
      let ngram = ''
      for (let n = 0; n < config.wordNgrams && i + n < kept.length; n++) {
        ngram = n === 0 ? kept[i]! : `${ngram} ${kept[i + n]!}`
        const id = ids.get(ngram)
        if (id !== undefined) termCounts.add(id)
      }
    }
  }
}

/** Number of distinct chunks whose n-grams are cached. */
const MAX_CHUNKS = 100_000

/** Chunks repeat, so the n-grams of each distinct chunk are looked up once. */
function closedChars(range: readonly [number, number], ids: ReadonlyMap<string, number>): Collector {
  const known = new Map<string, Int32Array>()
  return (lower, termCounts) => {
    for (const chunk of chunks(lower)) {
      let found = known.get(chunk)
      if (found === undefined) {
        const list: number[] = []
        chunkNgrams(chunk, range, (ngram) => {
          const id = ids.get(ngram)
          if (id !== undefined) list.push(id)
        })
        if (known.size >= MAX_CHUNKS) known.clear()
        known.set(chunk, (found = Int32Array.from(list)))
      }
      termCounts.addAll(found)
    }
  }
}
