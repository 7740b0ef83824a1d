import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Meter } from '../../../src/main/compute/train/meter.ts'
import { keepResult, readResult } from '../../../src/main/compute/train/results.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'results-'))))
afterEach(() => rmSync(folder, { recursive: true }))
const tensors = new Map([['p', { shape: [2], data: Float32Array.of(0.25, NaN) }]])

describe('the result of a part of a job', () => {
  test('is restored unchanged', async () => {
    await keepResult(folder, 'fold-0', 'd', tensors)
    expect(await readResult(folder, 'fold-0', 'd')).toEqual(tensors)
    expect(await readResult(folder, 'fold-1', 'd')).toBeNull()
  })
  test('is not used for another job', async () => {
    await keepResult(folder, 'fold-0', 'd', tensors)
    expect(await readResult(folder, 'fold-0', 'e')).toBeNull()
  })
  test.each<[string, (path: string) => void]>([
    ['numbers', (path) => writeFileSync(`${path}.safetensors`, readFileSync(`${path}.safetensors`).fill(1, 257))],
    ['header', (path) => writeFileSync(`${path}.safetensors`, readFileSync(`${path}.safetensors`).fill(1, 20, 60))],
    ['cut', (path) => truncateSync(`${path}.safetensors`, 258)],
  ])('is computed again where it is damaged: %s', async (_, damage) => {
    await keepResult(folder, 'fold-0', 'd', tensors)
    damage(join(folder, 'fold-0'))
    expect(await readResult(folder, 'fold-0', 'd')).toBeNull()
  })
})

test('the fraction of a job weighs its stages and never decreases', () => {
  const reported: [number, string][] = []
  const meter = new Meter([{ name: 'a', work: 1 }, { name: 'b', work: 3 }], (fraction, phase) => reported.push([fraction, phase])) // prettier-ignore
  meter.at('a', 1)
  meter.at('b', 0.5)
  meter.at('a', 0.5)
  meter.at('b', 2)
  meter.at('none of them', 0)
  expect(reported).toEqual([[0.25, 'a'], [0.625, 'b'], [0.625, 'a'], [1, 'b'], [1, 'none of them']]) // prettier-ignore
})
