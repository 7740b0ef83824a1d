import { expect, test } from 'vitest'
import { MAX_VALUES, refusalOf, TOO_LARGE } from '../../src/contract/rpc.ts'
import { isTooLargeText } from '../../src/main/host/large-message.ts'
import { fuzz } from '../soak/fuzz.ts'
import { scratch } from '../support/project.ts'

test('5,000 wrong messages over a port and the browser host: each is refused, the engine survives, nothing changes', async () => {
  const { port, socket } = await fuzz(scratch(), 5000, 1)
  expect(port.refused + port.ignored).toBe(2500)
  expect(port.refused).toBeGreaterThan(1250)
  expect(socket.closed).toBeGreaterThan(0)
  expect(socket.refused).toBeGreaterThan(1250)
}, 120_000)

const nested = (levels: number, wrap: (v: unknown) => unknown): unknown => {
  let v: unknown = 1
  for (let i = 0; i < levels; i++) v = wrap(v)
  return v
}
const bytes = (json: string): Uint8Array => new TextEncoder().encode(json)
const large = [
  nested(100, (deep) => ({ deep })),
  new Array(MAX_VALUES + 1).fill(0),
  Array.from({ length: 600 }, () => new Array<number>(600).fill(0)),
  Object.fromEntries(Array.from({ length: MAX_VALUES + 2 }, (_, i) => [`k${i}`, 1])),
]
const fine = [
  null,
  'x',
  {},
  new Array(1000).fill({ movie: 1 }),
  nested(40, (v) => [v]),
  '[{:,'.repeat(MAX_VALUES),
  '\\"[,'.repeat(MAX_VALUES),
  '\\',
]

test('refuses arguments that are too large for any call, before and after they are parsed: too many values, too many levels', () => {
  const circle: unknown[] = []
  circle.push(circle)
  for (const args of [...large, circle]) expect(refusalOf(args)).toBe(TOO_LARGE)
  for (const args of large) expect(isTooLargeText(bytes(JSON.stringify({ t: 'req', args })))).toBe(true)
  for (const args of fine) {
    expect(refusalOf(args)).toBeNull()
    expect(isTooLargeText(bytes(JSON.stringify({ t: 'req', args })))).toBe(false)
  }
  for (const args of [undefined, { bytes: new Uint8Array(4 << 20) }]) expect(refusalOf(args)).toBeNull()
  expect(isTooLargeText(bytes(`["${'['.repeat(100)}`))).toBe(false)
})
test('refuses a member __proto__ at any level, which schemas of records would drop without an error', () => {
  for (const json of ['{"__proto__":{"x":1}}', '{"switches":{"__proto__":true}}', '[{"a":[{"__proto__":1}]}]'])
    expect(refusalOf(JSON.parse(json))).toMatchObject({ code: 'bad-arguments' })
  expect(refusalOf({ constructor: 1, prototype: 2 })).toBeNull()
})
