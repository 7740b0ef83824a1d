import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkpointsIn } from '../../../src/main/compute/train/checkpoint.ts'
import { thisProcess } from '../../../src/main/files/process-identity.ts'
import { temporaryName } from '../../../src/main/files/temporary.ts'
import { NO_EPOCHS } from '../../../src/main/compute/train/early-stopping.ts'
import type { Tensors } from '../../../src/main/compute/train/learner.ts'
import type { Progress } from '../../../src/main/compute/train/loop.ts'

let folder: string
let notes: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))
  notes = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (step: number): Progress => ({
  step,
  position: step % 3,
  lossSum: 0.1 * step,
  lossWeight: step,
  kept: NO_EPOCHS,
  microTokens: 64,
  log: [],
  elapsedMs: 5,
})
const tensors = (x: number): Tensors =>
  new Map([
    ['layer.0.weight', { shape: [2, 3], data: Float32Array.from([x, NaN, -0, Infinity, 1e-40, 3]) }],
    ['é', { shape: [], data: Float32Array.of(x / 3) }],
  ])
const open = (digest = 'a') => checkpointsIn(folder, digest, (text) => notes.push(text))
const file = (kind: string): string =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(kind))!,
  )

async function saved(): Promise<void> {
  const checkpoints = open()
  await checkpoints.load()
  await checkpoints.save(at(1), tensors(1), tensors(10))
  await checkpoints.save(at(2), tensors(2))
}

test('an empty folder has none, which is not an error', async () => {
  expect(await open().load()).toBeNull()
  expect(notes).toEqual([])
})
test('is restored bit by bit, the best state from the save that had it', async () => {
  await saved()
  const found = await open().load()
  expect(found?.progress).toEqual(at(2))
  expect(found?.state).toEqual(tensors(2))
  expect(found?.best).toEqual(tensors(10))
  expect(readdirSync(folder).toSorted()).toEqual(['best-0.safetensors', 'state-1.safetensors'])
})
test('a half-written file of a killed process is removed', async () => {
  await saved()
  writeFileSync(temporaryName(join(folder, 'state-7.safetensors'), { ...thisProcess(), pid: 999_999_999 }), 'half')
  const checkpoints = open()
  expect((await checkpoints.load())?.progress.step).toBe(2)
  await checkpoints.save(at(3), tensors(3))
  expect(readdirSync(folder).toSorted()).toEqual(['best-0.safetensors', 'state-2.safetensors'])
})

describe('begins again, and says why', () => {
  const flip = (path: string, place: number): void => {
    const bytes = readFileSync(path)
    bytes[place]! ^= 1
    writeFileSync(path, bytes)
  }
  test.each<[string, () => void, RegExp]>([
    ['a bit of the state', () => flip(file('state'), statSync(file('state')).size - 3), /checkpoint .* damaged/],
    ['a bit of the best weights', () => flip(file('best'), statSync(file('best')).size - 3), /weights .* damaged/],
    ['a state that is shorter', () => truncateSync(file('state'), statSync(file('state')).size - 4), /checkpoint .* damaged/],
    ['best weights that are gone', () => rmSync(file('best')), /weights .* damaged/],
    ['a bit of the header', () => flip(file('state'), 60), /checkpoint .* damaged/],
    ['a header that is cut', () => truncateSync(file('state'), 30), /checkpoint .* damaged/],
    ['an empty state', () => truncateSync(file('state'), 0), /checkpoint .* damaged/],
  ])('%s', async (_, damage, words) => {
    await saved()
    damage()
    expect(await open().load()).toBeNull()
    expect(notes).toEqual([expect.stringMatching(words)])
  })
  test('another recipe', async () => {
    await saved()
    expect(await open('b').load()).toBeNull()
    expect(notes[0]).toContain('have changed')
  })
})
