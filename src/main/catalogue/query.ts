import type { BucketCounts, Filter } from '../../contract/review.ts'
import { type Bucket, SPLITS } from '../../contract/records.ts'
import { Bits } from './bits.ts'
import type { Catalogue } from './catalogue.ts'
import type { Orders } from './orders.ts'
import type { CellPlanes, Planes } from './planes.ts'

/** The rows of each bucket under a filter's other conditions. */
export type Selection = Readonly<Record<Bucket | 'all', Bits>>

/** The rows of each bucket under a filter. @param text rows whose text matches; null: no text condition */
export function select(catalogue: Catalogue, planes: Planes, filter: Filter, text: Bits | null): Selection {
  const chosen = bucketsOf(catalogue, planes, filter)
  const conditions = [
    text,
    filter.split === 'any' ? null : planes.splits[SPLITS.indexOf(filter.split)]!,
    filter.reviewed === 'yes' ? planes.marks.reviewed : null,
    filter.mark === 'any' ? null : planes.marks[filter.mark],
    ...filter.has.map((genre) => planes.cells[catalogue.column(genre)]?.carried ?? new Bits(catalogue.n)),
  ]
  for (const bits of Object.values(chosen)) {
    for (const condition of conditions) if (condition) bits.and(condition)
    if (filter.reviewed === 'no') bits.andNot(planes.marks.reviewed)
  }
  return chosen
}
export function countBuckets(s: Selection, { bucket }: Filter, { marks }: Planes): BucketCounts {
  const left = s[bucket].copy().andNot(marks.reviewed)
  const counts = { all: s.all.count(), good: s.good.count(), bad: s.bad.count(), impossible: s.impossible.count(), left: left.count() }
  return { ...counts, skipped: left.and(marks.skipped).count() }
}

/** The rows that match the filter's genre and kind, as new bits, which the caller may change. */
function bucketsOf(c: Catalogue, planes: Planes, { genre, kind }: Filter): Selection {
  const none = (): Bits => new Bits(c.n)
  if (genre === null && kind === 'any') {
    const { good, bad, impossible } = planes.buckets
    return { all: Bits.all(c.n), good: good.copy(), bad: bad.copy(), impossible: impossible.copy() }
  }
  const column = genre === null ? -1 : c.column(genre)
  const cells = genre === null ? planes.cells : column < 0 ? [] : [planes.cells[column]!]
  const found = { all: none(), good: none(), bad: none(), impossible: none() }
  for (const cell of cells) addCell(found, cell, kind)
  return found
}

/** Adds the rows of one genre: of any kind, those that it concerns. Each is in one bucket, and the bucket `all` is their sum. */
function addCell(found: Selection, cell: CellPlanes, kind: Filter['kind']): void {
  const here = (kind === 'any' ? cell.inPlay : cell[kind]).words
  const [isBad, isImpossible] = [cell.bad.words, cell.impossible.words]
  const [all, good, bad, impossible] = [found.all.words, found.good.words, found.bad.words, found.impossible.words]
  for (let w = 0; w < here.length; w++) {
    const rows = here[w]!
    all[w]! |= rows
    bad[w]! |= rows & isBad[w]!
    impossible[w]! |= rows & isImpossible[w]!
    good[w]! |= rows & ~isBad[w]! & ~isImpossible[w]!
  }
}

/**
 * The rows that match a filter, in its order, with the size of each bucket under the filter's other conditions. Conditions are bits, one
 * per movie, so a million movies take a few passes over 125 KB.
 */
export function query(
  catalogue: Catalogue,
  planes: Planes,
  orders: Orders,
  filter: Filter,
  text: Bits | null,
): { readonly rows: Int32Array; readonly buckets: BucketCounts } {
  const selection = select(catalogue, planes, filter, text)
  return {
    rows: orders.rows(filter, selection[filter.bucket], planes.marks.skipped),
    buckets: countBuckets(selection, filter, planes),
  }
}
