/** Chooses the n-grams that get a column. */
import { grown } from './lists.ts'

/** The limits of a configuration. */
export interface Limits {
  /** Minimum number of rows. */
  readonly minDf: number
  /** Maximum number of n-grams of a block: those in the most rows, the first seen among equals; null: all. */
  readonly maxFeatures: number | null
}

/** Number of rows that contain each number; rows are processed one after another. */
export class RowCounts {
  private df = new Int32Array(1 << 12)
  /** The last row that each number was seen in, from 1. */
  private last = new Int32Array(1 << 12)

  see(id: number, row: number): void {
    if (id >= this.df.length) {
      this.df = grown(this.df, id + 1)
      this.last = grown(this.last, id + 1)
    }
    if (this.last[id] === row + 1) return
    this.last[id] = row + 1
    this.df[id]!++
  }

  /** (size) the counts of the numbers below `size` */
  counts(size: number): Int32Array {
    return this.df.length >= size ? this.df.subarray(0, size) : grown(this.df, size).subarray(0, size)
  }
}

/** New numbers of the kept n-grams, in the same order; -1 for the others. */
export interface Choice {
  readonly renumbered: Int32Array
  readonly size: number
}

/** Chooses by document frequency (`df`: by number, in order of first occurrence). */
export function choose(df: Int32Array, limits: Limits): Choice {
  const { least, ties } = cut(df, limits)
  const renumbered = new Int32Array(df.length).fill(-1)
  let size = 0
  let left = ties
  for (let id = 0; id < df.length; id++) {
    if (df[id]! < least || (df[id] === least && left-- <= 0)) continue
    renumbered[id] = size++
  }
  return { renumbered, size }
}

/** The smallest kept document frequency, and how many n-grams with exactly that frequency are kept. */
function cut(df: Int32Array, { minDf, maxFeatures }: Limits): { least: number; ties: number } {
  const kept = df.filter((rows) => rows >= minDf)
  if (maxFeatures === null || kept.length <= maxFeatures) return { least: minDf, ties: Infinity }
  kept.sort()
  const least = kept[kept.length - maxFeatures]!
  const above = kept.length - upTo(kept, least)
  return { least, ties: maxFeatures - above }
}

/** Number of ascending values that are at most `value`. */
function upTo(values: Int32Array, value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
