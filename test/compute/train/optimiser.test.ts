import { expect, test } from 'vitest'
import { Algebra } from '../../../src/main/compute/autodiff/algebra.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { openProgram } from '../../../src/main/compute/runtime/program.ts'
import type { HostTensor } from '../../../src/main/compute/runtime/tensors.ts'
import { AdamWStep, rates, sumOfSquares, type AdamW } from '../../../src/main/compute/train/optimiser.ts'

const OPTIONS: AdamW = { beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1, decayAll: false, clip: 0.5 }
const SHAPES = { matrix: [2, 3], bias: [2] } as const
const GRADIENTS = [
  { matrix: [3, -4, 0, 1e-4, 2, 0], bias: [1, -1], lr: 0.01 },
  { matrix: [0.1, 0.2, 0, 0, 0, -0.1], bias: [0, 0.3], lr: 0.02 },
  { matrix: [1, 1, -1, 5, -2, 0], bias: [2, 0], lr: 0.005 },
]
/** PyTorch 1.13 in double precision: clip_grad_norm_(0.5), then torch.optim.AdamW with decay on the matrix alone. */
const WANTED = {
  norms: [5.567764363728048, 0.3872983346207417, 6.000000000000001],
  matrix: [0.46680308082847083, -0.9832840010915329, 1.9964678593649456, 0.07623642327235736, 0.17734754627539745, -0.28060257847483844],
  bias: [0.9731220720806194, -2.0034018769718696],
}

const floats = (shape: readonly number[], data: readonly number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})

test('three updates with clipping, changing rates, and a bias that does not decay', async () => {
  const b = new GraphBuilder('adamw')
  const kinds = ['parameter', 'first', 'second'] as const
  const names = Object.keys(SHAPES) as (keyof typeof SHAPES)[]
  const gradients = names.map((name) => b.input(`gradient:${name}`, 'float32', SHAPES[name]))
  const step = new AdamWStep(b, OPTIONS, gradients.map((g) => sumOfSquares(new Algebra(b), g))) // prettier-ignore
  names.forEach((name, i) => {
    const [parameter, first, second] = kinds.map((kind) => b.input(`${kind}:${name}`, 'float32', SHAPES[name]))
    const next = step.update({ parameter: parameter!, first: first!, second: second! }, gradients[i]!, name === 'bias')
    for (const kind of kinds) b.output(next[kind], `next:${kind}:${name}`)
  })
  b.output(step.norm, 'norm')
  const program = await openProgram(b.finish(), { device: 'cpu', threads: 1 })
  const zero = (name: keyof typeof SHAPES): number[] => Array<number>(SHAPES[name].reduce((n, d) => n * d, 1)).fill(0)
  const begin = { matrix: [0.5, -1, 2, 0.1, 0.2, -0.3], bias: [1, -2] }
  const state = Object.fromEntries(
    names.flatMap((name) =>
      kinds.map((kind) => [`${kind}:${name}`, floats(SHAPES[name], kind === 'parameter' ? begin[name] : zero(name))]),
    ),
  )
  for (const [i, given] of GRADIENTS.entries()) {
    const fed = names.map((name) => [`gradient:${name}`, floats(SHAPES[name], given[name])])
    const scalars = Object.entries(rates(OPTIONS, i + 1, given.lr)).map(([name, x]) => [name, floats([], [x])])
    // fed and fetched in place
    const fetches = { norm: null, ...Object.fromEntries(Object.entries(state).map(([name, t]) => [`next:${name}`, t])) }
    const { norm } = await program.run({ ...state, ...(Object.fromEntries([...fed, ...scalars]) as typeof state) }, fetches)
    expect(((norm as HostTensor).data as Float32Array)[0]).toBeCloseTo(WANTED.norms[i]!, 5)
  }
  for (const name of names) WANTED[name].forEach((x, i) => expect((state[`parameter:${name}`]!.data as Float32Array)[i]).toBeCloseTo(x, 6))
  await program.release()
})
