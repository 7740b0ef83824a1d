import { expect, test } from 'vitest'
import { Keys } from '../../../src/main/jobs/work/movie-merger.ts'

/** Assigns ids in order and returns the keys. */
function assigned(...own: string[]): string[] {
  const held: string[] = ['']
  const keys = new Keys((movie, key) => held[movie] === key)
  return own.map((id, i) => (held[i + 1] = keys.assign(id, i + 1)))
}

test.each<[string, string[], string[]]>([
  ['ids of their own', ['a', 'b', 'c'], ['a', 'b', 'c']],
  ['a repeated id', ['a', 'a', 'b', 'a'], ['a', 'a#2', 'b', 'a#3']],
  ['an id that looks like a repeated one', ['a#2', 'a', 'a', 'a'], ['a#2', 'a', 'a#3', 'a#4']],
  ['one that comes later', ['a', 'a', 'a#2'], ['a', 'a#2', 'a#2#2']],
])('%s', (_what, own, keys) => expect(assigned(...own)).toEqual(keys))

test('many keys are found again, and no others', () => {
  const held: string[] = ['']
  const keys = new Keys((movie, key) => held[movie] === key)
  for (let i = 1; i <= 20_000; i++) held[i] = keys.assign(`tt${i}`, i)
  expect([1, 77, 20_000].map((i) => keys.find(`tt${i}`))).toEqual([1, 77, 20_000])
  expect(keys.find('tt20001')).toBe(0)
})

test('numbers of repeated ids are found without trying all of them', () => {
  const held: string[] = ['']
  let lookups = 0
  const keys = new Keys((movie, key) => (lookups++, held[movie] === key))
  for (let i = 1; i <= 20_000; i++) held[i] = keys.assign('same', i)
  expect(held.at(-1)).toBe('same#20000')
  // trying every number from 2 on would need 200 million
  expect(lookups).toBeLessThan(100_000)
})

test('the store decides between equal hashes', () => {
  // no movie has the key: as if its hash were that of another key
  const keys = new Keys(() => false)
  keys.assign('a', 1)
  expect(keys.find('a')).toBe(0)
})
