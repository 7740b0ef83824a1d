import type { BlockReader, Learnt } from './features.ts'
import { IntList } from './lists.ts'
import { Pieces } from './pieces.ts'
import { chunkNgrams, chunks } from './tokens.ts'
import { choose, RowCounts, type Limits } from './vocabulary.ts'

/** Character n-grams inside chunks. Chunks repeat, so the n-grams of each distinct chunk are numbered once. */
export function charReader(range: readonly [number, number]): BlockReader {
  const pieces = new Pieces()
  return {
    read(lower) {
      for (const chunk of chunks(lower)) pieces.push(pieces.number(chunk))
      pieces.endRow()
    },
    learn(limits) {
      pieces.close()
      return learn(pieces, range, limits)
    },
  }
}

/** The n-grams of each distinct chunk: those of chunk c are at [ends[c - 1], ends[c]) of `ids`. */
interface ChunkNgrams {
  readonly ids: Int32Array
  readonly ends: Int32Array
  readonly names: string[]
}

function learn(pieces: Pieces, range: readonly [number, number], limits: Limits): Learnt {
  const { ids, ends, names } = numberNgrams(pieces.names, range)
  const df = countNgrams(pieces, ids, ends, names.length)
  const { renumbered } = choose(df, limits)
  const kept = (_: unknown, id: number): boolean => renumbered[id]! >= 0
  return {
    names: names.filter(kept),
    df: df.filter(kept),
    countRow(row, termCounts) {
      for (let at = pieces.start(row); at < pieces.start(row + 1); at++) {
        const chunk = pieces.data[at]!
        for (let i = chunk === 0 ? 0 : ends[chunk - 1]!; i < ends[chunk]!; i++) {
          const id = renumbered[ids[i]!]!
          if (id >= 0) termCounts.add(id)
        }
      }
    },
  }
}

/** N-grams are numbered in the order in which their chunks first occur in the texts. */
function numberNgrams(chunkNames: readonly string[], range: readonly [number, number]): ChunkNgrams {
  const known = new Map<string, number>()
  const names: string[] = []
  const ids = new IntList()
  const ends = new Int32Array(chunkNames.length)
  chunkNames.forEach((chunk, number) => {
    chunkNgrams(chunk, range, (ngram) => {
      let id = known.get(ngram)
      if (id === undefined) known.set(ngram, (id = names.push(ngram) - 1))
      ids.push(id)
    })
    ends[number] = ids.size
  })
  return { ids: ids.data, ends, names }
}

function countNgrams(pieces: Pieces, ids: Int32Array, ends: Int32Array, size: number): Int32Array {
  const counts = new RowCounts()
  for (let row = 0; row < pieces.rows; row++) {
    for (let at = pieces.start(row); at < pieces.start(row + 1); at++) {
      const chunk = pieces.data[at]!
      for (let i = chunk === 0 ? 0 : ends[chunk - 1]!; i < ends[chunk]!; i++) counts.see(ids[i]!, row)
    }
  }
  return counts.counts(size)
}
