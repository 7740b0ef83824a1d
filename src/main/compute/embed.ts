/** Vectors of texts: a model's states of the tokens after its last layer, pooled. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Embedder } from '../../contract/jobs.ts'
import { isDecoder, type Pooling } from '../../contract/models.ts'
import { readJson } from '../model-folder/json-file.ts'
import { openModel } from './models/open-model.ts'
import { loadTokenizer } from './tokenize/load.ts'
import { tokenise } from './train/corpus.ts'
import { features } from './train/features.ts'
import { prefixCache } from './train/prefix-cache.ts'

/** Longest part of a text that is read, in tokens, as models of sentences are trained. */
const MAX_TOKENS = 256
const [MICRO_TOKENS, CACHE_BYTES] = [4096, 4e9]

/** How sentence-transformers pools, in a folder that it saved. */
const POOLING_FILE = '1_Pooling/config.json'
const POOLING = z.looseObject({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
  pooling_mode_lasttoken: z.boolean().default(false),
})

/**
 * (texts, dim), computed with what the model's folder says about pooling unless `pooling` is given: else the mean of an encoder's tokens, or a
 * decoder's last one. Vectors of the same texts are found again in the cache.
 * @throws UserError as {@link openModel} and {@link loadTokenizer}
 */
export async function embed(
  { folder, stamp, pooling, threads, cacheFolder }: Embedder,
  texts: Iterable<string>,
  progress: (fraction: number, phase: string) => void,
  turn: () => Promise<void>,
): Promise<Float32Array> {
  const model = openModel(folder)
  try {
    const { config } = model
    const pooled = pooling ?? poolingIn(folder) ?? (isDecoder(config.architecture) ? 'last' : 'mean')
    const tokenizer = loadTokenizer(folder, config.vocabulary)
    const corpus = await tokenise(texts, tokenizer, Math.min(MAX_TOKENS, config.positions), turn)
    return await features({
      model: { ...model, config: { ...config, pooling: pooled } },
      corpus,
      options: { device: 'cpu', threads: threads ?? 0, packWeights: false },
      microTokens: MICRO_TOKENS,
      cache: prefixCache(cacheFolder, CACHE_BYTES),
      digest: `${stamp} ${pooled}`,
      turn: async (done) => {
        progress(done / Math.max(1, corpus.lengths.length), 'reading with the model')
        await turn()
      },
    })
  } finally {
    model.close()
  }
}

/** @throws UserError `model-damaged` */
function poolingIn(folder: string): Pooling | null {
  const path = join(folder, POOLING_FILE)
  if (!existsSync(path)) return null
  const file = readJson(path, POOLING)
  if (file.pooling_mode_mean_tokens) return 'mean'
  return file.pooling_mode_cls_token ? 'first' : file.pooling_mode_lasttoken ? 'last' : null
}
