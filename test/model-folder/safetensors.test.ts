import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { SafetensorsFile, writeSafetensors } from '../../src/main/model-folder/safetensors.ts'
import { scratchFolder } from '../data/support/files.ts'
import { safetensors, stored } from '../compute/models/support.ts'

const { folder, write } = scratchFolder()
const bytesOf = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer)

describe('reading', () => {
  test('half-precision numbers are widened', () => {
    // bit patterns and values of IEEE 754-2019, tables 3.3 and 3.4, and their bfloat16 counterparts
    const half: [number, number][] = [
      [0x0000, 0],
      [0x8000, -0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x0001, 2 ** -24],
      [0x83ff, -1023 * 2 ** -24],
      [0x3555, 0.333251953125],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x7e00, NaN],
    ]
    const brain: [number, number][] = [
      [0x3f80, 1],
      [0xc040, -3],
      [0x4049, 3.140625],
      [0x7f80, Infinity],
      [0x0001, 2 ** -133],
      [0x8000, -0],
      [0x7fc0, NaN],
    ]
    const path = write(
      'half.safetensors',
      safetensors({
        half: { dtype: 'F16', shape: [half.length], bytes: bytesOf(...half.map(([bits]) => bits)) },
        brain: { dtype: 'BF16', shape: [brain.length], bytes: bytesOf(...brain.map(([bits]) => bits)) },
        whole: { dtype: 'I64', shape: [1], bytes: new Uint8Array(BigInt64Array.of(-5n).buffer) },
      }),
    )
    const file = new SafetensorsFile(path)
    expect([...file.float32('half')]).toEqual(half.map(([, value]) => value))
    expect([...file.float32('brain')]).toEqual(brain.map(([, value]) => value))
    expect(file.int64('whole')).toEqual(BigInt64Array.of(-5n))
    expect(() => file.float32('whole')).toThrow('"whole" of half.safetensors holds I64. Weights must be F32, F16 or BF16')
    expect(() => file.int64('half')).toThrow('holds F16, not I64')
    expect(() => file.float32('none')).toThrow('no tensor "none"')
    file.close()
  })

  test('a file that shrinks while it is read', () => {
    const path = write('shrinks.safetensors', safetensors({ a: stored([4], Float32Array.of(1, 2, 3, 4)) }))
    const file = new SafetensorsFile(path)
    writeFileSync(path, readFileSync(path).subarray(0, -5))
    expect(() => file.float32('a')).toThrow('ends at byte')
    file.close()
  })

  it('gives right numbers or a reason, whatever is damaged', () => {
    const whole = safetensors({
      a: stored([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
      b: { dtype: 'F16', shape: [3], bytes: bytesOf(0x3c00, 0x4000, 0x4200) },
      c: stored([], Float32Array.of(7)),
    })
    const headerEnd = 8 + Number(whole.readBigUInt64LE())
    const damage = fc.record({ at: fc.nat(headerEnd - 1), byte: fc.nat(255) })
    const path = join(folder, 'damaged.safetensors')
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 3 }), fc.option(fc.nat(whole.length)), (damages, cut) => {
        const bytes = Buffer.from(whole)
        for (const { at, byte } of damages) bytes[at] = byte
        writeFileSync(path, bytes.subarray(0, cut ?? bytes.length))
        try {
          const file = new SafetensorsFile(path)
          for (const [name, { dtype, shape }] of file.header.tensors) {
            const size = shape.reduce((n, d) => n * d, 1)
            if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') expect(file.float32(name).length).toBe(size)
            else expect(() => file.float32(name)).toThrow(UserError)
          }
          file.close()
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('writing', () => {
  const number = fc.float({ noNaN: true })
  test('what is written is read again', () => {
    let n = 0
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.array(number, { maxLength: 9 }), { maxKeys: 5 }),
        (tensors) => {
          const names = Object.keys(tensors).filter((name) => name !== '__metadata__')
          const path = join(folder, `written-${n++}.safetensors`)
          const bytes = writeSafetensors(
            path,
            names.map((name) => ({ name, shape: [tensors[name]!.length], read: () => Float32Array.from(tensors[name]!) })),
          )
          const file = new SafetensorsFile(path)
          expect(file.bytes).toBe(bytes)
          expect([...file.header.tensors.values()].every((t) => t.bytes === 0 || t.start % 4 === 0)).toBe(true)
          for (const name of names) expect([...file.float32(name)]).toEqual([...Float32Array.from(tensors[name]!)])
          file.close()
        },
      ),
      { numRuns: 60 },
    )
  })
  test('the layout is that of the reference implementation', () => {
    const path = join(folder, 'layout.safetensors')
    writeSafetensors(path, [{ name: 'w', shape: [1, 2], read: () => Float32Array.of(1, -2) }])
    const text = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    const padded = text.padEnd(Math.ceil(text.length / 8) * 8)
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(padded.length))
    expect(readFileSync(path)).toEqual(Buffer.concat([length, Buffer.from(padded), Buffer.from(Float32Array.of(1, -2).buffer)]))
    expect(() => writeSafetensors(path, [])).toThrow('EEXIST')
  })
  test('numbers that do not fit their shape', () => {
    const tensors = [{ name: 'w', shape: [3], read: () => Float32Array.of(1) }]
    expect(() => writeSafetensors(join(folder, 'unfit.safetensors'), tensors)).toThrow('"w" has 1 numbers, not 3')
  })
})
