import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MeasuredCosts } from '../../src/main/jobs/measured-costs.ts'

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-costs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'measured.json')
}

test('the median of the five newest trainings of a kind counts', () => {
  const measuredCosts = new MeasuredCosts(place())
  expect(measuredCosts.of('linear')).toEqual({ time: 1, memory: 1, runs: 0 })
  for (const time of [100, 2, 5, 3, 4, 90]) measuredCosts.add({ kind: 'linear', time, memory: time / 2 })
  measuredCosts.add({ kind: 'scratch full auto', time: 7, memory: 3 })
  expect(measuredCosts.of('linear')).toEqual({ time: 4, memory: 2, runs: 5 })
  expect(measuredCosts.of('scratch full auto')).toEqual({ time: 7, memory: 3, runs: 1 })
})

test('a damaged file counts as empty, and a folder that cannot be written costs nothing else', () => {
  const path = place()
  writeFileSync(path, '{"runs": 3')
  expect(new MeasuredCosts(path).of('linear').runs).toBe(0)
  const nowhere = join(path, 'below-a-file', 'measured.json')
  new MeasuredCosts(nowhere).add({ kind: 'linear', time: 1, memory: 1 })
  expect(existsSync(nowhere)).toBe(false)
})
