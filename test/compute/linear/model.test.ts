import { deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/contract/errors.ts'
import { deserialise, predictProba, serialise } from '../../../src/main/compute/linear/model.ts'
import { TINY_CONFIG, tinyMovies, trainOn } from './support.ts'

const movies = { ...tinyMovies(30), excluded: null, rowWeight: null }
const { model } = await trainOn(movies, TINY_CONFIG, 1)
const bytes = serialise(model)
const again = (change: (body: Buffer) => Buffer): Uint8Array =>
  Buffer.concat([bytes.subarray(0, 8), deflateSync(change(inflateSync(bytes.subarray(8))))])
const edited = (from: string, to: string): Uint8Array => again((body) => Buffer.from(body.toString('latin1').replace(from, to), 'latin1'))
const code = (damaged: Uint8Array): string => {
  try {
    deserialise(damaged)
  } catch (error) {
    return error instanceof UserError ? error.code : String(error)
  }
  return 'read'
}

test('a model comes back bit for bit', () => {
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
    ['a later version', Uint8Array.of(...bytes.subarray(0, 4), 9, 0, 0, 0, ...bytes.subarray(8))],
    ['an end cut off', bytes.subarray(0, bytes.length - 10)],
    ['a flipped byte', bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 0x55 : byte))],
    ['a weight too few', again((body) => body.subarray(0, body.length - 4))],
    ['a weight too many', again((body) => Buffer.concat([body, Buffer.alloc(4)]))],
    ['a header that runs past the end', again((body) => Buffer.concat([Buffer.of(255, 255, 255, 127), body.subarray(4)]))],
    ['a header that is not JSON', edited('{"config"', '{config""')],
    ['a negative size', edited('"genres":4', '"genres":-')],
    ['another number of genres', edited('"genres":4', '"genres":9')],
    ['an unknown class weight', edited('"none"', '"nine"')],
    ['a weight that is not a number', again((body) => Buffer.concat([body.subarray(0, body.length - 4), Buffer.of(0, 0, 192, 127)]))],
  ])('%s', (_, damaged) => {
    expect(code(damaged)).toBe('model-damaged')
  })
})
