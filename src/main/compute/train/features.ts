/** Outputs of a frozen body: for every movie the vector that the head receives. Computed once, and cached. */
import { forward } from '../models/forward.ts'
import type { Model } from '../models/open-model.ts'
import { bindParameters } from '../models/parameters.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { openProgram, type Program } from '../runtime/program.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { int64 } from '../runtime/tensors.ts'
import { evaluationBatches, type Micro } from './batches.ts'
import { batchOf, tokensOf, type Corpus } from './corpus.ts'
import { cacheKey, type PrefixCache } from './prefix-cache.ts'

/** Rows of one cache entry: if one plot has changed, this many rows are computed again. */
const CHUNK = 512

export interface FeatureJob {
  readonly model: Model
  readonly corpus: Corpus
  readonly options: SessionOptions
  /** Tokens per pass; without gradients there is room for more than in a training. */
  readonly microTokens: number
  readonly cache: PrefixCache
  /** Digest of the weights. */
  readonly digest: string
  /** Receives the number of rows done; lets messages arrive. */
  readonly turn: (done: number) => Promise<void>
}

/** @returns (n, dim) */
export async function features(job: FeatureJob): Promise<Float32Array> {
  const { corpus, cache, model } = job
  const { dim } = model.config
  const n = corpus.lengths.length
  const out = new Float32Array(n * dim)
  let program: Program | null = null
  try {
    for (let at = 0; at < n; at += CHUNK) {
      const rows = Int32Array.from({ length: Math.min(CHUNK, n - at) }, (_, i) => at + i)
      const key = cacheKey('features', job.digest, dim, ...Array.from(rows, (row) => tokensOf(corpus, row)))
      const known = await cache.read(key)
      if (known?.length === rows.length * dim) out.set(known, at * dim)
      else {
        program ??= await openFeatures(job)
        await compute(job, program, rows, out)
        await cache.write(key, out.subarray(at * dim, (at + rows.length) * dim))
      }
      await job.turn(at + rows.length)
    }
  } finally {
    await program?.release()
  }
  return out
}

function openFeatures({ model, options }: FeatureJob): Promise<Program> {
  const b = new GraphBuilder('features')
  const shape = ['batch', 'tokens']
  const batch = { ids: b.input('ids', 'int32', shape), mask: b.input('mask', 'int32', shape) }
  const parameters = bindParameters(b, model.weights, { external: true })
  b.output(forward(b, { config: model.config, parameters, batch, to: 'features', lowering: 'infer' }), 'features')
  return openProgram(b.finish(), options)
}

async function compute(job: FeatureJob, program: Program, rows: Int32Array, out: Float32Array): Promise<void> {
  const { dim } = job.model.config
  for (const micro of evaluationBatches(rows, job.corpus.lengths, job.microTokens)) {
    const result = await program.run(tokenFeeds(job.corpus, micro), ['features'])
    const { data } = result['features'] as { data: Float32Array }
    micro.rows.forEach((row, i) => out.set(data.subarray(i * dim, i * dim + dim), row * dim))
    await job.turn(micro.rows[0]!)
  }
}

/** Inputs `ids` and `mask` of a batch. */
export function tokenFeeds(corpus: Corpus, micro: Micro): { ids: ReturnType<typeof int64>; mask: ReturnType<typeof int64> } {
  const shape = [micro.rows.length, micro.width]
  const { ids, mask } = batchOf(corpus, micro)
  return { ids: int64(shape, ids), mask: int64(shape, mask) }
}
