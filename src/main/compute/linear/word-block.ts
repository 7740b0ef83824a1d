import { isKept, type BlockReader, type FeatureConfig, type Learnt } from './features.ts'
import { EMPTY, PairTable } from './pair-table.ts'
import { Pieces } from './pieces.ts'
import { words } from './tokens.ts'
import { choose, RowCounts, type Choice, type Limits } from './vocabulary.ts'

/** Word n-grams. Longer ones are numbered by (number of all but the last word, last word); their text is built only for a name. */
export function wordReader(config: FeatureConfig): BlockReader {
  const pieces = new Pieces()
  return {
    read(lower) {
      for (const word of words(lower)) if (isKept(config, word)) pieces.push(pieces.number(word))
      pieces.endRow()
    },
    learn(limits) {
      pieces.close()
      return learnt(pieces, config.wordNgrams, choosePairs(pieces, config.wordNgrams, limits))
    },
  }
}

interface Chosen {
  readonly table: PairTable
  /** (table.size) */
  readonly df: Int32Array
}

/** Renumbers the kept n-grams. The prefix of a kept n-gram is kept too: it is at least as frequent, and was seen first. */
function choosePairs(pieces: Pieces, longest: number, limits: Limits): Chosen {
  const all = new PairTable()
  const df = countPairs(pieces, longest, limits.minDf, all)
  const choice = choose(df, limits)
  return { table: selected(all, choice), df: df.filter((_, id) => choice.renumbered[id]! >= 0) }
}

/** Numbers the n-grams of frequent words in `table` and counts the rows of each. */
function countPairs(pieces: Pieces, longest: number, minDf: number, table: PairTable): Int32Array {
  const { data } = pieces
  const frequent = wordRows(pieces)
  const counts = new RowCounts()
  for (let row = 0; row < pieces.rows; row++) {
    const end = pieces.start(row + 1)
    for (let i = pieces.start(row); i < end; i++) {
      let id = EMPTY
      for (let n = i; n < end && n < i + longest; n++) {
        // an n-gram is at most as frequent as its rarest word
        if (frequent[data[n]!]! < minDf) break
        counts.see((id = table.number(id, data[n]!)), row)
      }
    }
  }
  return counts.counts(table.size)
}

/** Number of rows that contain each word. */
function wordRows(pieces: Pieces): Int32Array {
  const counts = new RowCounts()
  for (let row = 0; row < pieces.rows; row++)
    for (let i = pieces.start(row); i < pieces.start(row + 1); i++) counts.see(pieces.data[i]!, row)
  return counts.counts(pieces.names.length)
}

function selected(all: PairTable, { renumbered }: Choice): PairTable {
  const table = new PairTable()
  renumbered.forEach((to, id) => {
    if (to < 0) return
    const prefix = all.first(id)
    table.number(prefix === EMPTY ? EMPTY : renumbered[prefix]!, all.second(id))
  })
  return table
}

function learnt(pieces: Pieces, longest: number, { table, df }: Chosen): Learnt {
  const name = (id: number): string => {
    const prefix = table.first(id)
    const last = pieces.names[table.second(id)]!
    return prefix === EMPTY ? last : `${name(prefix)} ${last}`
  }
  return {
    names: Array.from(df, (_, id) => name(id)),
    df,
    countRow(row, termCounts) {
      const end = pieces.start(row + 1)
      for (let i = pieces.start(row); i < end; i++) {
        let id = EMPTY
        for (let n = i; n < end && n < i + longest; n++) {
          id = table.find(id, pieces.data[n]!)
          if (id === EMPTY) break
          termCounts.add(id)
        }
      }
    },
  }
}
