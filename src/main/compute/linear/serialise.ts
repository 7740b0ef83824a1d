/**
 * A linear model as bytes: a deflated container with the vocabulary, document frequencies (idf follows from them), intercepts and
 * weights, and those of the folds' models.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import { messageOf, UserError } from '../../../contract/errors.ts'
import { READS } from '../../../contract/model-text.ts'
import type { LinearConfig } from '../../../contract/records.ts'
import { packContainer, unpackContainer, type ContainerData } from '../../model-folder/container.ts'
import { createModel, type FoldModels, type LinearModel } from './predict.ts'
import { smoothIdf, type Block, type Vectoriser } from './vectorise.ts'

const VERSION = 1
/** No honest model is larger: 64 genres x 5 million n-grams x 4 bytes. */
const MAX_BYTES = 1_300_000_000
/** Weights hardly compress: a model that inflates to more than this many times its bytes was made to exhaust the memory. */
const [MAX_RATIO, SMALL_BYTES] = [16, 1 << 25]

const size = z.int().min(0)
const HEADER = z.strictObject({
  version: z.literal(VERSION),
  config: z.strictObject({
    family: z.literal('linear'),
    folds: size,
    seed: z.number(),
    // models from before this choice read the plot alone
    reads: z.enum(READS).default('plot'),
    columns: z.array(z.string()).optional(),
    dropWords: z.array(z.string()).optional(),
    c: z.number(),
    classWeight: z.enum(['none', 'balanced', 'log']),
    // models from before the members are plain logistic regressions
    ratioShare: z.number().default(0),
    bayesWeight: z.number().default(0),
    wordNgrams: size,
    charNgrams: z.tuple([size, size]).nullable(),
    minDf: size,
    maxFeatures: size.nullable(),
    sublinearTf: z.boolean(),
    stopWords: z.enum(['none', 'english']),
    reviewedWeight: z.number(),
  }),
  genres: size,
  rows: size,
  blocks: z.array(z.strictObject({ kind: z.enum(['word', 'char']), size })).max(2),
  /** Number of movies that the folds' models predict; null: these models are not stored. */
  foldRows: size.nullable(),
})
type Header = z.infer<typeof HEADER>

/** The model as compact bytes; {@link deserialise} returns the same model, bit for bit. */
export function serialise(model: LinearModel): Uint8Array {
  const { vectoriser, genres, folds } = model
  const { blocks, rows } = vectoriser
  const header: Header = {
    version: VERSION,
    config: {
      ...model.config,
      columns: model.config.columns && [...model.config.columns],
      dropWords: model.config.dropWords && [...model.config.dropWords],
      charNgrams: model.config.charNgrams === null ? null : [...model.config.charNgrams],
    },
    genres,
    rows,
    blocks: blocks.map(({ kind, ids }) => ({ kind, size: ids.size })),
    foldRows: folds && folds.rows.length,
  }
  const container = packContainer(header, [
    // one n-gram a line
    ['vocabulary', { data: Buffer.from(model.vocabulary.join('\n')) }],
    ...blocks.map((block, i) => [`frequencies-${i}`, { data: block.df }] as const),
    ['intercepts', { data: model.intercepts }],
    ['weights', { data: model.weights, shape: [genres, vectoriser.columns] }],
    ...Object.entries(folds ?? {}).map(([name, data]: [string, FoldModels[keyof FoldModels]]) => [`fold-${name}`, { data }] as const),
  ])
  return deflateSync(container, { level: 1 })
}

/** @throws UserError `model-damaged` unless `bytes` are a complete model of this version */
export function deserialise(bytes: Uint8Array): LinearModel {
  try {
    const most = Math.min(MAX_BYTES, Math.max(SMALL_BYTES, MAX_RATIO * bytes.length))
    return read(inflateSync(bytes, { maxOutputLength: most }))
  } catch (error) {
    const why = messageOf(error)
    throw new UserError('model-damaged', `The stored model cannot be read (${why}). Train again to replace it.`)
  }
}

function read(file: Uint8Array): LinearModel {
  const container = unpackContainer(file)
  const header = HEADER.parse(container.header)
  const tensor = <T extends ContainerData>(name: string, type: abstract new () => T, length: number): T => {
    const data = container.tensors.get(name)?.data
    if (data instanceof type && data.length === length) return data
    throw new Error(`expected ${length} numbers of ${name}, got ${data?.length ?? 'none'}`)
  }
  const config: LinearConfig = header.config
  const columns = header.blocks.reduce((sum, block) => sum + block.size, 0)
  const text = Buffer.from(container.tensors.get('vocabulary')?.data ?? []).toString()
  const names = columns === 0 && text === '' ? [] : text.split('\n')
  if (names.length !== columns) throw new Error(`expected ${columns} n-grams, got ${names.length}`)
  let offset = 0
  const blocks = header.blocks.map(({ kind, size }, i): Block => {
    const ids = new Map(names.slice(offset, offset + size).map((name, id) => [name, id]))
    if (ids.size !== size) throw new Error('an n-gram is listed twice')
    const df = tensor(`frequencies-${i}`, Int32Array, size)
    const block = { kind, offset, ids, df, idf: smoothIdf(df, header.rows) }
    offset += size
    return block
  })
  const vectoriser: Vectoriser = { config, rows: header.rows, blocks, columns }
  const intercepts = tensor('intercepts', Float64Array, header.genres)
  const weights = tensor('weights', Float32Array, header.genres * columns)
  if (!weights.every(Number.isFinite) || !intercepts.every(Number.isFinite)) throw new Error('a weight is not a number')
  const cells = config.folds * header.genres
  const folds =
    header.foldRows === null
      ? null
      : {
          weights: tensor('fold-weights', Float16Array, cells * columns),
          intercepts: tensor('fold-intercepts', Float64Array, cells),
          rows: tensor('fold-rows', Int32Array, header.foldRows),
          fold: tensor('fold-fold', Uint8Array, header.foldRows),
        }
  return { ...createModel(config, vectoriser, weights, intercepts), folds }
}
