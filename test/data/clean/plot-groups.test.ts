import { expect, test } from 'vitest'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { runToEnd } from '../../../src/main/analysis/steps.ts'
import { plotGroups } from '../../../src/main/data/clean/plot-groups.ts'

const draw = seededDraws(11)
const story = (words: number): string[] => Array.from({ length: words }, () => `word${draw(5000)}`)
const groupsOf = (plots: readonly string[]): number[] => [...runToEnd(plotGroups(() => plots, plots.length))]
/** The text with one word replaced. */
const changed = (words: readonly string[], at: number): string[] => words.with(at, 'other')

test('equal and nearly equal plots are one group, also through another plot', () => {
  const [first, second, third] = [story(80), story(80), story(80)]
  // each differs from the one before in two words, and the last from the first in so many that they are not similar themselves
  const chain = [8, 16, 24, 32, 40, 48].reduce<string[][]>((all, at) => [...all, changed(changed(all.at(-1)!, at), at + 4)], [second])
  const filler = Array.from({ length: 400 }, () => story(40).join(' '))
  const plots = [first.join(' '), ...chain.map((words) => words.join(' ')), first.join('  ').toUpperCase(), third.join(' '), changed(first, 40).join(' '), ...filler] // prettier-ignore
  const groups = groupsOf(plots)
  expect(groups.slice(0, 10)).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 0, 9])
  expect(groups[10]).toBe(0)
  expect(groups.slice(11)).toEqual(Array.from({ length: 400 }, (_, i) => i + 11))
})

test('plots of one template make no group that a part could not hold; equal ones always stay together', () => {
  const template = story(60)
  const plots = Array.from({ length: 200 }, (_, i) => changed(template, i % 60).join(' ') + ` ${i}`)
  const sizes = (groups: readonly number[]) => Math.max(...[...Map.groupBy(groups, (group) => group).values()].map((rows) => rows.length))
  expect(sizes(groupsOf(plots))).toBeLessThanOrEqual(10)
  expect(sizes(groupsOf(Array.from({ length: 50 }, () => 'The same plot.')))).toBe(50)
})

test('plots without words are near to nothing', () => expect(groupsOf(['?!', '...', '', ''])).toEqual([0, 1, 2, 2]))
