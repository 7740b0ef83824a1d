/** Accidental and malicious damage to files. The same seed makes the same damage. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

type Pick = (bound: number) => number
type Mutation = (bytes: Buffer, pick: Pick, other: Buffer) => Buffer

/** Bytes that have a meaning in one of the formats. */
const TELLING = [
  0, 0xff, 0x80, 0x7f, 0x22, 0x2c, 0x3b, 0x0a, 0x0d, 0x09, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x27, 0x92, 0xef, 0xfe, 0x3c, 0x3e, 0x26,
]
const HUGE = [
  '999999999999',
  '-1',
  '1e308',
  '0x7fffffff',
  'XFD1048576',
  '"'.repeat(300),
  '['.repeat(300),
  '{"a":'.repeat(100),
  ','.repeat(500),
  '\\u0000',
  '&#x10ffff;',
]

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, pick) {
    const copy = Buffer.from(bytes)
    for (let i = 0; i <= pick(8); i++) copy[pick(copy.length)]! ^= 1 << pick(8)
    return copy
  },
  function setBytes(bytes, pick) {
    const copy = Buffer.from(bytes)
    for (let i = 0; i <= pick(8); i++) copy[pick(copy.length)] = TELLING[pick(TELLING.length)]!
    return copy
  },
  function hugeNumber(bytes, pick) {
    const copy = Buffer.from(bytes)
    if (copy.length < 8) return copy
    // formats have headers at the start or at the end
    const at = pick(2) === 0 ? pick(Math.min(64, copy.length - 4)) : copy.length - 4 - pick(Math.min(400, copy.length - 4))
    copy.writeUInt32LE([0xffffffff, 0x7fffffff, 0x80000000, 0x10000000][pick(4)]!, at)
    return copy
  },
  function truncate(bytes, pick) {
    return bytes.subarray(0, pick(bytes.length + 1))
  },
  function remove(bytes, pick) {
    const at = pick(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(200))])
  },
  function duplicate(bytes, pick) {
    const at = pick(bytes.length)
    const part = bytes.subarray(at, at + 1 + pick(500))
    return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: 1 + pick(20) }, () => part), bytes.subarray(at)])
  },
  function insert(bytes, pick) {
    const at = pick(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(HUGE[pick(HUGE.length)]!), bytes.subarray(at)])
  },
  function splice(bytes, pick, other) {
    return Buffer.concat([bytes.subarray(0, pick(bytes.length)), other.subarray(pick(other.length))])
  },
]

/** Damages `bytes` in one to four ways; `other` is a file to splice with. */
export function mutate(bytes: Buffer, other: Buffer, seed: number): Buffer {
  const random = xoroshiro128plus(seed)
  const pick: Pick = (bound) => (bound <= 1 ? 0 : uniformInt(random, 0, bound - 1))
  let damaged = bytes
  for (let i = 0; i <= pick(4) && damaged.length > 0; i++) damaged = MUTATIONS[pick(MUTATIONS.length)]!(damaged, pick, other)
  return damaged
}
