/**
 * Tests a device: one step of a small transformer on it, compared with the processor, and a product of realistic size timed on both. A
 * driver may crash, which ends the process: a note written beforehand informs the next one.
 */
import { messageOf } from '../../../contract/errors.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { jsonIn } from '../../files/read.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { forward } from '../models/forward.ts'
import { randomModel } from '../models/open-model.ts'
import { bindParameters } from '../models/parameters.ts'
import { classificationLoss } from '../train/losses.ts'
import { ADAMW, rates } from '../train/optimiser.ts'
import { fusedStep, stateTensors, type Forward } from '../train/step.ts'
import { openProgram } from '../runtime/program.ts'
import type { Device } from '../runtime/session.ts'
import { State } from '../runtime/state.ts'
import { float32, int64, scalar, zeros, type HostTensor } from '../runtime/tensors.ts'

const VERDICT = z.strictObject({
  /** `trying` remains if the process ended during the test. */
  verdict: z.enum(['trains', 'fails', 'trying']),
  /** Why the test failed, as a sentence. */
  why: z.string(),
  /** Speed of a product, as a multiple of the processor's. */
  speed: z.number(),
  /** Number of tests that did not finish. */
  tries: z.int().min(0).optional(),
})
export type Verdict = z.infer<typeof VERDICT>
/** After this many unfinished tests the device counts as broken: cancelling a training also leaves a test unfinished. */
const MAX_TRIES = 2
const FILE = z.record(z.string(), VERDICT)

/** Identifies the machine's drivers, since the runtime does not report an adapter's name. Another version is tested again. */
export const verdictKey = (device: Device): string =>
  [device, 'onnxruntime 1.30.0', process.platform, process.arch, release(), process.env['VK_ICD_FILENAMES'] ?? ''].join(' ')

/** The verdict on a device, from the cache or from a test run now. @param folder of cached verdicts; null: none */
export async function deviceVerdict(
  device: Device,
  folder: string | null,
  test: (device: Device) => Promise<Verdict> = selfTest,
): Promise<Verdict> {
  const key = verdictKey(device)
  const known = folder === null ? undefined : readVerdicts(folder)[key]
  const tries = known?.verdict === 'trying' ? (known.tries ?? 1) : 0
  if (known && tries >= MAX_TRIES)
    return { ...known, verdict: 'fails', why: 'The self-test crashed its process: the driver does not work.' }
  if (known?.verdict === 'trains') return known
  // other failures may disappear after an update, so the device is tested again
  if (folder !== null) keep(folder, key, { verdict: 'trying', why: '', speed: 0, tries: tries + 1 })
  const verdict = await test(device)
  if (folder !== null) keep(folder, key, verdict)
  return verdict
}

const fileOf = (folder: string): string => join(folder, 'verdicts.json')
const readVerdicts = (folder: string): Record<string, Verdict> => jsonIn(fileOf(folder), FILE) ?? {}
function keep(folder: string, key: string, verdict: Verdict): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(folder), JSON.stringify({ ...readVerdicts(folder), [key]: verdict }, null, 2), { flush: true })
}

/** Largest tolerated difference from the processor, over the largest value. */
const TOLERANCE = 1e-3

/** Tests a device, ignoring cached verdicts. An error counts as the verdict `fails`. */
export async function selfTest(device: Device): Promise<Verdict> {
  try {
    // fails at once if there is no such device
    const there = await oneStep(device)
    const here = await oneStep('cpu')
    for (const [name, want] of here) {
      const off = relativeDifference(there.get(name)!, want)
      if (!(off <= TOLERANCE))
        return {
          verdict: 'fails',
          why: `It computes wrong results: ${name} of a training step is off by ${(100 * off).toPrecision(2)}%.`,
          speed: 0,
        }
    }
    return { verdict: 'trains', why: '', speed: (await productMs('cpu')) / (await productMs(device)) }
  } catch (error) {
    return { verdict: 'fails', why: messageOf(error), speed: 0 }
  }
}

/** Largest difference over the largest expected value; infinite if a value is not a number. */
export function relativeDifference(got: Float32Array, want: Float32Array): number {
  let [difference, largest] = [0, 0]
  for (let i = 0; i < want.length; i++) {
    const d = Math.abs(got[i]! - want[i]!)
    if (!(d <= difference)) difference = Number.isNaN(d) ? Infinity : d
    largest = Math.max(largest, Math.abs(want[i]!))
  }
  return difference === 0 ? 0 : difference / largest
}

const TINY = {
  model_type: 'bert',
  vocab_size: 50,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  max_position_embeddings: 16,
  num_labels: 3,
  initializer_range: 0.3,
}

/** Loss, logits and first moments (a tenth of the gradients) after one step of a tiny model. */
async function oneStep(device: Device): Promise<ReadonlyMap<string, Float32Array>> {
  const { config, specs, weights } = randomModel(TINY, { seed: 1 })
  const trained = specs.filter((s) => s.part !== 'language')
  const build = (b: GraphBuilder): Forward => {
    const parameters = bindParameters(b, weights, { trainable: () => true })
    const tokens = (name: string) => b.input(name, 'int32', ['batch', 'tokens'])
    const logits = forward(b, { config, parameters, batch: { ids: tokens('ids'), mask: tokens('mask') } })
    const cells = (name: string) => b.input(name, 'float32', ['batch', 3])
    const ones = (length: number) => b.constant(new Array<number>(length).fill(1))
    const [labels, mask, rowWeight] = [cells('labels'), cells('cells'), b.input('rowWeight', 'float32', ['batch'])]
    const inputs = { logits, labels, mask, rowWeight, positive: ones(3), genre: ones(3), denominator: b.constant(6) }
    const loss = classificationLoss(b, { kind: 'bce' }, inputs)
    return { loss, trained: trained.map((s) => parameters.get(s.name)), outputs: { logits } }
  }
  const { graph, slots } = fusedStep({
    name: 'self-test',
    forward: build,
    optimiser: ADAMW,
    ...(device === 'cpu' ? {} : { blockElements: Infinity }),
  })
  const tensors = stateTensors(trained, false).map(({ name, kind, parameter, shape }): [string, HostTensor] => [
    name,
    kind === 'parameter' ? float32(shape, weights.read(parameter)) : zeros('float32', shape),
  ])
  const state = await State.create(device, new Map(tensors))
  const program = await openProgram(graph, { device, threads: 1, wholeOnDevice: device === 'webgpu' })
  try {
    const fetches = { loss: null, logits: null, ...state.fetches(slots) }
    const results = await program.run({ ...batch(), ...state.feeds(slots) }, fetches)
    const found = new Map<string, Float32Array>([['the loss', Float32Array.of(scalar(results['loss']!))]])
    found.set('the logits', (results['logits'] as HostTensor<'float32'>).data)
    const moments: number[] = []
    for (const { name } of trained) moments.push(...((await state.read(`first:${name}`)).data as Float32Array))
    return found.set('the gradient', Float32Array.from(moments))
  } finally {
    await program.release()
    await state.release()
  }
}

/** Two texts, the second shorter. */
const batch = (): Record<string, HostTensor> => ({
  ids: int64([2, 6], [2, 7, 9, 11, 13, 3, 2, 8, 3, 0, 0, 0]),
  mask: int64([2, 6], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]),
  labels: float32([2, 3], [1, 0, 0, 0, 1, 1]),
  cells: float32([2, 3], [1, 1, 1, 1, 1, 1]),
  rowWeight: float32([2], [1, 1]),
  ...Object.fromEntries(Object.entries(rates(ADAMW, 1, 1e-3)).map(([name, x]) => [name, float32([], [x])])),
})

const [ROWS, WIDTH] = [256, 768]
/** Milliseconds of a product of a layer's size: the better of two runs after a warm-up. */
async function productMs(device: Device): Promise<number> {
  const b = new GraphBuilder('product')
  const [x, w] = [b.input('x', 'float32', [ROWS, WIDTH]), b.input('w', 'float32', [WIDTH, WIDTH])]
  // only a number is read back, because the transfer of the product is not what is timed
  b.output(b.op('ReduceSum', [b.op('MatMul', [x, w])], { keepdims: 0 }), 'sum')
  const program = await openProgram(b.finish(), { device, threads: 0 })
  try {
    const feeds = { x: zeros('float32', [ROWS, WIDTH]), w: zeros('float32', [WIDTH, WIDTH]) }
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const start = performance.now()
      await program.run(feeds, ['sum'])
      times.push(performance.now() - start)
    }
    return Math.min(...times.slice(1))
  } finally {
    await program.release()
  }
}
