import { deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { predictProba } from '../../../src/main/compute/linear/predict.ts'
import { deserialise, serialise } from '../../../src/main/compute/linear/serialise.ts'
import { packContainer, unpackContainer } from '../../../src/main/model-folder/container.ts'
import { TINY_CONFIG, tinyMovies, trainOn } from './support.ts'

const movies = { ...tinyMovies(30), excluded: null, rowWeight: null }
const { model } = await trainOn(movies, TINY_CONFIG, 1)
const bytes = serialise(model)
const container = unpackContainer(inflateSync(bytes))
const header = container.header as { config: object }
const again = (changed: object): Uint8Array => deflateSync(packContainer({ ...header, ...changed }, container.tensors))
const weights = container.tensors.get('weights')!.data as Float32Array
const withWeights = (data: Float32Array): Uint8Array =>
  deflateSync(
    packContainer(
      header,
      [...container.tensors].map(([name, t]) => (name === 'weights' ? [name, { data }] : [name, t])),
    ),
  )
const code = (damaged: Uint8Array): string => {
  try {
    deserialise(damaged)
  } catch (error) {
    return error instanceof UserError ? error.code : String(error)
  }
  return 'read'
}

test('a model is restored bit for bit', () => {
  const read = deserialise(bytes)
  expect(read).toEqual(model)
  expect(predictProba(read, movies.plots)).toEqual(predictProba(model, movies.plots))
})
test('from a view inside a larger buffer', () => {
  const larger = new Uint8Array(bytes.length + 7)
  larger.set(bytes, 3)
  expect(deserialise(larger.subarray(3, 3 + bytes.length))).toEqual(model)
})

describe('damaged bytes are refused', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['another file', Buffer.from('PK\x03\x04 something else entirely')],
    ['a later version', again({ version: 9 })],
    ['an end cut off', bytes.subarray(0, bytes.length - 10)],
    ['a flipped byte', bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 0x55 : byte))],
    ['a flipped byte of what was compressed', deflateSync(inflateSync(bytes).map((byte, i) => (i === 5000 ? byte ^ 1 : byte)))],
    ['a weight too few', withWeights(weights.slice(1))],
    ['a weight too many', withWeights(Float32Array.of(...weights, 0))],
    ['a header that runs past the end', deflateSync(inflateSync(bytes).fill(255, 0, 4))],
    ['no header', deflateSync(packContainer(null, container.tensors))],
    [
      'no weights',
      deflateSync(
        packContainer(
          header,
          [...container.tensors].filter(([name]) => name !== 'weights'),
        ),
      ),
    ],
    ['a negative size', again({ genres: -4 })],
    ['another number of genres', again({ genres: 9 })],
    ['an unknown class weight', again({ config: { ...header.config, classWeight: 'nine' } })],
    ['a weight that is not a number', withWeights(Float32Array.of(...weights.slice(1), NaN))],
  ])('%s', (_, damaged) => {
    expect(code(damaged)).toBe('model-damaged')
  })
})

test('few bytes that become very many are refused before they are unpacked', () => {
  const bomb = deflateSync(Buffer.alloc((1 << 25) + 1))
  expect(bomb.length).toBeLessThan(100_000)
  expect(() => deserialise(bomb)).toThrow(/cannot be read \(Cannot create a Buffer larger than 33554432 bytes\)/)
})
