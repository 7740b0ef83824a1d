import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tinyPart, tinyTraining, type Reports } from './tiny-training.ts'

const SCRIPT = join(import.meta.dirname, 'tiny-training.ts')
const folders: string[] = []
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'resume-'))
  folders.push(made)
  return made
}
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true })))

const weights = (of: string): Buffer => readFileSync(join(of, 'run', 'model', 'model.safetensors'))
const noReports = (): Reports => ({ epochs: [], notes: [], fractions: [] })

/** Trains in a process that is killed after a number of updates. Returns true if the training had already ended. */
function killed(at: string, updates: number): Promise<boolean> {
  const child = spawn(process.execPath, [SCRIPT, at], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
    if (text.split('\n').length > updates) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.on('close', () => resolve(text.includes('done'))))
}

describe('a training that is killed', () => {
  let whole: string
  let probabilities: Float32Array
  beforeAll(async () => {
    whole = folder()
    probabilities = (await tinyTraining(whole)).probabilities
  }, 60_000)

  test('resumes to the same weights, bit by bit', async () => {
    const at = folder()
    // in the warm-up, in a fold, in the final model, and at a random moment
    for (const updates of [4, 17, 33, 30]) if (await killed(at, updates)) break
    const again = noReports()
    const resumed = await tinyTraining(at, { reports: again })
    expect(weights(at).equals(weights(whole))).toBe(true)
    expect(resumed.probabilities).toEqual(probabilities)
    expect(again.notes).toEqual([])
  }, 120_000)

  test('whose parts were computed apart has the same weights, bit by bit', async () => {
    const [first, second, at] = [folder(), folder(), folder()]
    const copy = (from: string, to: string, part: string): void => {
      mkdirSync(join(to, 'run'), { recursive: true })
      copyFileSync(join(from, 'run', `${part}.safetensors`), join(to, 'run', `${part}.safetensors`))
    }
    await tinyPart(first, 'warm-up')
    for (const to of [second, at]) copy(first, to, 'warm-up')
    await tinyPart(first, 0)
    await tinyPart(second, 1)
    copy(first, at, 'fold-0')
    copy(second, at, 'fold-1')
    const reports = noReports()
    const { probabilities: apart } = await tinyTraining(at, { reports })
    expect(reports.epochs.map(({ fold, stage }) => [fold, stage])).toEqual(Array.from({ length: 4 }, () => [null, 'fine-tuning']))
    expect(apart).toEqual(probabilities)
    expect(weights(at).equals(weights(whole))).toBe(true)
  }, 120_000)

  test('starts again if its checkpoint is damaged, with a note', async () => {
    const at = folder()
    await killed(at, 8)
    const state = readdirSync(join(at, 'run', 'warm-up')).find((name) => name.startsWith('state'))!
    const path = join(at, 'run', 'warm-up', state)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    const again = noReports()
    await tinyTraining(at, { reports: again })
    expect(again.notes).toEqual([expect.stringContaining('damaged')])
    expect(weights(at).equals(weights(whole))).toBe(true)
  }, 120_000)

  test('starts again on other labels, with a note', async () => {
    const at = folder()
    await killed(at, 8)
    const again = noReports()
    await tinyTraining(at, { reports: again, recipe: { seed: 7 } })
    expect(again.notes[0]).toContain('changed')
    expect(weights(at).equals(weights(whole))).toBe(false)
  }, 120_000)
})
