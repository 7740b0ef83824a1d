import { expect, test, vi } from 'vitest'
import { printable, printResult } from '../../src/main/cli/output.ts'

test('control sequences in a catalogue do not reach the terminal', () => {
  expect(printable('a\u001b]0;title\u0007\u009b31m\rb\nc')).toBe('a\ufffd]0;title\ufffd\ufffd31m\ufffdb\nc')
})
test.each([
  [{ json: true }, '{"a":"\\u001b"}'],
  [{}, 'text \ufffd'],
])('%j prints %s', (o, printed) => {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  printResult(o, { a: '\u001b' }, () => 'text \u001b')
  expect(log.mock.calls).toEqual([[printed]])
  log.mockRestore()
})
