/** Reelabel's graphs against PyTorch and the published model classes, on the CPU and on a software WebGPU device. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ARCHITECTURES, type Architecture } from '../../src/contract/models.ts'
import { softwareGpu } from '../../scripts/lib/software-gpu.mjs'
import { goldenModels, root } from '../support/paths.ts'
import { compare } from './compare.ts'
import { needs } from '../support/needs.ts'

interface OutputLine {
  readonly model: string
  readonly quantity?: string
  readonly ok: boolean
  readonly error?: string
  readonly difference?: number
}
interface Outcome {
  readonly code: number | string | null
  readonly lines: readonly OutputLine[]
  readonly stderr: string
}

/** Runs in a separate process, because a crashing driver ends its process. */
const verify = (dir: string, device: string, env: Record<string, string> = {}): Promise<Outcome> =>
  new Promise((done) => {
    const args = [join(root, 'test/golden/verify.ts'), dir, '--device', device]
    execFile(process.execPath, args, { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
      done({ code: error ? (error.code ?? error.signal ?? null) : 0, lines: lines.map((l) => JSON.parse(l) as OutputLine), stderr })
    })
  })

const QUANTITIES = [
  'logits',
  'logits (infer)',
  'logits (portable)',
  'loss bce',
  'gradients of bce',
  'gradient at the words',
  'gradient x input',
  'integrated gradients',
  'LoRA logits',
  'LoRA loss',
  'LoRA gradients',
]
/** Of the models whose losses and optimiser are compared too. */
const OF_TRAINING = [
  'loss bce_pos_weight',
  'loss focal',
  'gradients of bce_pos_weight',
  'gradients of focal',
  'losses of 3 AdamW steps',
  'parameters after 3 AdamW steps',
]
const TRAINED: readonly Architecture[] = ['bert', 'distilbert', 'llama']
/** Those of which the published files have no head that predicts words. */
const SILENT: readonly Architecture[] = ['bert', 'distilbert']
/** Those that differ most: a device in software takes ten seconds for each. */
const VARIED: readonly Architecture[] = ['bert', 'llama', 'mpnet', 'gemma3_text']
function expectAll({ code, lines, stderr }: Outcome, architectures: readonly Architecture[]): void {
  expect(lines.filter((line) => !line.ok)).toEqual([])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  for (const architecture of architectures)
    expect(lines.filter((l) => l.model === `${architecture}-tiny`).map((l) => l.quantity)).toEqual(
      expect.arrayContaining([
        ...QUANTITIES,
        ...(TRAINED.includes(architecture) ? OF_TRAINING : []),
        ...(SILENT.includes(architecture) ? [] : ['logits of words']),
      ]),
    )
}

describe('reference values', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reelabel-golden-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('are met on the CPU', async () => expectAll(await verify(goldenModels, 'cpu'), ARCHITECTURES), 120_000)

  const software = softwareGpu()
  test('are met with WebGPU', { ...needs(software !== null, 'no SwiftShader: install Chromium'), timeout: 300_000 }, async () => {
    const varied = join(folder, 'varied')
    for (const name of VARIED) cpSync(join(goldenModels, `${name}-tiny`), join(varied, `${name}-tiny`), { recursive: true })
    expectAll(await verify(varied, 'webgpu', software!), VARIED)
  })

  test('that differ slightly are reported, with exit code 1', async () => {
    const model = join(folder, 'changed')
    cpSync(join(goldenModels, 'llama-tiny'), model, { recursive: true })
    for (const name of ['attribution.safetensors', 'adamw.json', 'causal_lm.safetensors', 'lora_r4_alpha8.safetensors'])
      rmSync(join(model, name), { force: true })
    const file = join(model, 'grad_focal.safetensors')
    const bytes = Buffer.from(readFileSync(file))
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.01, bytes.length - 4)
    rmSync(file, { force: true })
    writeFileSync(file, bytes)
    const { code, lines } = await verify(model, 'cpu')
    expect(code).toBe(1)
    expect(lines.filter((l) => !l.ok).map((l) => l.quantity)).toEqual(['gradients of focal'])
  })

  test('a folder without models is refused', async () => {
    const { code, stderr } = await verify(mkdtempSync(join(folder, 'empty-')), 'cpu')
    expect(code).toBe(2)
    expect(stderr).toContain('io.safetensors')
  })
})

describe('comparing', () => {
  test('is relative to the largest value of all tensors', () => {
    const pairs = [
      { name: 'a', got: [1, 2], want: [1, 2] },
      { name: 'b', got: [-10, 0.5], want: [-10, 0] },
    ]
    expect(compare('x', pairs)).toEqual({ quantity: 'x', difference: 0.5, relative: 0.05, at: 'b', numbers: 4 })
  })
  test('is relative to a scale if that is larger', () => {
    const pairs = [{ name: 'a', got: [0.5], want: [0.25] }]
    expect(compare('x', pairs, undefined, 10).relative).toBe(0.025)
    expect(compare('x', pairs, undefined, 0.1).relative).toBe(1)
  })
  test('treats NaN as infinitely far away', () => {
    expect(compare('x', [{ name: 'a', got: [NaN, 1], want: [0, 1] }]).relative).toBe(Infinity)
  })
  test.each([
    [[1], [1, 2]],
    [[], []],
  ])('refuses %j for %j', (got, want) => {
    expect(() => compare('x', [{ name: 'a', got, want }])).toThrow()
  })
})
