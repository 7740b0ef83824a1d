/** Updates of all parameters by AdamW: the product's fused step with its state in place, and its accumulation over micro-batches. */
import type { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import { forward } from '../../src/main/compute/models/forward.ts'
import { bindParameters } from '../../src/main/compute/models/parameters.ts'
import type { Device } from '../../src/main/compute/runtime/session.ts'
import { State } from '../../src/main/compute/runtime/state.ts'
import { float32, scalar, zeros, type HostTensor } from '../../src/main/compute/runtime/tensors.ts'
import { rates, type AdamW } from '../../src/main/compute/train/optimiser.ts'
import { mixSeed } from '../../src/main/analysis/random.ts'
import { fusedStep, stateTensors, type Forward } from '../../src/main/compute/train/step.ts'
import { compare, compareOne, largestOf, TOLERANCES, type Verdict } from './compare.ts'
import { batchOf, has, jsonOf, lossOf, only, open, referencesOf, type Subject } from './model.ts'
import type { References } from './tensors.ts'

interface Settings {
  readonly losses: readonly number[]
  readonly lr: number
  readonly betas: readonly [number, number]
  readonly eps: number
  readonly weight_decay: number
}

export async function adamwSteps(subject: Subject): Promise<Verdict[]> {
  if (!has(subject, 'adamw.json')) return []
  const settings = jsonOf(subject, 'adamw.json') as Settings
  const steps = settings.losses.length
  const wanted = referencesOf(subject, `after_${steps}_adamw.safetensors`)
  const names = [...wanted.keys()]
  const { losses, after } = await train(subject, settings, names)
  const strict = compareParameters(subject, settings, after, wanted)
  const near = strict.relative <= TOLERANCES[subject.device]
  return [
    compareOne(`losses of ${steps} AdamW steps`, losses, { shape: [steps], data: Float32Array.from(settings.losses) }),
    near ? strict : compareParameters(subject, settings, after, wanted, await spread(subject, settings, names, after)),
  ]
}

/** Number of trainings whose initial weights differ only by rounding. */
const TRIALS = 4
/** Relative rounding error of a weight. */
const ROUNDING: Readonly<Record<Device, number>> = { cpu: 2 ** -23, webgpu: 2 ** -20, cuda: 2 ** -20 }

/**
 * How far each parameter moves at most when all initial weights are rounded differently. No other implementation can be expected to be
 * closer than that.
 */
async function spread(subject: Subject, settings: Settings, names: readonly string[], after: ReadonlyMap<string, Float32Array>) {
  const moved = new Map(names.map((name) => [name, new Float32Array(after.get(name)!.length)]))
  for (let trial = 0; trial < TRIALS; trial++) {
    const begin = (x: number, i: number): number => x * (1 + (mixSeed(trial, i) % 2 === 0 ? 1 : -1) * ROUNDING[subject.device])
    const { after: other } = await train(subject, settings, names, begin)
    for (const [name, most] of moved) most.forEach((d, i) => (most[i] = Math.max(d, Math.abs(other.get(name)![i]! - after.get(name)![i]!))))
  }
  return moved
}

async function train(subject: Subject, settings: Settings, names: readonly string[], begins: (x: number, i: number) => number = (x) => x) {
  const optimiser: AdamW = {
    beta1: settings.betas[0],
    beta2: settings.betas[1],
    epsilon: settings.eps,
    weightDecay: settings.weight_decay,
    decayAll: true,
    clip: null,
  }
  const { config, weights } = subject.model
  const build = (b: GraphBuilder): Forward => {
    const parameters = bindParameters(b, weights, { trainable: (n) => names.includes(n) })
    const logits = forward(b, { config, parameters, batch: batchOf(b) })
    return { loss: lossOf(b, logits, { kind: 'bce' }), trained: names.map((n) => parameters.get(n)), outputs: { logits } }
  }
  const onCard = subject.device !== 'cpu'
  const step = fusedStep({ name: 'adamw', forward: build, optimiser, ...(onCard ? { blockElements: Infinity } : {}) })
  const begin = stateTensors(names.map((name) => ({ name, shape: weights.shape(name) })), false) // prettier-ignore
  const initial = begin.map(({ name, kind, parameter, shape }): [string, HostTensor] => [
    name,
    kind === 'parameter'
      ? float32(
          shape,
          weights.read(parameter).map((x, i) => begins(x, i)),
        )
      : zeros('float32', shape),
  ])
  const state = await State.create(subject.device, new Map(initial))
  const program = await open(subject, step.graph)
  const losses: number[] = []
  try {
    for (let i = 1; i <= settings.losses.length; i++) {
      const scalars = Object.fromEntries(Object.entries(rates(optimiser, i, settings.lr)).map(([name, x]) => [name, float32([], [x])]))
      const feeds = only(step.graph, { ...subject.feeds, ...scalars, ...state.feeds(step.slots) })
      const got = await program.run(feeds, { loss: null, ...state.fetches(step.slots) })
      losses.push(scalar(got['loss']!))
    }
    const after = new Map<string, Float32Array>()
    for (const name of names) after.set(name, (await state.read(name)).data as Float32Array)
    return { losses, after }
  } finally {
    await program.release()
    await state.release()
  }
}

/** Gradients below this share of the largest gradient consist mostly of rounding errors. */
const NOISE: Readonly<Record<Device, number>> = { cpu: 1e-5, webgpu: 1e-4, cuda: 1e-4 }

/** A parameter may differ by this multiple of what rounding moved it. */
const TIMES = 10

/**
 * If a gradient is zero except for rounding (biases of keys cancel in the softmax), AdamW divides noise by noise: such a parameter moves
 * by up to the learning rate in a random direction. These parameters are only held to that bound and counted. Their effect on other
 * parameters of deep models is measured (`spread`).
 */
function compareParameters(subject: Subject, settings: Settings, after: Parameters, wanted: References, moved?: Parameters): Verdict {
  const steps = settings.losses.length
  const gradients = referencesOf(subject, 'grad_bce.safetensors')
  const least = NOISE[subject.device] * Math.max(...[...gradients.values()].map(({ data }) => largestOf(data)))
  const bound = 2 * steps * settings.lr
  const far = TOLERANCES[subject.device] * Math.max(...[...wanted.values()].map(({ data }) => largestOf(data)))
  let [noisy, tried] = [0, 0]
  const pairs = [...wanted].map(([name, { data }]) => {
    const [own, gradient] = [after.get(name)!, gradients.get(name)?.data]
    const allNoise = gradient !== undefined && largestOf(gradient) < least
    const isNoise = (i: number): boolean => {
      const g = Math.abs(gradient?.[i] ?? Infinity)
      // an exact zero, as in rows of words that do not occur, is no noise: the parameter only decays
      return allNoise || (g > 0 && g < least)
    }
    const want = data.map((x, i) => {
      const d = Math.abs(own[i]! - x)
      if (!(d <= bound)) return x
      if (isNoise(i)) noisy++
      else if (d > far && d <= TIMES * (moved?.get(name)?.[i] ?? 0)) tried++
      else return x
      return own[i]!
    })
    return { name, got: own, want }
  })
  const notes = [`${noisy} parameters whose gradient is rounding noise are only held to ${bound}`]
  if (moved) notes.push(`${tried} to ${TIMES} times what a different rounding of the weights moves them`)
  return compare(`parameters after ${steps} AdamW steps`, pairs, notes.join(', '))
}
type Parameters = ReadonlyMap<string, Float32Array>
