/** Orders of the queues, from the catalogue in memory: one function for each row of `QUEUES`. */
import type { SingleQueue } from '../../contract/queues.ts'
import { required } from '../../contract/required.ts'
import { movieErrors } from '../analysis/confident.ts'
import { cellQuality, MOVIE_SCORES, softminScores, type MovieScore } from '../analysis/quality.ts'
import { argsort } from '../analysis/argsort.ts'
import { cvirs } from '../analysis/queues/cvirs.ts'
import {
  cardinalityInconsistency,
  conflicts,
  disagreement,
  leastConfident,
  rarity,
  separationMargin,
  type Scored,
  type SimilarPair,
} from '../analysis/queues/scores.ts'
import { DUPLICATE } from '../analysis/suspects/evidence.ts'
import { mixSeed } from '../analysis/random.ts'
import type { StoredRun } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Order } from './order.ts'
import type { Predictions } from './predictions.ts'
import { readScores, type RunScores } from './run-scores.ts'
import type { Suspects } from './suspects.ts'

/** The data from which queues are computed. */
export interface QueueSource {
  readonly catalogue: Catalogue
  readonly store: Store
  readonly predictions: Predictions | null
  readonly suspects: Suspects | null
}
interface QueueRule {
  /** Why it cannot be used; null: it can. */
  readonly unavailable: (source: QueueSource) => string | null
  /** Called only if it can be used. @param suspicion rows, the most suspicious first */
  readonly order: (source: QueueSource, suspicion: Int32Array | null, seed: number) => Order
  /** True if a decision can change it. */
  readonly labels?: true
  /** Key of everything but the current run that it depends on, for the cache. */
  readonly key?: (source: QueueSource, seed: number) => string
}
/** A queue by a score of the current run's predictions; equals in the order of `ties`. */
const ofModel = (score: (scored: Scored) => Float64Array, ties?: (scored: Scored) => Int32Array): QueueRule => ({
  unavailable: trained,
  labels: true,
  order: ({ predictions, catalogue: { labels, n, k } }) => {
    const { p, predicted, has } = required(predictions, 'predictions')
    const scored = { p, predicted, labels, has, n, k }
    return byScore(score(scored), has, ties?.(scored))
  },
})
/** A queue by one of cleanlab's scores, the worst first. */
const byQuality = (name: MovieScore): QueueRule =>
  ofModel(({ labels, p, n, k }) => MOVIE_SCORES[name](cellQuality(labels, p, n, k), n, k).map((score) => 1 - score))

const always = (): null => null
const trained = ({ predictions }: QueueSource): string | null => (predictions ? null : 'Train a model first.')

/** Rows by score, the highest first, equals in the order of `ties`; rows for which `ranked` is 0 come last. */
function byScore(score: Float64Array, ranked: Uint8Array, ties: Int32Array | null = null): Order {
  const most = score.reduce((a, b) => Math.max(a, b), 0) || 1
  const keys = Float32Array.from(score, (x, row) => (ranked[row] ? 1 - x / most : NaN))
  return { rows: argsort(keys, ties), ranked: ranked.reduce((a, b) => a + b, 0) }
}

/** The newest finished run of each family; an ensemble is of no family of its own. */
function newestOfFamilies({ store }: QueueSource): StoredRun[] {
  const newest = new Map<string, StoredRun>()
  for (const run of store.runs.all())
    if (run.status === 'done' && run.config.family !== 'ensemble' && run.id > (newest.get(run.config.family)?.id ?? 0))
      newest.set(run.config.family, run)
  return [...newest.values()]
}

function* similarPairs({ catalogue: { n }, suspects }: QueueSource): Generator<SimilarPair> {
  for (let row = 0; row < n; row++)
    for (const { row: other, similarity } of suspects?.nearest(row) ?? [])
      if (similarity >= DUPLICATE) yield { row, other, cosine: similarity }
}

export const QUEUE_RULES: Readonly<Record<Exclude<SingleQueue, 'suspects'>, QueueRule>> = {
  'least-confident': ofModel(leastConfident),
  cardinality: ofModel(cardinalityInconsistency, (scored) =>
    argsort(Float32Array.from(separationMargin(scored), (margin) => (margin + 1) / 2)),
  ),
  cvirs: ofModel(cvirs),
  disagreement: {
    unavailable: (source) =>
      newestOfFamilies(source).length > 1 ? null : 'Needs a finished training of each of two families: train the other one, too.',
    key: (source) => String(newestOfFamilies(source).map(({ id }) => id)),
    order: (source) => {
      const { catalogue, store } = source
      const runs: RunScores[] = newestOfFamilies(source).map((run) => readScores(catalogue, store, run))
      const { n, k } = catalogue
      const both = Uint8Array.from({ length: n }, (_, row) => (runs.every(({ has }) => has[row]) ? 1 : 0))
      // a genre that one of them does not know says nothing about the others
      for (let j = 0; j < k; j++)
        if (runs.some(({ known }) => !known[j])) for (const { p } of runs) for (let row = 0; row < n; row++) p[row * k + j] = 0
      const scores = disagreement(
        runs.map(({ p }) => p),
        n,
        k,
      )
      return byScore(scores, both)
    },
  },
  rare: {
    unavailable: always,
    labels: true,
    order: ({ predictions, catalogue: { labels, n, k } }, suspicion) =>
      byScore(rarity(labels, predictions?.predicted ?? null, n, k), new Uint8Array(n).fill(1), suspicion),
  },
  duplicates: {
    unavailable: ({ suspects }) =>
      suspects ? null : 'Search for suspects first (on Overview, or `reelabel suspects PROJECT.reel --find`).',
    labels: true,
    order: (source) => {
      const { labels, n, k } = source.catalogue
      const { score, first } = conflicts(similarPairs(source), labels, n, k)
      // the movies of a pair beside each other
      const pairs = argsort(Float32Array.from(first, (row) => row / Math.max(1, n)))
      const inConflict = Uint8Array.from(score, (x) => (x > 0 ? 1 : 0))
      return byScore(score, inConflict, pairs)
    },
  },
  'self-confidence': byQuality('selfConfidence'),
  ema: byQuality('ema'),
  softmin: byQuality('softmin'),
  'confident-learning': ofModel(
    ({ labels, p, n, k }) => Float64Array.from(movieErrors(labels, p, n, k)),
    ({ labels, p, n, k }) => argsort(Float32Array.from(softminScores(cellQuality(labels, p, n, k), n, k))),
  ),
  random: {
    unavailable: always,
    key: (_, seed) => String(seed),
    order: ({ catalogue: { ids, n } }, _, seed) => ({
      rows: argsort(Float32Array.from(ids, (movie) => mixSeed(seed, movie) / 2 ** 31)),
      ranked: n,
    }),
  },
}

/** Why a queue cannot be used; null: it can. */
export const unavailable = (name: SingleQueue, source: QueueSource): string | null =>
  name === 'suspects' ? (source.suspects ? null : trained(source)) : QUEUE_RULES[name].unavailable(source)
