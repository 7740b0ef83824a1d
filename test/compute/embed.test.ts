/** Vectors of texts against the mean, first and last states that the model's own graph computes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Pooling } from '../../src/contract/models.ts'
import { embed } from '../../src/main/compute/embed.ts'
import { openModel, randomModel } from '../../src/main/compute/models/open-model.ts'
import { loadTokenizer } from '../../src/main/compute/tokenize/load.ts'
import { scratchFolder } from '../data/support/files.ts'
import { difference, predict, SMALL, storedOf, writeModel } from './models/support.ts'
import { byteLevel } from './tokenize/kinds.ts'

const { folder } = scratchFolder()
const TEXTS = ['film', 'A film about a film', 'é f']
const DIM = 8

/** A folder with a small model; `pooling` is what sentence-transformers stores beside it. */
function folderOf(name: string, config: object, pooling?: object): string {
  const raw = { ...config, vocab_size: 300, max_position_embeddings: 60, initializer_range: 0.4 }
  const path = writeModel(join(folder, name), raw, storedOf(randomModel(raw, { seed: 2 }).weights))
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(byteLevel))
  if (pooling) {
    mkdirSync(join(path, '1_Pooling'))
    writeFileSync(join(path, '1_Pooling/config.json'), JSON.stringify(pooling))
  }
  return path
}
const vectorsOf = (path: string, pooling: Pooling | null): Promise<Float32Array> =>
  embed(
    { folder: path, stamp: path, pooling, threads: 1, cacheFolder: join(folder, 'cache') },
    TEXTS,
    () => undefined,
    () => Promise.resolve(),
  )
/** Each text alone, from the states after the last layer (of BERT, which has no norm behind it). */
async function expected(path: string, pooling: Pooling): Promise<number[]> {
  const model = openModel(path)
  const { config, weights } = model
  const tokenizer = loadTokenizer(path)
  const out: number[] = []
  for (const text of TEXTS) {
    const ids = [...tokenizer.encode(text).ids]
    const { data } = await predict(config, weights, { ids: [ids], mask: [ids.map(() => 1)] }, { to: { layer: config.layers } })
    const states = ids.map((_, t) => (data as Float32Array).slice(t * DIM, (t + 1) * DIM))
    const mean = Array.from({ length: DIM }, (_, d) => states.reduce((sum, state) => sum + state[d]!, 0) / states.length)
    out.push(...{ mean, first: states[0]!, last: states.at(-1)! }[pooling])
  }
  model.close()
  return out
}

test.each<[string, Pooling | null, object | undefined, Pooling]>([
  ['an encoder', null, undefined, 'mean'],
  ['a folder that names the first token', null, { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, 'first'],
  ['a folder that names the mean', null, { pooling_mode_cls_token: false, pooling_mode_mean_tokens: true }, 'mean'],
  ['what was asked for', 'last', { pooling_mode_mean_tokens: true }, 'last'],
])('%s', async (name, asked, file, pooling) => {
  const path = folderOf(name.replaceAll(' ', '-'), SMALL.bert, file)
  const found = await vectorsOf(path, asked)
  expect(difference(found, await expected(path, pooling))).toBeLessThan(1e-5)
  // from the cache
  expect(await vectorsOf(path, asked)).toEqual(found)
})
test("a decoder's last token stands for the text", async () => {
  const path = folderOf('decoder', SMALL.llama)
  expect(await vectorsOf(path, null)).toEqual(await vectorsOf(path, 'last'))
  expect(await vectorsOf(path, null)).not.toEqual(await vectorsOf(path, 'mean'))
})
