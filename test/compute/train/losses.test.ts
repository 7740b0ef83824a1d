import { describe, expect, test } from 'vitest'
import { backward } from '../../../src/main/compute/autodiff/backward.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { HostTensor } from '../../../src/main/compute/runtime/tensors.ts'
import { classificationLoss, wordLoss, type CellLoss } from '../../../src/main/compute/train/losses.ts'
import { run } from '../autodiff/check.ts'

const floats = (shape: readonly number[], ...data: number[]): HostTensor => ({ dtype: 'float32', shape, data: Float32Array.from(data) })
const close = (found: HostTensor | undefined, wanted: readonly number[]): void => {
  const numbers = [...(found!.data as Float32Array)]
  expect(numbers.length).toBe(wanted.length)
  wanted.forEach((x, i) => expect(Math.abs(numbers[i]! - x), `${i}: ${numbers[i]!} for ${x}`).toBeLessThan(1e-6 * Math.max(1, Math.abs(x))))
}

/** Logits up to 100, a masked cell, weights of rows and genres, and weights of positive labels. */
const CELLS = {
  logits: floats([3, 4], -100, -20, -1, 0, 3, 15, 50, 100, 0.5, -0.25, 2, -3),
  labels: floats([3, 4], 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1),
  mask: floats([3, 4], 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1),
  rowWeight: floats([3], 1, 0.5, 2),
  positive: floats([4], 1, 3, 0.5, 2),
  genre: floats([4], 1, 0.25, 2, 1.5),
  denominator: floats([], 7),
}
/** PyTorch 1.13 in double precision: binary_cross_entropy_with_logits, torchvision's formula of sigmoid_focal_loss, and the paper's asymmetric loss. */
const WANTED: readonly (readonly [name: string, loss: CellLoss, value: number, gradient: readonly number[]])[] = [
  ['bce', { kind: 'bce' }, 18.696130758635388, [-0.142857142857, 7.4e-11, -0.104436939804, 0, 0.068041009059, -1.6388e-8, 0, 0, -0.107868762514, 0.03127310708, 0.503312615987, -0.816492108705]],
  ['focal 0.375 2', { kind: 'focal', alpha: 0.375, gamma: 2 }, 7.008881468052631, [-0.053571428571, 0, -0.0411554316, 0, 0.050301333957, 0, 0, 0, -0.014778964002, 0.009288231211, 0.384540618017, -0.36216960449]],
  ['focal 0.25 0.5', { kind: 'focal', alpha: 0.25, gamma: 0.5 }, 5.305228115098041, [-0.035714285714, 0, -0.027716493983, 0, 0.053585750349, -3e-12, 0, 0, -0.023045466633, 0.021258197819, 0.405260486195, -0.214343001395]],
  ['focal 0.5 0', { kind: 'focal', alpha: 0.5, gamma: 0 }, 9.348065379317694, [-0.071428571429, 3.7e-11, -0.052218469902, 0, 0.034020504529, -8.194e-9, 0, 0, -0.053934381257, 0.01563655354, 0.251656307994, -0.408246054352]],
  ['asymmetric', { kind: 'asymmetric' }, 17.816692245961328, [-0.142857142857, 0, -0.104436939804, 0, 0.044081256381, -1.6388e-8, 0, 0, -0.107868762514, 0.002662727825, 0.413422819767, -0.816492108705]],
] // prettier-ignore

/** PyTorch in double precision: the largest losses of labels 0 by topk, replaced by the loss of a label 1. */
const CORRECTED: readonly (readonly [count: number, value: number, gradient: readonly number[]])[] = [
  [0, 18.696130758635388, [-0.142857142857, 7.4e-11, -0.104436939804, 0, 0.068041009059, -1.6388e-8, 0, 0, -0.107868762514, 0.03127310708, 0.503312615987, -0.816492108705]],
  [1, 18.481845044349676, [-0.142857142857, 7.4e-11, -0.104436939804, 0, -0.00338756237, -1.6388e-8, 0, 0, -0.107868762514, 0.03127310708, 0.503312615987, -0.816492108705]],
  [2, 17.33898790149253, [-0.142857142857, 7.4e-11, -0.104436939804, 0, -0.00338756237, -1.6388e-8, 0, 0, -0.107868762514, 0.03127310708, -0.068115955441, -0.816492108705]],
  [3, 17.356845044349672, [-0.142857142857, 7.4e-11, -0.104436939804, 0, -0.00338756237, -1.6388e-8, 0, 0, -0.107868762514, -0.040155464349, -0.068115955441, -0.816492108705]],
  // more than there are: all labels 0 that count, and no others
  [9, 18.071130758635388, [-0.142857142857, -0.035714285641, -0.104436939804, 0, -0.00338756237, -1.6388e-8, 0, 0, -0.107868762514, -0.040155464349, -0.068115955441, -0.816492108705]],
] // prettier-ignore

describe('losses of cells', () => {
  test.each(CORRECTED)('the %i largest losses of labels 0 are corrected (LL-Ct)', async (count, value, gradient) => {
    const feeds = { ...CELLS, corrected: floats([], count) }
    const b = new GraphBuilder('loss')
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, b.input(name, 'float32', t.shape)]))
    const made = classificationLoss(b, { kind: 'large-loss' }, inputs as unknown as Parameters<typeof classificationLoss>[2])
    b.output(made, 'loss')
    b.output(backward(b, made, [inputs['logits']!])[0]!, 'gradient')
    const results = await run(b.finish(), feeds)
    close(results['loss'], [value])
    close(results['gradient'], gradient)
  })
  test.each(WANTED)('%s', async (_name, loss, value, gradient) => {
    const b = new GraphBuilder('loss')
    const inputs = Object.fromEntries(Object.entries(CELLS).map(([name, t]) => [name, b.input(name, 'float32', t.shape)]))
    const made = classificationLoss(b, loss, inputs as unknown as Parameters<typeof classificationLoss>[2])
    b.output(made, 'loss')
    b.output(backward(b, made, [inputs['logits']!])[0]!, 'gradient')
    const results = await run(b.finish(), CELLS)
    close(results['loss'], [value])
    close(results['gradient'], gradient)
  })
})

test('words, as torch.nn.functional.cross_entropy with ignore_index -1', async () => {
  const b = new GraphBuilder('words')
  const logits = b.input('logits', 'float32', ['words', 6])
  const words = b.input('words', 'int64', ['words'])
  const made = wordLoss(b, { logits, words, denominator: b.constant(4) })
  b.output(made, 'loss')
  b.output(backward(b, made, [logits])[0]!, 'gradient')
  const rows = [
    -1.1, 0.75, 3.35, -2.55, -7.95, -3.75, 3.25, 4.55, 0.75, -4.05, 7.95, -1.75, 2.75, 5.75, -9.5, 1.25, -0.45, -1.75, -2.1, -8.3, -1.75,
    -3.85, 0.9, -0.75, 60, 1.45, 1.65, -5.4, 2.7, 3.95,
  ]
  const results = await run(b.finish(), {
    logits: floats([5, 6], ...rows),
    words: { dtype: 'int64', shape: [5], data: BigInt64Array.of(2n, -1n, 5n, -1n, 3n) },
  })
  close(results['loss'], [18.261822748346113])
  close(
    results['gradient'],
    [
      0.002679728177, 0.017042587574, -0.020543065461, 0.00062858461, 2.839053e-6, 0.000189326046, 0, 0, 0, 0, 0, 0, 0.011703822285,
      0.235077554657, 5.6004e-8, 0.002611475741, 0.000477073591, -0.249869982279, 0, 0, 0, 0, 0, 0, 0.25, 0, 0, -0.25, 0, 0,
    ],
  )
})
