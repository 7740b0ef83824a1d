import type { LinearConfig } from '../../../contract/records.ts'
import { ENGLISH_STOP_WORDS } from './stop-words.ts'
import { chunkNgrams, chunks, words } from './tokens.ts'

/** Which n-grams are counted: the part of the configuration that a vectoriser needs. */
export type FeatureConfig = Pick<LinearConfig, 'wordNgrams' | 'charNgrams' | 'minDf' | 'sublinearTf' | 'stopWords'>
export type BlockKind = 'word' | 'char'

/** The blocks of a configuration, in column order. Each is weighted and normalised for itself. */
export function blockKinds(config: FeatureConfig): BlockKind[] {
  const kinds: BlockKind[] = []
  if (config.wordNgrams > 0) kinds.push('word')
  if (config.charNgrams !== null) kinds.push('char')
  return kinds
}

/** Numbers the n-grams of one block. A closed vocabulary numbers nothing new: unknown n-grams are skipped. */
export interface Vocabulary {
  readonly ids: Map<string, number>
  readonly closed: boolean
}

/** Calls `visit` with the number of each n-gram occurrence in a lower-cased text. */
export type Collector = (lower: string, visit: (id: number) => void) => void

/** A collector for one block over `vocabulary`, which it extends unless it is closed. */
export function collector(kind: BlockKind, config: FeatureConfig, vocabulary: Vocabulary): Collector {
  return kind === 'word' ? wordCollector(config, vocabulary) : charCollector(config.charNgrams!, vocabulary)
}

function idOf(vocabulary: Vocabulary, ngram: string): number {
  const known = vocabulary.ids.get(ngram)
  if (known !== undefined) return known
  if (vocabulary.closed) return -1
  const id = vocabulary.ids.size
  vocabulary.ids.set(ngram, id)
  return id
}

/** The words that count, in order: stop words go before n-grams are built, as in scikit-learn. */
export const isKept = (config: FeatureConfig, word: string): boolean => config.stopWords === 'none' || !ENGLISH_STOP_WORDS.has(word)

function wordCollector(config: FeatureConfig, vocabulary: Vocabulary): Collector {
  return (lower, visit) => {
    const kept = words(lower).filter((word) => isKept(config, word))
    for (let i = 0; i < kept.length; i++) {
      let ngram = ''
      for (let n = 0; n < config.wordNgrams && i + n < kept.length; n++) {
        ngram = n === 0 ? kept[i]! : `${ngram} ${kept[i + n]!}`
        const id = idOf(vocabulary, ngram)
        if (id >= 0) visit(id)
      }
    }
  }
}

/** Chunks repeat, so that the n-grams of each distinct one are numbered once. */
function charCollector(range: readonly [number, number], vocabulary: Vocabulary): Collector {
  const known = new Map<string, Int32Array>()
  return (lower, visit) => {
    for (const chunk of chunks(lower)) {
      let ids = known.get(chunk)
      if (ids === undefined) {
        const list: number[] = []
        chunkNgrams(chunk, range, (ngram) => {
          const id = idOf(vocabulary, ngram)
          if (id >= 0) list.push(id)
        })
        known.set(chunk, (ids = Int32Array.from(list)))
      }
      for (const id of ids) visit(id)
    }
  }
}
