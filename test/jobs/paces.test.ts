import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Paces } from '../../src/main/jobs/paces.ts'

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'reelabel-paces-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'measured.json')
}

test('the median of the five newest trainings of a kind counts', () => {
  const paces = new Paces(place())
  expect(paces.of('linear')).toEqual({ time: 1, memory: 1, runs: 0 })
  for (const time of [100, 2, 5, 3, 4, 90]) paces.add({ kind: 'linear', time, memory: time / 2 })
  paces.add({ kind: 'scratch full auto', time: 7, memory: 3 })
  expect(paces.of('linear')).toEqual({ time: 4, memory: 2, runs: 5 })
  expect(paces.of('scratch full auto')).toEqual({ time: 7, memory: 3, runs: 1 })
})

test('a damaged file counts as empty, and a folder that cannot be written costs nothing else', () => {
  const path = place()
  writeFileSync(path, '{"runs": 3')
  expect(new Paces(path).of('linear').runs).toBe(0)
  const nowhere = join(path, 'below-a-file', 'measured.json')
  new Paces(nowhere).add({ kind: 'linear', time: 1, memory: 1 })
  expect(existsSync(nowhere)).toBe(false)
})
