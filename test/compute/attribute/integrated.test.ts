import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ARCHITECTURES } from '../../../src/contract/models.ts'
import { attributionGraph } from '../../../src/main/compute/attribute/graph.ts'
import { gradientTimesInput, integrate, integratedGradients } from '../../../src/main/compute/attribute/integrated.ts'
import { openModel } from '../../../src/main/compute/models/open-model.ts'
import { SafetensorsFile } from '../../../src/main/model-folder/safetensors.ts'
import { openProgram, type Program } from '../../../src/main/compute/runtime/program.ts'
import { float32, int64 } from '../../../src/main/compute/runtime/tensors.ts'
import { goldenModels } from '../../support/paths.ts'

const MODELS = ARCHITECTURES.map((a) => `${a}-tiny`)

function file(model: string, name: string): SafetensorsFile {
  const opened = new SafetensorsFile(join(goldenModels, model, name))
  onTestFinished(() => opened.close())
  return opened
}
async function opened(name: string): Promise<{ program: Program; ids: Int32Array; labels: number }> {
  const model = openModel(join(goldenModels, name))
  const program = await openProgram(attributionGraph(model), { device: 'cpu', threads: 1 })
  onTestFinished(async () => {
    await program.release()
    model.close()
  })
  const io = file(name, 'io.safetensors')
  const [, tokens] = io.entry('input_ids').shape
  return { program, ids: Int32Array.from(io.int64('input_ids').subarray(0, tokens), Number), labels: model.config.labels.length }
}
/** Largest difference, relative to the largest reference value, or to `least` if that is larger. */
function difference(found: ArrayLike<number>, reference: Float32Array, least = 0): number {
  const scale = Math.max(least, ...reference.map(Math.abs))
  expect(found.length).toBe(reference.length)
  return Math.max(...reference.map((r, i) => Math.abs(found[i]! - r))) / scale
}

describe('attribution of PyTorch models', () => {
  test.each(MODELS)('%s: integrated gradients, and the logits at both ends', async (name) => {
    const { program, ids, labels } = await opened(name)
    const reference = file(name, 'attribution.safetensors')
    const found = await integrate(program, { ids, padId: 0, label: 1, labels }, 32)
    expect(difference(found.scores, reference.float32('integrated_gradients_pad_baseline_32_midpoint'))).toBeLessThan(1e-4)
    expect(found.logit).toBeCloseTo(reference.float32('logit_at_input')[0]!, 5)
    expect(found.base).toBeCloseTo(reference.float32('logit_at_baseline')[0]!, 5)
    expect(found.error).toBeLessThan(0.05)
  })

  test.each(MODELS)('%s: the gradient at the word embeddings', async (name) => {
    const { program, ids, labels } = await opened(name)
    const row = (values: readonly bigint[]) => int64([1, ids.length], BigInt64Array.from(values))
    const upstream = new Float32Array(labels)
    upstream[1] = 1
    const { gradient } = await program.run(
      {
        ids: row(Array.from(ids, BigInt)),
        baseline: row(Array.from(ids, () => 0n)),
        mask: row(Array.from(ids, () => 1n)),
        share: float32([1, 1, 1], [1]),
        upstream: float32([1, labels], upstream),
      },
      ['gradient'],
    )
    const reference = file(name, 'attribution.safetensors').float32('embedding_grad_logit_0_1')
    expect(difference((gradient as { data: Float32Array }).data, reference)).toBeLessThan(1e-4)
  })

  test.each(MODELS)('%s: gradient x input', async (name) => {
    const { program, ids, labels } = await opened(name)
    const reference = file(name, 'attribution.safetensors')
    // any baseline: it does not count
    const found = await gradientTimesInput(program, { ids, padId: 5, label: 1, labels })
    // of ModernBERT, whose words are normalised first, the products of a word cancel: they are compared with integrated gradients
    const usual = Math.max(...reference.float32('integrated_gradients_pad_baseline_32_midpoint').map(Math.abs))
    expect(difference(found.scores, reference.float32('gradient_x_input'), usual)).toBeLessThan(1e-4)
    expect(found.logit).toBeCloseTo(reference.float32('logit_at_input')[0]!, 5)
  })

  test('the number of points grows until the contributions add up', async () => {
    const { program, ids, labels } = await opened('bert-tiny')
    const question = { ids, padId: 0, label: 1, labels }
    const few = await integrate(program, question, 1)
    const found = await integratedGradients(program, question)
    expect(few.error).toBeGreaterThan(found.error)
    expect(found.points).toBe(32)
    const sum = found.scores.reduce((a, b) => a + b, 0)
    expect(Math.abs(sum - (found.logit - found.base))).toBeLessThan(0.05 * Math.abs(found.logit - found.base))
  })
})
