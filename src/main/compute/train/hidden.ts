/** Inputs of the lowest trained layer, for every movie: computed once, cached on the disk, and read batch by batch. */
import { closeSync, openSync, readSync } from 'node:fs'
import { GraphBuilder } from '../graph/builder.ts'
import { forward } from '../models/forward.ts'
import { bindParameters } from '../models/parameters.ts'
import { openProgram, type Program } from '../runtime/program.ts'
import { float32, type HostTensor } from '../runtime/tensors.ts'
import { evaluationBatches, type Micro } from './batches.ts'
import { tokensOf } from './corpus.ts'
import { tokenFeeds, type FeatureJob } from './features.ts'
import { cacheKey, HEADER_BYTES, type PrefixCache } from './prefix-cache.ts'

/** Rows of one cache entry: if one plot has changed, this many rows are computed again. */
const CHUNK = 128
const FLOAT_BYTES = 4

export interface Hidden {
  readonly layer: number
  /** (rows, width, dim), padding 0 */
  batch(micro: Micro): HostTensor<'float32'>
  close(): void
}

/** Bytes that the hidden states of a corpus take. */
export const hiddenBytes = (tokens: number, rows: number, dim: number): number =>
  FLOAT_BYTES * tokens * dim + HEADER_BYTES * Math.ceil(rows / CHUNK)

/** Computes the inputs of a layer. @param layer the layer whose inputs are cached; layers below it are computed without dropout */
export async function hiddenStates(job: FeatureJob, layer: number): Promise<Hidden> {
  const n = job.corpus.lengths.length
  const files: number[] = []
  let program: Program | null = null
  try {
    for (let at = 0; at < n; at += CHUNK) {
      const rows = Int32Array.from({ length: Math.min(CHUNK, n - at) }, (_, i) => at + i)
      const key = cacheKey('hidden', job.digest, layer, ...Array.from(rows, (row) => tokensOf(job.corpus, row)))
      const size = (job.corpus.starts[at + rows.length]! - job.corpus.starts[at]!) * job.model.config.dim
      if ((await job.cache.read(key))?.length !== size) {
        program ??= await openHidden(job, layer)
        await job.cache.write(key, await compute(job, program, rows, size))
      }
      files.push(openEntry(job.cache, key))
      await job.turn(at + rows.length)
    }
  } catch (error) {
    files.forEach(closeSync)
    throw error
  } finally {
    await program?.release()
  }
  return { layer, batch: (micro) => readBatch(job, files, micro), close: () => files.forEach(closeSync) }
}

const openEntry = (cache: PrefixCache, key: string): number => openSync(cache.path(key), 'r')

function openHidden({ model, options }: FeatureJob, layer: number): Promise<Program> {
  const b = new GraphBuilder('hidden')
  const shape = ['batch', 'tokens']
  const batch = { ids: b.input('ids', 'int32', shape), mask: b.input('mask', 'int32', shape) }
  const parameters = bindParameters(b, model.weights, { external: true })
  b.output(forward(b, { config: model.config, parameters, batch, to: { layer }, lowering: 'infer' }), 'hidden')
  return openProgram(b.finish(), options)
}

/** Rows one after another, (tokens, dim) each, without padding. */
async function compute(
  { corpus, model, microTokens, turn }: FeatureJob,
  program: Program,
  rows: Int32Array,
  size: number,
): Promise<Float32Array> {
  const { dim } = model.config
  const out = new Float32Array(size)
  const begin = corpus.starts[rows[0]!]!
  for (const micro of evaluationBatches(rows, corpus.lengths, microTokens)) {
    const { hidden } = await program.run(tokenFeeds(corpus, micro), ['hidden'])
    const { data } = hidden as HostTensor<'float32'>
    micro.rows.forEach((row, i) => {
      const from = i * micro.width * dim
      out.set(data.subarray(from, from + corpus.lengths[row]! * dim), (corpus.starts[row]! - begin) * dim)
    })
    await turn(rows[0]!)
  }
  return out
}

function readBatch({ corpus, model }: FeatureJob, files: readonly number[], { rows, width }: Micro): HostTensor<'float32'> {
  const { dim } = model.config
  const out = new Float32Array(rows.length * width * dim)
  rows.forEach((row, i) => {
    const chunk = Math.floor(row / CHUNK)
    const offset = HEADER_BYTES + FLOAT_BYTES * dim * (corpus.starts[row]! - corpus.starts[chunk * CHUNK]!)
    const bytes = FLOAT_BYTES * dim * corpus.lengths[row]!
    const read = readSync(files[chunk]!, new Uint8Array(out.buffer, FLOAT_BYTES * i * width * dim, bytes), 0, bytes, offset)
    if (read !== bytes) throw new Error(`activations of row ${row} ended early`)
  })
  return float32([rows.length, width, dim], out)
}
