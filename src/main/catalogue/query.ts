import type { BucketCounts, Filter } from '../../contract/review.ts'
import type { Bucket } from '../../contract/records.ts'
import { Bits } from './bits.ts'
import type { Planes } from './planes.ts'

/** The rows of each bucket under a filter's other conditions. */
export type Selection = Readonly<Record<Bucket | 'all', Bits>>

/**
 * The rows of each bucket under a filter's other conditions, as new bits.
 * @param matching rows of the conditions
 * @param column the genre whose cells decide on the bucket; -1: any cell of the movie does
 */
export function select(planes: Planes, matching: Bits, column: number): Selection {
  const cell = planes.cells[column]
  const { good, bad, impossible } = cell
    ? { good: Bits.all(matching.length).andNot(cell.bad).andNot(cell.impossible), bad: cell.bad.copy(), impossible: cell.impossible.copy() }
    : { good: planes.buckets.good.copy(), bad: planes.buckets.bad.copy(), impossible: planes.buckets.impossible.copy() }
  return { all: matching, good: good.and(matching), bad: bad.and(matching), impossible: impossible.and(matching) }
}
export function countBuckets(s: Selection, { bucket }: Filter, { marks }: Planes): BucketCounts {
  const left = s[bucket].copy().andNot(marks.reviewed)
  const counts = { all: s.all.count(), good: s.good.count(), bad: s.bad.count(), impossible: s.impossible.count(), left: left.count() }
  return { ...counts, skipped: left.and(marks.skipped).count() }
}
