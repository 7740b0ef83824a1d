import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { parseHeader, readSafetensorsHeader } from '../../src/main/model-folder/safetensors.ts'
import { goldenModels } from '../support/paths.ts'
import { scratchFolder } from '../data/support/files.ts'

const { folder } = scratchFolder()

/** A header's text, and as many bytes of data as the last offset says. */
const parse = (json: string, data: number): ReturnType<typeof parseHeader> => {
  const bytes = Buffer.from(json)
  return parseHeader(bytes, 8 + bytes.length + data, 'x.safetensors')
}
const f32 = (shape: number[], from: number, to: number): string => JSON.stringify({ dtype: 'F32', shape, data_offsets: [from, to] })

describe('the header of a safetensors file', () => {
  it('says where each tensor is', () => {
    const json = `{"__metadata__":{"format":"pt"},"b":${f32([2], 16, 24)},"a":${f32([2, 2], 0, 16)},"s":${f32([], 24, 28)}}`
    const { tensors, metadata } = parse(json, 28)
    expect(metadata).toEqual({ format: 'pt' })
    expect([...tensors.values()].map(({ name, start, bytes }) => [name, start - 8 - json.length, bytes])).toEqual([
      ['a', 0, 16],
      ['b', 16, 8],
      ['s', 24, 4],
    ])
  })

  it.each([
    ['not JSON', '{', 0, 'not JSON'],
    ['a list', '[]', 0, 'not a list of tensors'],
    ['a number', '{"a":1}', 0, 'malformed'],
    ['a field too many', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4, 'malformed'],
    ['a negative dimension', `{"a":${f32([-1], 0, 4)}}`, 4, 'malformed'],
    ['a fraction', `{"a":${f32([1.5], 0, 6)}}`, 6, 'malformed'],
    ['an unknown type', '{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', 4, 'unknown type "F31"'],
    ['a shape that does not fit', `{"a":${f32([3], 0, 8)}}`, 8, 'needs 12 bytes and has 8'],
    ['a shape whose product overflows', `{"a":${f32([2 ** 52, 2 ** 52, 0], 0, 0)}}`, 0, undefined],
    ['offsets that fall', `{"a":${f32([1], 4, 0)}}`, 4, 'needs 4 bytes and has -4'],
    ['an overlap', `{"a":${f32([2], 0, 8)},"b":${f32([1], 4, 8)}}`, 8, 'overlaps'],
    ['a hole', `{"a":${f32([1], 0, 4)},"b":${f32([1], 8, 12)}}`, 12, '"b" follows a hole'],
    ['a hole at the start', `{"a":${f32([1], 4, 8)}}`, 8, 'follows a hole'],
    ['a cut file', `{"a":${f32([2], 0, 8)}}`, 7, 'it was cut off'],
    ['bytes at the end', `{"a":${f32([1], 0, 4)}}`, 5, '1 bytes follow'],
    ['a name twice', `{"a":${f32([1], 0, 4)},"\\u0061":${f32([1], 0, 4)}}`, 4, 'twice'],
    ['a field twice', '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4, 'twice'],
    ['metadata of numbers', '{"__metadata__":{"x":1}}', 0, '__metadata__'],
  ])('refuses %s', (_, json, data, why) => {
    const act = (): unknown => parse(json, data)
    if (why === undefined) expect(act).not.toThrow()
    else expect(act).toThrow(why)
    if (why !== undefined) expect(act).toThrow(UserError)
  })

  it('takes names as they are', () => {
    const { tensors } = parse(`{"__proto__":${f32([1], 0, 4)},"a \\"b\\": ":${f32([1], 4, 8)}}`, 8)
    expect([...tensors.keys()]).toEqual(['__proto__', 'a "b": '])
  })

  it('never fails otherwise, whatever the file is', () => {
    const path = join(folder, 'any.safetensors')
    const valid = Buffer.from(`{"a":${f32([2], 0, 8)},"b":${f32([1], 8, 12)}}`)
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(BigInt(valid.length))
    const whole = Buffer.concat([prefix, valid, Buffer.alloc(12)])
    const damage = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length))
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of damages) bytes[at] = value
        writeFileSync(path, bytes.subarray(0, damages[0]![2] % 3 === 0 ? damages[0]![2] : bytes.length))
        try {
          for (const { start, bytes: n } of readSafetensorsHeader(path).tensors.values())
            expect(start + n).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('refuses lengths that no file has', () => {
    const path = join(folder, 'long.safetensors')
    for (const [length, why] of [
      [2n ** 63n, 'claims'],
      [15_000_000n, 'longer than the file'],
    ] as const) {
      const prefix = Buffer.alloc(16)
      prefix.writeBigUInt64LE(length)
      writeFileSync(path, prefix)
      expect(() => readSafetensorsHeader(path)).toThrow(why)
    }
    expect(() => readSafetensorsHeader(folder)).toThrow('is a folder')
    expect(() => readSafetensorsHeader(join(folder, 'none'))).toThrow('There is no file')
  })

  it('reads published layouts', () => {
    const { tensors } = readSafetensorsHeader(join(goldenModels, 'bert-tiny/io.safetensors'))
    expect(tensors.get('input_ids')).toMatchObject({ dtype: 'I64', shape: [3, 11], bytes: 264 })
  })
})
