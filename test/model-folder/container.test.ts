import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CONTAINER_ALIGNMENT, containerChunks, packContainer, unpackContainer } from '../../src/main/model-folder/container.ts'
import { SafetensorsFile } from '../../src/main/model-folder/safetensors.ts'
import { scratch } from '../support/project.ts'

const HEADER = { é: ['"', 1.5, null] }
const TENSORS = [
  ['vocabulary', { data: Uint8Array.of(1, 2, 3) }],
  // an object would move this name to the front
  ['7', { data: Float32Array.from([1, NaN, -0, Infinity, 1e-40, 3]), shape: [2, 3] }],
  ['doubles', { data: Float64Array.of(Math.PI) }],
  ['counts', { data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ['none', { data: new Float32Array() }],
] as const

test('header and tensors come back bit by bit, also from a view inside a larger buffer', () => {
  const bytes = packContainer(HEADER, TENSORS)
  const larger = new Uint8Array(bytes.length + 9)
  larger.set(bytes, 5)
  const { header, tensors } = unpackContainer(larger.subarray(5, 5 + bytes.length))
  expect(header).toEqual(HEADER)
  expect(tensors).toEqual(new Map(TENSORS.map(([name, { data, ...t }]) => [name, { data, shape: 'shape' in t ? t.shape : [data.length] }])))
})

test('it is a safetensors file, whose data begin at a fixed byte', () => {
  const path = join(scratch(), 'x.safetensors')
  writeFileSync(path, packContainer(null, [['activations', { data: Float32Array.of(1, 2) }]]))
  const file = new SafetensorsFile(path)
  expect([...file.float32('activations')]).toEqual([1, 2])
  expect([file.entry('activations').start, file.header.metadata['header']]).toEqual([CONTAINER_ALIGNMENT, 'null'])
  file.close()
})

test('tensors are not copied to be written', () => {
  const data = new Float32Array(10)
  expect(containerChunks(null, [['x', { data }]])[1]!.buffer).toBe(data.buffer)
})

describe('a damaged file is refused', () => {
  const bytes = packContainer(HEADER, TENSORS)
  test('whichever bit is flipped', () => {
    const bits = fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const damaged = Uint8Array.from(bytes)
      damaged[at]! ^= 1 << bit
      expect(() => unpackContainer(damaged)).toThrow()
    })
    fc.assert(bits, { numRuns: 500 })
  })
  test('wherever it is cut off or longer', () => {
    for (let length = 0; length < bytes.length; length += 7) expect(() => unpackContainer(bytes.subarray(0, length))).toThrow(/^it/)
    expect(() => unpackContainer(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('its checksum is wrong')
  })
})
