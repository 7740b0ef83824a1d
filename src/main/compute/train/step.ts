/** Graphs of a training step: the model, its gradients, the optimiser. */
import { Algebra } from '../autodiff/algebra.ts'
import { backward } from '../autodiff/backward.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { elements } from '../graph/dims.ts'
import type { Graph, Value } from '../graph/types.ts'
import type { Slot } from '../runtime/state.ts'
import { AdamWStep, type AdamW, type Moments } from './optimiser.ts'

/** The definitions of a model's graph. */
export interface Forward {
  /** A scalar. */
  readonly loss: Value
  /** Inputs of the graph that are trained, float32, of fixed shapes. Their names are those of the parameters. */
  readonly trained: readonly Value[]
  /** Other outputs by name, such as `logits`. */
  readonly outputs?: Readonly<Record<string, Value>>
}
export interface StepOptions {
  readonly name: string
  /** Adds the model and its loss. `training`: with dropout. */
  readonly forward: (b: GraphBuilder, training: boolean) => Forward
  readonly optimiser: AdamW
  /** Parameters with more elements are updated in blocks of rows of about this size, which fit into the processor's caches. */
  readonly blockElements?: number
}

export interface StepGraph {
  readonly graph: Graph
  readonly slots: readonly Slot[]
}
/** A tensor that persists from step to step: float32. */
export interface StateTensor {
  readonly name: string
  readonly kind: 'parameter' | 'first' | 'second' | 'gradient'
  /** The parameter that the tensor belongs to. */
  readonly parameter: string
  readonly shape: readonly number[]
}

/** Names of the tensors in the state. A parameter's tensor has the parameter's own name. */
export const stateName = (kind: StateTensor['kind'], parameter: string): string =>
  kind === 'parameter' ? parameter : `${kind}:${parameter}`
/** The tensors of a state; gradients only where they are accumulated over micro-batches. */
export const stateTensors = (trained: readonly Pick<Value, 'name' | 'shape'>[], accumulated: boolean): StateTensor[] =>
  trained.flatMap(({ name, shape }) =>
    (['parameter', 'first', 'second', ...(accumulated ? (['gradient'] as const) : [])] as const).map((kind) => ({
      name: stateName(kind, name),
      kind,
      parameter: name,
      shape: shape as readonly number[],
    })),
  )

/** Elements of the nine tensors of an update that fit into a core's caches, with some reserve. */
const BLOCK_ELEMENTS = 256 * 1024

/** One graph for a whole update: batch in; loss, norm and new state out. */
export function fusedStep({ name, forward, optimiser, blockElements = BLOCK_ELEMENTS }: StepOptions): StepGraph {
  const b = new GraphBuilder(`${name}-step`)
  const model = forward(b, true)
  const gradients = backward(b, model.loss, model.trained)
  results(b, model)
  const pairs = model.trained.map((parameter, i) => ({ parameter, gradient: gradients[i]! }))
  return { slots: [...read(model.trained), ...updates(b, pairs, optimiser, blockElements)], graph: b.finish() }
}

/** Adds a micro-batch's gradients to those of the state; `keep` (a scalar) is 0 for the first of an update, else 1. */
export function accumulateStep({ name, forward }: StepOptions): StepGraph {
  const b = new GraphBuilder(`${name}-accumulate`)
  const a = new Algebra(b)
  const model = forward(b, true)
  const gradients = backward(b, model.loss, model.trained)
  results(b, model)
  const keep = b.input('keep', 'float32', [])
  const slots = model.trained.map((parameter, i): Slot => {
    const slot = slotOf('gradient', parameter, 0, parameter.shape as readonly number[])
    b.output(a.add(a.mul(b.input(slot.input, 'float32', slot.shape), keep), gradients[i]!), slot.output!)
    return slot
  })
  return { slots: [...read(model.trained), ...slots], graph: b.finish() }
}

/** Applies the gradients of the state. */
export function applyStep(
  trained: readonly Value[],
  { name, optimiser, blockElements = BLOCK_ELEMENTS }: Omit<StepOptions, 'forward'>,
): StepGraph {
  const b = new GraphBuilder(`${name}-apply`)
  const pairs = trained.map((parameter) => ({
    parameter,
    gradient: b.input(stateName('gradient', parameter.name), 'float32', parameter.shape),
  }))
  const gradients = pairs.map(({ parameter, gradient }): Slot => {
    const shape = parameter.shape as readonly number[]
    return { state: gradient.name, input: gradient.name, output: null, start: 0, shape }
  })
  return { slots: [...gradients, ...updates(b, pairs, optimiser, blockElements)], graph: b.finish() }
}

/** Loss and outputs, without dropout. */
export function evaluateStep({ name, forward }: Pick<StepOptions, 'name' | 'forward'>): StepGraph {
  const b = new GraphBuilder(`${name}-evaluate`)
  const model = forward(b, false)
  results(b, model)
  return { slots: read(model.trained), graph: b.finish() }
}

function results(b: GraphBuilder, { loss, outputs = {} }: Forward): void {
  b.output(loss, 'loss')
  for (const [name, value] of Object.entries(outputs)) b.output(value, name)
}
const read = (trained: readonly Value[]): Slot[] =>
  trained.map(({ name, shape }) => ({ state: name, input: name, output: null, start: 0, shape: shape as readonly number[] }))

function slotOf(kind: StateTensor['kind'], { name }: Value, block: number, shape: readonly number[], start = 0): Slot {
  const state = stateName(kind, name)
  return { state, input: `${state}#${block}`, output: `${state}#${block}'`, start, shape }
}

/** Adds the optimiser; parameters are inputs a second time, in blocks. Outputs `norm` and the slots' outputs. */
function updates(
  b: GraphBuilder,
  pairs: readonly { readonly parameter: Value; readonly gradient: Value }[],
  optimiser: AdamW,
  blockElements: number,
): Slot[] {
  return b.scope('optimiser', () => {
    const step = new AdamWStep(b, optimiser, pairs.map((p) => p.gradient)) // prettier-ignore
    b.output(step.norm, 'norm')
    return pairs.flatMap(({ parameter, gradient }) => {
      const shape = parameter.shape as readonly number[]
      return blocksOf(shape, blockElements).flatMap((rows, block) => {
        return b.scope(`${parameter.name}#${block}`, () => {
          const part = rows.whole ? gradient : b.op('Slice', [gradient, b.ints(rows.from), b.ints(rows.to), b.ints(0)])
          const width = elements(shape.slice(1))
          const slot = (kind: 'parameter' | 'first' | 'second'): Slot =>
            slotOf(kind, parameter, block, rows.whole ? shape : [rows.to - rows.from, ...shape.slice(1)], rows.from * width)
          const slots = { parameter: slot('parameter'), first: slot('first'), second: slot('second') }
          const input = (s: Slot): Value => b.input(s.input, 'float32', s.shape)
          const now: Moments = { parameter: input(slots.parameter), first: input(slots.first), second: input(slots.second) }
          const next = step.update(now, part, shape.length < 2)
          for (const kind of ['parameter', 'first', 'second'] as const) b.output(next[kind], slots[kind].output!)
          return Object.values(slots)
        })
      })
    })
  })
}

interface Rows {
  readonly from: number
  readonly to: number
  readonly whole: boolean
}
/** Splits the rows of a tensor into blocks of about `most` elements. */
function blocksOf(shape: readonly number[], most: number): Rows[] {
  const [rows = 1, ...rest] = shape
  const height = Math.max(1, Math.floor(most / elements(rest)))
  if (height >= rows) return [{ from: 0, to: rows, whole: true }]
  return Array.from({ length: Math.ceil(rows / height) }, (_, i) => ({
    from: i * height,
    to: Math.min(rows, (i + 1) * height),
    whole: false,
  }))
}
