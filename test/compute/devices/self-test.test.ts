import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { softwareGpu } from '../../../scripts/lib/software-gpu.mjs'
import { chooseSession } from '../../../src/main/compute/devices/choose.ts'
import { deviceVerdict, relativeDifference, selfTest, verdictKey, type Verdict } from '../../../src/main/compute/devices/self-test.ts'
import { root } from '../../support/paths.ts'
import { needs } from '../../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'reelabel-devices-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = (): string => mkdtempSync(join(folder, 'verdicts-'))

test('verdicts are those of the runtime that is installed', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  expect(verdictKey('webgpu')).toContain(` ${dependencies['onnxruntime-node']!} `)
})

describe('the self-test', () => {
  test('finds that the processor trains', async () => expect(await selfTest('cpu')).toMatchObject({ verdict: 'trains', why: '' }))
  test('says why a device that is not there fails', async () => {
    const { verdict, why } = await selfTest('cuda')
    expect(verdict).toBe('fails')
    expect(why).toMatch(/CUDA/)
  })
  const software = softwareGpu()
  test(
    'finds that a graphics device in software trains',
    { ...needs(software !== null, 'no SwiftShader: install Chromium'), timeout: 300_000 },
    async () => {
      const file = new URL('../../../src/main/compute/devices/self-test.ts', import.meta.url).href
      const code = `const { selfTest } = await import('${file}'); console.log(JSON.stringify(await selfTest('webgpu')))`
      const env = { ...process.env, ...software }
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { env })
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'trains', why: '' })
    },
  )
})

test.each([
  [[1, 2], [1, 2], 0],
  [[1, 2.2], [1, 2], 0.1],
  [[NaN, 2], [1, 2], Infinity],
])('%j is off from %j by %f', (got, want, off) => {
  expect(relativeDifference(Float32Array.from(got), Float32Array.from(want))).toBeCloseTo(off)
})

describe('verdicts', () => {
  const trains: Verdict = { verdict: 'trains', why: '', speed: 3 }
  const fails: Verdict = { verdict: 'fails', why: 'It computes wrong results.', speed: 0 }
  test('are made once for a device that trains', async () => {
    const [where, made] = [fresh(), vi.fn(() => Promise.resolve(trains))]
    expect(await deviceVerdict('webgpu', where, made)).toEqual(trains)
    expect(await deviceVerdict('webgpu', where, made)).toEqual(trains)
    expect(made).toHaveBeenCalledTimes(1)
  })
  test('are made again for a device that failed, because its driver may have been repaired', async () => {
    const where = fresh()
    expect(await deviceVerdict('webgpu', where, () => Promise.resolve(fails))).toEqual(fails)
    expect(await deviceVerdict('webgpu', where, () => Promise.resolve(trains))).toEqual(trains)
  })
  const crashes = (): Promise<Verdict> => Promise.reject(new Error('as a crash leaves it'))
  test('are made once more after an unfinished test, because its training may have been cancelled', async () => {
    const where = fresh()
    await expect(deviceVerdict('webgpu', where, crashes)).rejects.toThrow()
    expect(await deviceVerdict('webgpu', where, () => Promise.resolve(trains))).toEqual(trains)
    expect(await deviceVerdict('webgpu', where, crashes)).toEqual(trains)
  })
  test('report tests that crashed their processes, and do not try again', async () => {
    const where = fresh()
    for (const test of [crashes, crashes]) await expect(deviceVerdict('webgpu', where, test)).rejects.toThrow()
    const again = vi.fn(() => Promise.resolve(trains))
    expect(await deviceVerdict('webgpu', where, again)).toMatchObject({
      verdict: 'fails',
      why: expect.stringContaining('crashed its process') as string,
    })
    expect(again).not.toHaveBeenCalled()
  })
})

test('a recipe whose device fails is computed by the processor, with the reason', async () => {
  const { options, words } = await chooseSession({ device: 'cuda', threads: 1 }, fresh())
  expect(options.device).toBe('cpu')
  expect(words).toMatch(/^CPU, 1 thread \(instead of CUDA: .*CUDA/)
})
