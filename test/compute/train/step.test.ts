import { describe, expect, test } from 'vitest'
import { backward } from '../../../src/main/compute/autodiff/backward.ts'
import { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import { openProgram, type Program } from '../../../src/main/compute/runtime/program.ts'
import type { HostTensor, Tensor } from '../../../src/main/compute/runtime/tensors.ts'
import { ADAMW, rates, type AdamW } from '../../../src/main/compute/train/optimiser.ts'
import {
  accumulateStep,
  applyStep,
  evaluateStep,
  fusedStep,
  stateTensors,
  type RowSlot,
  type StepGraph,
} from '../../../src/main/compute/train/step.ts'
import { rowsOf, setRows } from '../../../src/main/compute/train/stepper.ts'
import { golden, goldenJson, goldenModels, hasGolden, readGolden, relative } from './golden.ts'

const CPU = { device: 'cpu', threads: 2 } as const
const scalar = (x: number): HostTensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) })
const scalars = (values: Readonly<Record<string, number>>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(values).map(([name, x]) => [name, scalar(x)]))
const number = (tensor: Tensor | undefined): number => ((tensor as HostTensor).data as Float32Array)[0]!

type State = Map<string, Float32Array>
/** Parameters as they are in `tensors`, everything else 0. */
function stateOf(tensors: ReadonlyMap<string, HostTensor>, accumulated: boolean, only: (name: string) => boolean = () => true): State {
  const trained = [...tensors].filter(([name]) => only(name)).map(([name, { shape }]) => ({ name, shape }))
  return new Map(
    stateTensors(trained, accumulated).map(({ name, kind, parameter, shape }) => {
      const data = (tensors.get(parameter)!.data as Float32Array).slice()
      return [name, kind === 'parameter' ? data : new Float32Array(shape.reduce((n, d) => n * d, 1))]
    }),
  )
}
/** Runs a graph on a state: every slot is fed, and updated in place. */
async function run(
  program: Program,
  { slots, rows = [] }: StepGraph,
  state: State,
  feeds: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const view = (slot: (typeof slots)[number]): HostTensor => ({
    dtype: 'float32',
    shape: slot.shape,
    data: state.get(slot.state)!.subarray(slot.start, slot.start + slot.shape.reduce((n, d) => n * d, 1)),
  })
  const written = slots.flatMap((slot) => (slot.output === null ? [] : [[slot.output, view(slot)] as const]))
  const rest = program.session.outputs.filter((name) => !written.some(([out]) => out === name)).map((name) => [name, null] as const)
  const used = slots.filter(({ input }) => program.session.inputs.includes(input))
  const table = ({ state: name }: RowSlot): HostTensor<'float32'> => ({
    dtype: 'float32',
    shape: program.graph.inputs.find((v) => v.name === name.replace(/^.*:/, ''))!.shape as readonly number[],
    data: state.get(name)!,
  })
  const old = rows.flatMap((row) => (row.input === null ? [] : [[row.input, rowsOf(table(row), feeds[row.indices]!)] as const]))
  const results = await program.run(
    { ...feeds, ...Object.fromEntries(used.map((slot) => [slot.input, view(slot)])), ...Object.fromEntries(old) },
    Object.fromEntries([...written, ...rest]),
  )
  for (const row of rows) setRows(table(row), feeds[row.indices]!, results[row.output]!)
  return results
}

/** Adding a constant to all scores of a row has no effect: the gradient is only rounding, which AdamW's first steps amplify. */
const KEY_BIAS = /k(?:ey|_lin|_proj)?\.bias$/

const LOSSES = [
  ['bce', 'loss_bce', {}],
  ['bce_pos_weight', 'loss_bce_pos_weight', { posWeight: true }],
  ['focal', 'loss_focal_a0375_g2', { loss: { kind: 'focal', alpha: 0.375, gamma: 2 } }],
] as const

describe.each(goldenModels)('%s, compared with PyTorch', (model) => {
  test.each(LOSSES.filter(([name]) => hasGolden(model, `grad_${name}.safetensors`)))(
    '%s and its gradient at every parameter',
    async (name, loss, options) => {
      const { make, feeds, tensors, io } = golden(model, options)
      const b = new GraphBuilder('gradients')
      const made = make(b)
      b.output(made.loss, 'loss')
      backward(b, made.loss, made.trained).forEach((g, i) => b.output(g, `grad:${made.trained[i]!.name}`))
      const program = await openProgram(b.finish(), CPU)
      const results = await program.run({ ...feeds, ...Object.fromEntries(made.trained.map((v) => [v.name, tensors.get(v.name)!])) })
      expect(number(results['loss'])).toBeCloseTo(number(io.get(loss)), 6)
      const wanted = readGolden(model, `grad_${name}`)
      expect(made.trained.map((v) => v.name).sort()).toEqual([...wanted.keys()].sort())
      for (const [parameter, gradient] of wanted)
        expect(relative(results[`grad:${parameter}`] as HostTensor, gradient, 1e-3), parameter).toBeLessThan(2e-5)
      await program.release()
    },
  )

  const adamw = (): AdamW & { readonly losses: number[]; readonly lr: number } => {
    const { losses, lr, betas, eps, weight_decay } = goldenJson(model, 'adamw') as {
      losses: number[]
      lr: number
      betas: [number, number]
      eps: number
      weight_decay: number
    }
    return { ...ADAMW, beta1: betas[0], beta2: betas[1], epsilon: eps, weightDecay: weight_decay, losses, lr }
  }
  // the optimiser is the same for all families, so that some have its reference values
  test.each(hasGolden(model, 'adamw.json') ? [Infinity, 512] : [])('three steps of AdamW in blocks of %d', async (blockElements) => {
    const { make, feeds, tensors } = golden(model)
    const { losses, lr, ...optimiser } = adamw()
    const step = fusedStep({ name: 'golden', forward: make, optimiser, blockElements })
    const state = stateOf(tensors, false)
    const program = await openProgram(step.graph, CPU)
    for (const [i, loss] of losses.entries()) {
      const results = await run(program, step, state, { ...feeds, ...scalars(rates(optimiser, i + 1, lr)) })
      expect(number(results['loss'])).toBeCloseTo(loss, 5)
    }
    for (const [name, wanted] of readGolden(model, 'after_3_adamw'))
      if (!KEY_BIAS.test(name)) expect(relative({ ...wanted, data: state.get(name)! }, wanted, 1), name).toBeLessThan(1e-4)
    await program.release()
  })

  test.each(hasGolden(model, 'adamw.json') ? [512] : [])(
    'a table whose read rows are updated apart has the bits of a whole update',
    async (blockElements) => {
      const { make, feeds, tensors } = golden(model)
      const { losses, lr, ...optimiser } = adamw()
      const states = []
      for (const tableRows of [Infinity, 8]) {
        const step = fusedStep({ name: 'golden', forward: make, optimiser, blockElements, tableRows })
        // parameter and two moments of the word embeddings
        expect(step.rows).toHaveLength(tableRows === 8 ? 3 : 0)
        const state = stateOf(tensors, false)
        const program = await openProgram(step.graph, CPU)
        const norms = []
        for (const i of losses.keys()) {
          const results = await run(program, step, state, { ...feeds, ...scalars(rates(optimiser, i + 1, lr)) })
          norms.push(number(results['norm']))
        }
        await program.release()
        states.push({ state, norms })
      }
      const [whole, apart] = states as [(typeof states)[0], (typeof states)[0]]
      for (const [name, data] of whole.state)
        expect(Buffer.from(apart.state.get(name)!.buffer).equals(Buffer.from(data.buffer)), name).toBe(true)
      apart.norms.forEach((norm, i) => expect(norm / whole.norms[i]!).toBeCloseTo(1, 5))
    },
  )

  test('a step in micro-batches is the step of one batch', async () => {
    const { make, feeds, tensors } = golden(model)
    const optimiser = { ...ADAMW, clip: 0.5, decayAll: false }
    const options = { name: 'golden', forward: make, optimiser, blockElements: 512 }
    const rate = scalars(rates(optimiser, 1, 0.01))
    const whole = stateOf(tensors, false)
    const fused = fusedStep(options)
    const one = await openProgram(fused.graph, CPU)
    const wanted = await run(one, fused, whole, { ...feeds, ...rate })

    const parts = stateOf(tensors, true)
    for (const name of parts.keys()) if (name.startsWith('gradient:')) parts.get(name)!.fill(7) // values of the previous update
    const accumulate = accumulateStep(options)
    const some = await openProgram(accumulate.graph, CPU)
    let loss = 0
    for (let row = 0; row < 3; row++) {
      const own = ['ids', 'mask', 'labels', 'cells', 'rowWeight'].map((name): [string, HostTensor] => {
        const { dtype, shape, data } = feeds[name]!
        const width = shape.slice(1).reduce((n, d) => n * d, 1)
        return [name, { dtype, shape: [1, ...shape.slice(1)], data: data.slice(row * width, (row + 1) * width) }]
      })
      const results = await run(some, accumulate, parts, { ...feeds, ...Object.fromEntries(own), keep: scalar(Math.min(row, 1)) })
      loss += number(results['loss'])
    }
    const apply = applyStep(make(new GraphBuilder('parameters')).trained, options)
    const last = await openProgram(apply.graph, CPU)
    const results = await run(last, apply, parts, rate)
    expect(loss).toBeCloseTo(number(wanted['loss']), 6)
    expect(number(results['norm'])).toBeCloseTo(number(wanted['norm']), 5)
    expect(number(results['norm'])).toBeGreaterThan(0.5)
    for (const [name, data] of whole) {
      const tensor: HostTensor = { dtype: 'float32', shape: [data.length], data }
      // the first step of a parameter is the sign of its gradient, which rounding may flip if that is nearly 0
      if (!tensors.has(name) && !KEY_BIAS.test(name))
        expect(relative({ ...tensor, data: parts.get(name)! }, tensor, 1e-5), name).toBeLessThan(1e-4)
    }
    for (const program of [one, some, last]) await program.release()
  })

  test('gradients of adapters, everything else frozen', async () => {
    const more = readGolden(model, 'lora_r4_alpha8')
    const adapters = new Map([...more].filter(([name]) => name.includes('.lora_') && !name.startsWith('grad.')))
    const trainable = (name: string): boolean => name.includes('.lora_')
    const { make, feeds } = golden(model, { trainable, more: adapters, adapters: { scale: () => 2, dropout: 0 } })
    const b = new GraphBuilder('adapters')
    const made = make(b)
    b.output(made.loss, 'loss')
    b.output(made.outputs!['logits']!, 'logits')
    backward(b, made.loss, made.trained).forEach((g, i) => b.output(g, `grad.${made.trained[i]!.name}`))
    const program = await openProgram(b.finish(), CPU)
    const results = await program.run({ ...feeds, ...Object.fromEntries(adapters) })
    expect(relative(results['logits'] as HostTensor, more.get('logits')!)).toBeLessThan(1e-5)
    expect(number(results['loss'])).toBeCloseTo(number(more.get('loss_bce')), 6)
    const wanted = [...more].filter(([name]) => name.startsWith('grad.'))
    expect(wanted.length).toBe(made.trained.length)
    for (const [name, gradient] of wanted) expect(relative(results[name] as HostTensor, gradient), name).toBeLessThan(2e-5)
    await program.release()
  })

  test('an evaluation returns loss and logits', async () => {
    const { make, feeds, tensors, io } = golden(model)
    const step = evaluateStep({ name: 'golden', forward: make })
    const program = await openProgram(step.graph, CPU)
    const results = await run(program, step, stateOf(tensors, false), feeds)
    expect(relative(results['logits'] as HostTensor, io.get('logits')!)).toBeLessThan(1e-5)
    expect(number(results['loss'])).toBeCloseTo(number(io.get('loss_bce')), 6)
    await program.release()
  })
})
