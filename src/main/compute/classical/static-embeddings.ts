/**
 * Static embeddings in model2vec's layout (github.com/MinishLab/model2vec): `model.safetensors` with a vector for each token of
 * `tokenizer.json`. A text's vector is the mean of those of its tokens, of the length 1 where `config.json` says so.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { CONFIG_FILE } from '../../model-folder/files.ts'
import { readJson } from '../../model-folder/json-file.ts'
import { openWeightFiles } from '../../model-folder/weight-files.ts'
import type { Csr } from '../linear/csr.ts'
import { loadTokenizer } from '../tokenize/load.ts'
import { denseRows } from './rows.ts'

/** Tokens of a text that count; model2vec leaves out the others. */
const MAX_TOKENS = 512

const CONFIG = z.looseObject({ normalize: z.boolean().nullish() })
const TOKENIZER = z.looseObject({ model: z.looseObject({ unk_token: z.string().nullish(), unk_id: z.int().nullish() }) })

/** The tensors: `mapping` (tokens) places tokens at rows of the embeddings, `weights` (tokens) multiplies them; both may be missing. */
interface Table {
  readonly embeddings: Float32Array
  readonly dim: number
  readonly tokens: number
  readonly rowOf: (token: number) => number
  readonly weightOf: (token: number) => number
}

/**
 * Loads the embeddings of a folder. Returns vectors (texts, dim); of a text without a known token, zeros.
 * @throws UserError `model-damaged`, `model-missing`, `model-unsupported`, `bad-tokenizer`, `no-tokenizer`
 */
export function staticEmbeddings(folder: string): (texts: readonly string[]) => Csr {
  const { embeddings, dim, tokens, rowOf, weightOf } = readTable(folder)
  const isUnit = readJson(join(folder, CONFIG_FILE), CONFIG).normalize === true
  const tokenizer = loadTokenizer(folder, tokens)
  const { model } = readJson(join(folder, 'tokenizer.json'), TOKENIZER)
  const isUnknown = (id: number): boolean => id === model.unk_id || (!!model.unk_token && tokenizer.token(id) === model.unk_token)
  // the tokens around every text have no meaning of their own
  const around = tokenizer.encode('').ids
  const differs = tokenizer.encode('a').ids.findIndex((id, at) => id !== around[at])
  const [before, after] = [Math.max(0, differs), around.length - Math.max(0, differs)]
  return (texts) => {
    const out = new Float32Array(texts.length * dim)
    texts.forEach((text, row) => {
      const { ids } = tokenizer.encode(text)
      const known = ids.subarray(before, ids.length - after).filter((id) => !isUnknown(id)).subarray(0, MAX_TOKENS) // prettier-ignore
      const mean = new Float64Array(dim)
      for (const id of known) {
        const [from, weight] = [rowOf(id) * dim, weightOf(id) / known.length]
        for (let j = 0; j < dim; j++) mean[j]! += weight * embeddings[from + j]!
      }
      const length = isUnit ? Math.hypot(...mean) : 1
      out.set(length > 0 ? mean.map((value) => value / length) : mean, row * dim)
    })
    return denseRows(out, texts.length, dim)
  }
}

function readTable(folder: string): Table {
  const weights = openWeightFiles(folder)
  try {
    const found = weights.find('embeddings')
    const [rows, dim] = found?.entry.shape ?? []
    if (!found || rows === undefined || dim === undefined || found.entry.shape.length !== 2)
      throw damaged(folder, `it has no table "embeddings" of tokens and numbers, but ${weights.names.slice(0, 3).join(', ')}`)
    const embeddings = found.file.float32('embeddings')
    if (!embeddings.every(Number.isFinite)) throw damaged(folder, 'a number of its table is not finite')
    const mapping = weights.find('mapping')?.file.int64('mapping') ?? null
    const factors = weights.find('weights')?.file.float32('weights') ?? null
    const tokens = mapping?.length ?? rows
    if (mapping?.some((row) => row < 0n || row >= BigInt(rows)) || (factors !== null && factors.length !== tokens))
      throw damaged(folder, 'its tables "mapping" and "weights" do not fit its embeddings')
    const rowOf = (token: number): number => (mapping ? Number(mapping[token]) : token)
    return { embeddings, dim, tokens, rowOf, weightOf: (token) => factors?.[token] ?? 1 }
  } finally {
    weights.close()
  }
}

const damaged = (folder: string, why: string): UserError =>
  new UserError('model-damaged', `${folder} has no static embeddings: ${why}. Download or copy the model again.`, { folder })
