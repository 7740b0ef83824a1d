import type { Bucket, Cell, ImpossibleReason, MovieRow } from '../../contract/records.ts'
import { required } from '../../contract/required.ts'
import { isShort } from '../analysis/impossible.ts'
import { BUCKET_BITS, KIND_NAMES, VERDICT_NAMES } from '../analysis/triage.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Predictions } from './predictions.ts'
import type { Suspects } from './suspects.ts'

const EXCERPT = 160

/** One (movie, genre) cell with everything known about it; `partners` belong to its row. */
function cellOf(c: Catalogue, p: Predictions | null, row: number, column: number, partners: Int16Array | null): Cell {
  const at = row * c.k + column
  const genre = required(c.genres[column], 'the genre of a column')
  const known = p !== null && p.has[row] === 1 && p.known[column] === 1
  return {
    genre: genre.id,
    name: genre.name,
    label: c.labels[at] === 1,
    source: c.source[at] === 1,
    probability: known ? p.p[at]! : null,
    threshold: known ? p.thresholds[column]! : null,
    predicted: known ? p.predicted[at] === 1 : null,
    kind: known ? KIND_NAMES[p.kinds[at]!]! : null,
    partner: known ? (c.genres[partners?.[column] ?? -1]?.name ?? null) : null,
    impossibleEstimate: known && p.estimates[at] === 1,
    verdict: VERDICT_NAMES[c.verdicts[at]!]!,
  }
}

export function cellsOf(c: Catalogue, p: Predictions | null, row: number): Cell[] {
  const partners = p?.partnersOf(row) ?? null
  return Array.from({ length: c.k }, (_, column) => cellOf(c, p, row, column, partners))
}

/** Why labels of a movie are estimated impossible. */
export function impossibleReasons(c: Catalogue, p: Predictions | null, suspects: Suspects | null, row: number): ImpossibleReason[] {
  const estimated = c.genres.flatMap((_, column) => (p?.estimates[row * c.k + column] === 1 ? [column] : []))
  return estimated.map((column) => ({
    genre: required(c.genres[column], 'the genre of a column').id,
    carried: p?.carried[column] ?? 1,
    short: isShort(c.plotLengths[row]!),
    ...(suspects?.similarHaving(row, column) ?? { having: 0, of: 0 }),
  }))
}

/** True for a cell that is not good or has a verdict: the list shows these. */
const notable = (cell: Cell): boolean => (cell.kind !== null && cell.kind !== 'good') || cell.verdict !== null

export function rowOf(c: Catalogue, p: Predictions | null, suspects: Suspects | null, store: Store, row: number): MovieRow {
  const movie = required(c.ids[row], 'the movie of a row')
  const text = required(store.movies.text(movie), 'the text of a movie')
  const cells = cellsOf(c, p, row)
  const bits = p?.buckets[row] ?? 0
  const score = p?.has[row] === 1 ? p.score[row]! : null
  return {
    movie,
    key: text.key,
    title: text.title,
    excerpt: text.plot.slice(0, EXCERPT),
    split: c.splitOf(row),
    buckets: (Object.keys(BUCKET_BITS) as Bucket[]).filter((b) => bits & BUCKET_BITS[b]),
    score,
    reviewed: c.marks.reviewed[row] === 1,
    skipped: c.marks.skipped[row] === 1,
    flagged: c.marks.flagged[row] === 1,
    labels: cells.filter((x) => x.label).map((x) => x.name),
    predicted: cells.filter((x) => x.predicted === true).map((x) => x.name),
    cells: cells.filter(notable),
    suspects: suspects?.suspects(row) ?? null,
  }
}
