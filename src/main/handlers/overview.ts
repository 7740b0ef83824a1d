import type { Overview, OVERVIEW_METHODS } from '../../contract/review.ts'
import { BUCKETS } from '../../contract/records.ts'
import { cooccurrence } from '../analysis/confusion.ts'
import { IMPOSSIBLE } from '../analysis/impossible.ts'
import { rowBlocks, type Steps } from '../analysis/steps.ts'
import { BUCKET_BITS, KIND_NAMES } from '../analysis/triage.ts'
import { inSlices } from '../jobs/slices.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'

export function overviewHandlers(c: Context): Handlers<typeof OVERVIEW_METHODS> {
  return { 'overview.get': () => inSlices(overview(c.workspace())) }
}

/** Counts in steps, between which other calls run. A decision made meanwhile is counted if its movie comes later. */
function* overview({ catalogue, predictions }: Workspace): Steps<Overview> {
  const { n, k, genres, labels, source } = catalogue
  const perGenre = genres.map((g, j) => ({
    ...g,
    source: 0,
    corrected: 0,
    missing: 0,
    spurious: 0,
    swapped: 0,
    impossible: 0,
    carried: predictions?.carried[j] ?? null,
    hard: (predictions?.carried[j] ?? 1) < IMPOSSIBLE.carried,
  }))
  const buckets = { good: 0, bad: 0, impossible: 0 }
  const together = new Int32Array(k * k)
  for (const [first, end] of rowBlocks(n, k)) {
    for (let row = first; row < end; row++) {
      for (const [j, genre] of perGenre.entries()) {
        const cell = row * k + j
        const label = labels[cell]!
        genre.source += source[cell]!
        genre.corrected += label
        if (!predictions) continue
        const bucket = predictions.cellBucket(cell)
        if (bucket === BUCKET_BITS.impossible) genre.impossible++
        else if (bucket === BUCKET_BITS.bad) genre[KIND_NAMES[predictions.kinds[cell]!] as 'missing']++
      }
      const bits = predictions?.buckets[row] ?? 0
      for (const b of BUCKETS) if (bits & BUCKET_BITS[b]) buckets[b]++
    }
    const part = cooccurrence(labels.subarray(first * k, end * k), end - first, k)
    for (const [at, count] of part.entries()) together[at]! += count
    yield
  }
  return {
    movies: n,
    genres: perGenre,
    cooccurrence: together,
    buckets,
    reviewed: catalogue.reviewedCount(),
  }
}
