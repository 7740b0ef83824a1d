/** Seeded messages to the engine with at least one fault. */
import type { z } from 'zod'
import { METHODS, type Method } from '../../src/contract/api.ts'
import { asRequest, refusalOf } from '../../src/contract/rpc.ts'

export type Below = (n: number) => number
type Schema = z.core.$ZodType

const pick = <T>(below: Below, from: readonly T[]): T => from[below(from.length)]!
const WORDS = ['Drama', 'a', 'g1', 'title', 'x.reel', '/tmp/x.csv', 'é', '2026-01-01', 'oof']

/** A roughly valid value for each kind of schema: mutations and the check afterwards make sure that the message is wrong. */
const SAMPLES: Readonly<Record<string, (def: never, below: Below) => unknown>> = {
  object: ({ shape }: { shape: Record<string, Schema> }, below) =>
    Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, sample(schema, below)])),
  string: (_, below) => pick(below, WORDS),
  number: (_, below) => pick(below, [0, 1, 2, 5, 42, 100, 0.5]),
  int: (_, below) => 1 + below(50),
  boolean: (_, below) => below(2) === 1,
  enum: ({ entries }: { entries: Record<string, unknown> }, below) => pick(below, Object.values(entries)),
  literal: ({ values }: { values: unknown[] }, below) => pick(below, values),
  array: ({ element }: { element: Schema }, below) => Array.from({ length: 1 + below(3) }, () => sample(element, below)),
  tuple: ({ items }: { items: Schema[] }, below) => items.map((item) => sample(item, below)),
  union: ({ options }: { options: Schema[] }, below) => sample(pick(below, options), below),
  record: ({ valueType }: { valueType: Schema }, below) => ({ [pick(below, WORDS)]: sample(valueType, below) }),
  nullable: ({ innerType }: { innerType: Schema }, below) => (below(3) === 0 ? null : sample(innerType, below)),
  optional: ({ innerType }: { innerType: Schema }, below) => sample(innerType, below),
  default: ({ innerType }: { innerType: Schema }, below) => sample(innerType, below),
  prefault: ({ innerType }: { innerType: Schema }, below) => sample(innerType, below),
  readonly: ({ innerType }: { innerType: Schema }, below) => sample(innerType, below),
  pipe: ({ in: schema }: { in: Schema }, below) => sample(schema, below),
  custom: () => new Uint8Array([1, 2, 3]),
}
/** A value that resembles what the schema asks for. */
export function sample(schema: Schema, below: Below): unknown {
  const { def } = schema._zod
  return SAMPLES[def.type]?.(def as never, below) ?? null
}

const deep = (levels: number): unknown => {
  let v: unknown = 1
  for (let i = 0; i < levels; i++) v = [v]
  return v
}
/** Values that no argument allows. */
const JUNK: readonly ((below: Below) => unknown)[] = [
  () => null,
  () => undefined,
  () => NaN,
  () => Infinity,
  () => -1,
  () => 1e308,
  () => 2 ** 53,
  () => 0.1,
  () => '',
  () => '\u0000',
  () => '\ud800',
  () => "'; drop table change; --",
  () => '../../../../etc/passwd',
  () => 'x'.repeat(5000),
  () => true,
  () => [],
  () => ({}),
  () => [[[[]]]],
  () => ({ $ne: null }),
  () => ({ length: 2 ** 31 }),
  () => new Uint8Array(3),
  () => new Float64Array(2),
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => JSON.parse('{"__proto__": {"polluted": 1}}') as unknown,
  () => JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}') as unknown,
  () => ({ toString: 1, valueOf: 2, then: 3 }),
  () => deep(200),
  (below) => Array.from({ length: 1 + below(40) }, () => below(10)),
]
/** More of them, which are slow to build and therefore rare. */
const HEAVY: readonly (() => unknown)[] = [
  () => deep(20_000),
  () => new Array<number>(400_000).fill(1),
  () => 'x'.repeat(2_000_000),
  () => Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])),
]
export const junk = (below: Below): unknown => (below(3000) === 0 ? pick(below, HEAVY)() : pick(below, JUNK)(below))

type Holder = Record<string, unknown>
const isHolder = (v: unknown): v is Holder => typeof v === 'object' && v !== null && !ArrayBuffer.isView(v)
/** A random place inside a value: the containing object and the key. */
function placeIn(root: Holder, below: Below): readonly [Holder, string] {
  let holder = root
  for (;;) {
    const keys = Object.keys(holder)
    const key = keys.length === 0 ? 'x' : pick(below, keys)
    const inside = holder[key]
    if (!isHolder(inside) || below(3) === 0) return [holder, key]
    holder = inside
  }
}
const put = (holder: Holder, key: string, value: unknown): void =>
  void Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'unheardOf', '0', '']
const NAMES = ['', 'no.such', '__proto__', 'constructor', 'toString', 'labels.APPLY', 'labels.apply ', 'x'.repeat(3000)]

/** Ways to spoil a call. */
const SPOIL: readonly ((m: Holder, below: Below) => unknown)[] = [
  (m, below) => put(...placeIn(m, below), junk(below)),
  (m, below) => put(...placeIn(m['args'] as Holder, below), junk(below)),
  (m, below) => {
    const [holder, key] = placeIn(m['args'] as Holder, below)
    Reflect.deleteProperty(holder, key)
  },
  (m, below) => put(placeIn(m['args'] as Holder, below)[0], pick(below, KEYS), junk(below)),
  (m, below) => (m['args'] = junk(below)),
  (m, below) => (m['method'] = below(2) ? pick(below, NAMES) : junk(below)),
  (m, below) => (m['id'] = junk(below)),
  (m, below) => (m['t'] = pick(below, ['res', 'evt', 'REQ', 0, null])),
]

/** Returns true if the message is valid after all, so that the engine would act on it. */
export function isValid(message: unknown): boolean {
  const request = asRequest(message)
  return request?.known != null && refusalOf(request.args) === null && METHODS[request.known].args.safeParse(request.args).success
}

/** A message with at least one fault; `as` is how it arrives at the other end. */
export function wrongMessage(below: Below, id: number, as: (m: unknown) => unknown = (m) => m): unknown {
  if (below(25) === 0) return junk(below)
  const method = pick(below, Object.keys(METHODS) as Method[])
  const args = sample(METHODS[method].args, below)
  const message: Holder = { t: 'req', id, method, args: isHolder(args) ? args : {} }
  for (let i = 0; i < 12; i++) {
    if (isHolder(message['args'])) pick(below, SPOIL)(message, below)
    else message['args'] = junk(below)
    if (!isValid(as(message))) return message
  }
  return { ...message, method: 'no.such' }
}
