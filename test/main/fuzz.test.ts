import { expect, test } from 'vitest'
import { isTooLarge } from '../../src/contract/rpc.ts'
import { fuzz } from '../soak/fuzz.ts'
import { scratch } from '../support/project.ts'

test('5,000 wrong messages over a port and the browser host: each is refused, the engine survives, nothing changes', async () => {
  const { port, socket } = await fuzz(scratch(), 5000, 1)
  expect(port.refused + port.ignored).toBe(2500)
  expect(port.refused).toBeGreaterThan(1250)
  expect(socket.closed).toBeGreaterThan(0)
  expect(socket.refused).toBeGreaterThan(1250)
}, 120_000)

test('refuses arguments that are too large for any call: too many values, too many levels, a cycle; bytes count as one value', () => {
  const circle: unknown[] = []
  circle.push(circle)
  let deep: unknown = 1
  for (let i = 0; i < 100; i++) deep = { deep }
  for (const large of [circle, deep, new Array(400_000).fill(0), Array.from({ length: 600 }, () => new Array<number>(600).fill(0))])
    expect(isTooLarge(large)).toBe(true)
  for (const fine of [undefined, null, 'x', {}, { bytes: new Uint8Array(4 << 20) }, new Array(1000).fill({ movie: 1 })])
    expect(isTooLarge(fine)).toBe(false)
})
