/** A queue with its share of a mixed one. */
export interface Part {
  readonly rows: Int32Array
  /** Relative; rows of a part with share 0 follow those of all others. */
  readonly share: number
}

/**
 * Mixes queues by shares: at each position comes the next row of the queue that is furthest behind its share, the earlier queue if two are
 * equally far. A row comes once; a queue that is used up leaves its turns to the others.
 * @param n rows are below it
 */
export function interleave(parts: readonly Part[], n: number): Int32Array {
  const total = parts.reduce((sum, { share }) => sum + share, 0) || 1
  const seen = new Uint8Array(n)
  const out = new Int32Array(n)
  const next = parts.map(() => 0)
  const taken = parts.map(() => 0)
  let count = 0
  for (;;) {
    let [best, furthest] = [-1, -Infinity]
    parts.forEach(({ rows, share }, i) => {
      while (next[i]! < rows.length && seen[rows[next[i]!]!]) next[i]!++
      const behind = (share / total) * (count + 1) - taken[i]!
      if (next[i]! < rows.length && behind > furthest + 1e-9) [best, furthest] = [i, behind]
    })
    if (best < 0) return out.slice(0, count)
    const row = parts[best]!.rows[next[best]!]!
    seen[row] = 1
    taken[best]!++
    out[count++] = row
  }
}
