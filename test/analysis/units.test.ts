import { expect, test } from 'vitest'
import { gatherUnits, type GenreLists } from '../../src/main/analysis/units.ts'

/** Lists such as `0 2, 1, , 2`: four movies. */
function lists(text: string): GenreLists {
  const all = text.split(',').map((list) => list.trim().split(' ').filter(Boolean).map(Number))
  let at = 0
  return { end: Int32Array.from(all, (list) => (at += list.length)), genres: Uint16Array.from(all.flat()) }
}
/** Units as `2x: 0*1 2*2`, in their order. */
function units(text: string, groups: number[] | null): string[] {
  const u = gatherUnits(lists(text), 3, groups && Int32Array.from(groups))
  return Array.from({ length: u.count }, (_, i) => {
    const at = Array.from({ length: u.end[i]! - (u.end[i - 1] ?? 0) }, (_, j) => (u.end[i - 1] ?? 0) + j)
    return `${u.size[i]}x: ${at.map((l) => `${u.genres[l]}*${u.counts[l]}`).join(' ')}`
  })
}

test('without groups each movie is a unit with its genres in order', () =>
  expect(units('2 0, 1, , 2', null)).toEqual(['1x: 0*1 2*1', '1x: 1*1', '1x: ', '1x: 2*1']))
test.each([
  ['small numbers', [0, 1, 1, 0]],
  ['any numbers', [7_000_000, -3, -3, 7_000_000]],
])('movies of one group are one unit with counted genres: %s', (_what, groups) =>
  expect(units('2 0, 1, , 2', groups)).toEqual(['2x: 0*1 2*2', '2x: 1*1']),
)
