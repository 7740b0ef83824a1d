/**
 * A model as bytes: `RLIN`, a version, then one deflated body of a JSON header, the vocabulary (one n-gram a line), the
 * document frequencies (idf follows from them), intercepts and weights, all little-endian.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import type { LinearConfig } from '../../../contract/records.ts'
import { createModel, type LinearModel } from './predict.ts'
import { smoothIdf, type Block, type Vectoriser } from './vectorise.ts'

const MAGIC = 0x4e494c52 // "RLIN"
const VERSION = 1
/** No honest model is larger: 64 genres x 5 million n-grams x 4 bytes. */
const MAX_BODY = 1_300_000_000

const size = z.int().min(0)
const HEADER = z.strictObject({
  config: z.strictObject({
    family: z.literal('linear'),
    folds: size,
    seed: z.number(),
    c: z.number(),
    classWeight: z.enum(['none', 'balanced', 'log']),
    wordNgrams: size,
    charNgrams: z.tuple([size, size]).nullable(),
    minDf: size,
    // models of before it could be limited have all
    maxFeatures: size.nullable().default(null),
    sublinearTf: z.boolean(),
    stopWords: z.enum(['none', 'english']),
    reviewedWeight: z.number(),
  }),
  genres: size,
  rows: size,
  blocks: z.array(z.strictObject({ kind: z.enum(['word', 'char']), size })).max(2),
  vocabularyBytes: size,
})
type Header = z.infer<typeof HEADER>

/** The model as compact bytes; {@link deserialise} gives the same model back, bit for bit. */
export function serialise(model: LinearModel): Uint8Array {
  const { vectoriser } = model
  const vocabulary = Buffer.from(model.vocabulary.join('\n'))
  const header: Header = {
    config: { ...model.config, charNgrams: model.config.charNgrams === null ? null : [...model.config.charNgrams] },
    genres: model.genres,
    rows: vectoriser.rows,
    blocks: vectoriser.blocks.map(({ kind, ids }) => ({ kind, size: ids.size })),
    vocabularyBytes: vocabulary.length,
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const numbers = [...vectoriser.blocks.map((block) => block.df), model.intercepts, model.weights]
  const body = Buffer.concat([length, json, vocabulary, ...numbers.map(bytesOf)])
  const head = Buffer.alloc(8)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(VERSION, 4)
  return Buffer.concat([head, deflateSync(body, { level: 1 })])
}

const bytesOf = (array: Int32Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** Throws UserError `model-damaged` unless `bytes` are a whole model of this version. */
export function deserialise(bytes: Uint8Array): LinearModel {
  try {
    return read(new Reader(unpack(bytes)))
  } catch (error) {
    if (error instanceof UserError) throw error
    throw damaged(error instanceof Error ? error.message : String(error))
  }
}

const damaged = (why: string): UserError =>
  new UserError('model-damaged', `The stored model cannot be read (${why}). Train again to replace it.`)

function unpack(bytes: Uint8Array): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < 8 || buffer.readUInt32LE(0) !== MAGIC) throw damaged('it does not start like a model')
  const version = buffer.readUInt32LE(4)
  if (version !== VERSION) throw damaged(`version ${version}; this program reads version ${VERSION}`)
  return inflateSync(buffer.subarray(8), { maxOutputLength: MAX_BODY })
}

function read(reader: Reader): LinearModel {
  const header = HEADER.parse(JSON.parse(reader.text(reader.take(4).readUInt32LE(0))))
  const config: LinearConfig = header.config
  const columns = header.blocks.reduce((sum, block) => sum + block.size, 0)
  const text = reader.text(header.vocabularyBytes)
  const names = columns === 0 && text === '' ? [] : text.split('\n')
  if (names.length !== columns) throw damaged(`expected ${columns} n-grams, got ${names.length}`)
  let offset = 0
  const blocks = header.blocks.map(({ kind, size }): Block => {
    const ids = new Map(names.slice(offset, offset + size).map((name, id) => [name, id]))
    if (ids.size !== size) throw damaged('an n-gram is listed twice')
    const df = new Int32Array(reader.numbers(size * 4))
    const block = { kind, offset, ids, df, idf: smoothIdf(df, header.rows) }
    offset += size
    return block
  })
  const vectoriser: Vectoriser = { config, rows: header.rows, blocks, columns }
  const intercepts = new Float64Array(reader.numbers(header.genres * 8))
  const weights = new Float32Array(reader.numbers(header.genres * columns * 4))
  reader.end()
  if (!weights.every(Number.isFinite) || !intercepts.every(Number.isFinite)) throw damaged('a weight is not a number')
  return createModel(config, vectoriser, weights, intercepts)
}

/** Takes a buffer apart from its start; every length is checked against what is left. */
class Reader {
  private at = 0
  private readonly buffer: Buffer
  constructor(buffer: Buffer) {
    this.buffer = buffer
  }
  take(length: number): Buffer {
    if (length > this.buffer.length - this.at) throw damaged(`it ends ${length - (this.buffer.length - this.at)} bytes early`)
    this.at += length
    return this.buffer.subarray(this.at - length, this.at)
  }
  text(length: number): string {
    return this.take(length).toString('utf8')
  }
  /** The next bytes as an aligned buffer of their own. */
  numbers(length: number): ArrayBuffer {
    return Uint8Array.from(this.take(length)).buffer
  }
  end(): void {
    if (this.at !== this.buffer.length) throw damaged(`${this.buffer.length - this.at} bytes too many`)
  }
}
