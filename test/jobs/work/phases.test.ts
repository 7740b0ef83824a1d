import { expect, test } from 'vitest'
import { Phases } from '../../../src/main/jobs/work/phases.ts'

test('phases that overlap add up by their shares, and nothing goes back', () => {
  const told: [number, string][] = []
  const phases = new Phases({ progress: (fraction, words) => void told.push([fraction, words]) }, { one: 3, two: 1 })
  phases.tell('one', 0.5, 'first')
  phases.tell('two', 0.5)
  phases.tell('one', 0.25, 'back')
  phases.tell('one', 7, 'over')
  phases.tell('two', 1)
  expect(told).toEqual([
    [0.375, 'first'],
    [0.5, 'first'],
    [0.5, 'back'],
    [0.875, 'over'],
    [1, 'over'],
  ])
})
