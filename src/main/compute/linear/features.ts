import type { LinearConfig } from '../../../contract/records.ts'
import { ENGLISH_STOP_WORDS } from './stop-words.ts'
import type { CountRows } from './counts.ts'
import { EMPTY, PairTable } from './pair-table.ts'
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

/** The words that count: stop words go before n-grams are built, as in scikit-learn. */
export const isKept = (config: FeatureConfig, word: string): boolean => config.stopWords === 'none' || !ENGLISH_STOP_WORDS.has(word)

/** Adds each n-gram occurrence of a lower-cased text to `counts`. */
export type Collector = (lower: string, counts: CountRows) => void

/** Counts with a closed vocabulary: n-grams that it does not number are skipped. */
export function closedCollector(kind: BlockKind, config: FeatureConfig, ids: ReadonlyMap<string, number>): Collector {
  return kind === 'char' ? charCollector(config.charNgrams!, (ngram) => ids.get(ngram) ?? -1) : closedWords(config, ids)
}

function closedWords(config: FeatureConfig, ids: ReadonlyMap<string, number>): Collector {
  return (lower, counts) => {
    const kept = words(lower).filter((word) => isKept(config, word))
    for (let i = 0; i < kept.length; i++) {
      let ngram = ''
      for (let n = 0; n < config.wordNgrams && i + n < kept.length; n++) {
        ngram = n === 0 ? kept[i]! : `${ngram} ${kept[i + n]!}`
        const id = ids.get(ngram)
        if (id !== undefined) counts.add(id)
      }
    }
  }
}

/** A vocabulary that grows while texts are read: ids in order of first sight. */
export interface Learner {
  readonly collect: Collector
  readonly size: () => number
  /** The n-gram of a number. */
  readonly name: (id: number) => string
}

export const learner = (kind: BlockKind, config: FeatureConfig): Learner =>
  kind === 'char' ? charLearner(config.charNgrams!) : wordLearner(config)

function charLearner(range: readonly [number, number]): Learner {
  const ids = new Map<string, number>()
  const names: string[] = []
  const number = (ngram: string): number => {
    const known = ids.get(ngram)
    if (known !== undefined) return known
    ids.set(ngram, names.length)
    return names.push(ngram) - 1
  }
  return { collect: charCollector(range, number), size: () => names.length, name: (id) => names[id]! }
}

/** Chunks repeat, so that the n-grams of each distinct one are numbered once. */
function charCollector(range: readonly [number, number], number: (ngram: string) => number): Collector {
  const known = new Map<string, Int32Array>()
  return (lower, counts) => {
    for (const chunk of chunks(lower)) {
      let ids = known.get(chunk)
      if (ids === undefined) {
        const list: number[] = []
        chunkNgrams(chunk, range, (ngram) => {
          const id = number(ngram)
          if (id >= 0) list.push(id)
        })
        known.set(chunk, (ids = Int32Array.from(list)))
      }
      counts.addAll(ids)
    }
  }
}

const STOPPED = -1

/** Longer n-grams are numbered by (number of all but the last word, last word): their text is built only when asked for. */
function wordLearner(config: FeatureConfig): Learner {
  const wordIds = new Map<string, number>()
  const wordNames: string[] = []
  const pairs = new PairTable() // (n-gram, word) -> n-gram; a single word has the prefix EMPTY
  const wordId = (word: string): number => {
    const known = wordIds.get(word)
    if (known !== undefined) return known
    const id = isKept(config, word) ? wordNames.push(word) - 1 : STOPPED
    wordIds.set(word, id)
    return id
  }
  const name = (id: number): string => {
    const prefix = pairs.first(id)
    const last = wordNames[pairs.second(id)]!
    return prefix === EMPTY ? last : `${name(prefix)} ${last}`
  }
  const collect: Collector = (lower, counts) => {
    const kept: number[] = []
    for (const word of words(lower)) {
      const id = wordId(word)
      if (id !== STOPPED) kept.push(id)
    }
    for (let i = 0; i < kept.length; i++) {
      let id = EMPTY
      for (let n = 0; n < config.wordNgrams && i + n < kept.length; n++) counts.add((id = pairs.number(id, kept[i + n]!)))
    }
  }
  return { collect, size: () => pairs.size, name }
}
