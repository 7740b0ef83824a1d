import type { Overview } from '../../contract/api.ts'
import { cooccurrence } from '../analysis/cooccurrence.ts'
import { BUCKET_BITS, KIND_NAMES } from '../analysis/triage.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'

export function overviewHandlers(c: Context): Handlers<'overview.get'> {
  return { 'overview.get': () => overview(c.workspace()) }
}

function overview({ catalogue, predictions }: Workspace): Overview {
  const { n, k, genres } = catalogue
  const perGenre = genres.map((g) => ({ ...g, source: 0, corrected: 0, missing: 0, spurious: 0, swapped: 0, impossible: 0 }))
  const buckets = { good: 0, bad: 0, impossible: 0 }
  const labelsPerMovie: number[] = []
  for (let row = 0; row < n; row++) {
    let count = 0
    for (let j = 0; j < k; j++) {
      const cell = row * k + j
      const genre = perGenre[j]!
      genre.source += catalogue.source[cell]!
      genre.corrected += catalogue.labels[cell]!
      count += catalogue.labels[cell]!
      if (!predictions) continue
      const bucket = predictions.cellBucket(cell)
      if (bucket === BUCKET_BITS.impossible) genre.impossible++
      else if (bucket === BUCKET_BITS.bad) genre[KIND_NAMES[predictions.kinds[cell]!] as 'missing']++
    }
    labelsPerMovie[count] = (labelsPerMovie[count] ?? 0) + 1
    const bits = predictions?.buckets[row] ?? 0
    for (const b of Object.keys(buckets) as (keyof typeof buckets)[]) if (bits & BUCKET_BITS[b]) buckets[b]++
  }
  return {
    movies: n,
    genres: perGenre,
    cooccurrence: cooccurrence(catalogue.labels, n, k),
    buckets,
    labelsPerMovie: Array.from(labelsPerMovie, (x) => x ?? 0),
    reviewed: catalogue.reviewedCount(),
  }
}
