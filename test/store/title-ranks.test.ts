import { expect, test } from 'vitest'
import { seededDraws } from '../../src/main/analysis/random.ts'
import { titleRanks } from '../../src/main/store/columns.ts'

/** Ids in the order of their ranks. */
function sorted(titles: readonly string[], firstId = 1): number[] {
  const ranks = titleRanks(titles.map((title, i) => [firstId + i, title]))
  return [...ranks.subarray(firstId).entries()].sort((a, b) => a[1] - b[1]).map(([at]) => at)
}

test('case and accents do not count, numbers count by their value, equal titles stay in file order', () =>
  expect(sorted(['b', 'Ärger', 'Part 10', 'part 9', 'argo', 'ARGER', 'B']).map((i) => i)).toEqual([1, 5, 4, 0, 6, 3, 2]))
test('ids need not begin at 1', () => expect(sorted(['b', 'a'], 7)).toEqual([1, 0]))

test('many titles', () => {
  const draw = seededDraws(5)
  const titles = Array.from({ length: 140_000 }, () => `Film ${draw(90_000)}`)
  const number = (at: number): number => Number(titles[at]!.slice(5))
  const plainly = Array.from(titles.keys()).sort((a, b) => number(a) - number(b) || a - b)
  expect(sorted(titles)).toEqual(plainly)
})
