/** Graphs of a training step: the model, its gradients, the optimiser. */
import { Algebra } from '../autodiff/algebra.ts'
import { backward } from '../autodiff/backward.ts'
import { SMALL_TABLE, sumsOfEqual } from '../autodiff/rules-place.ts'
import { GraphBuilder } from '../graph/builder.ts'
import { elements } from '../graph/dims.ts'
import type { Graph, Value } from '../graph/types.ts'
import type { Slot } from '../runtime/state.ts'
import { AdamWStep, sumOfSquares, type AdamW, type Moments } from './optimiser.ts'

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
  /** Tables with more rows that are only read by index are updated by {@link RowSlot}s; Infinity: none. */
  readonly tableRows?: number
}

/**
 * The rows of a state tensor that a batch reads by index. Only these rows have a gradient: the graph updates the whole table with a gradient of
 * zeros, and also computes the new values of these rows from their old ones. The caller copies them into the table after the run. Given the same
 * norm, the state then has the bits of an update with a gradient for the whole table.
 */
export interface RowSlot {
  /** Name of a tensor of the state: (rows, width) */
  readonly state: string
  /** Input that holds the indices of the rows. */
  readonly indices: string
  /** Input for the old rows, one for each index; null if the graph reads them itself. */
  readonly input: string | null
  /** Output of the new rows, one for each index; equal indices have equal rows. */
  readonly output: string
}
export interface StepGraph {
  readonly graph: Graph
  readonly slots: readonly Slot[]
  /** Rows to overwrite after the slots were written. */
  readonly rows?: readonly RowSlot[]
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
export function fusedStep({ name, forward, optimiser, blockElements = BLOCK_ELEMENTS, tableRows = SMALL_TABLE }: StepOptions): StepGraph {
  const b = new GraphBuilder(`${name}-step`)
  const model = forward(b, true)
  // the gradient of a table that one look-up reads is that of the rows found
  const lookUps = model.trained.map((parameter) => (Number(parameter.shape[0]) > tableRows ? lookUpOf(b, parameter) : null))
  const gradients = backward(b, model.loss, model.trained.map((parameter, i) => lookUps[i]?.found ?? parameter)) // prettier-ignore
  results(b, model)
  const pairs = model.trained.map((parameter, i) => ({ parameter, gradient: gradients[i]!, lookUp: lookUps[i]! }))
  return { ...updates(b, model.trained, pairs, optimiser, blockElements), graph: b.finish() }
}

/** A node that reads rows of a table. */
interface LookUp {
  /** An input of the graph. */
  readonly indices: Value
  /** The rows: (indices…, width) */
  readonly found: Value
}
/** The look-up of rows that alone reads a parameter; null if other nodes read it, too. */
function lookUpOf(b: GraphBuilder, parameter: Value): LookUp | null {
  const [reader, ...others] = b.nodes.filter(({ inputs }) => inputs.some((v) => v?.name === parameter.name))
  if (reader?.op !== 'Gather' || (reader.attributes['axis'] ?? 0) !== 0 || others.length > 0 || parameter.shape.length !== 2) return null
  const [, indices] = reader.inputs as [Value, Value]
  return b.isInput(indices) ? { indices, found: reader.outputs[0]! } : null
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
  const { slots } = updates(b, [], pairs, optimiser, blockElements)
  return { slots: [...gradients, ...slots], graph: b.finish() }
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

const MOMENTS = ['parameter', 'first', 'second'] as const

/**
 * Adds the optimiser; parameters are inputs a second time, in blocks. Outputs `norm` and the slots' outputs.
 * @param model parameters that the model in the same graph reads
 */
function updates(
  b: GraphBuilder,
  model: readonly Value[],
  pairs: readonly { readonly parameter: Value; readonly gradient: Value; readonly lookUp?: LookUp | null }[],
  optimiser: AdamW,
  blockElements: number,
): Pick<StepGraph, 'slots' | 'rows'> {
  return b.scope('optimiser', () => {
    const a = new Algebra(b)
    const gradients = pairs.map(({ parameter, gradient, lookUp }) => {
      if (!lookUp) return { whole: gradient, lookUp: null, squares: sumOfSquares(a, gradient) }
      const sums = sumsOfEqual(a, gradient, lookUp.indices, parameter.shape[0]!)
      // Σ part · sum over all indices = Σ sum² over different indices; rounding may take it below 0 where parts cancel
      const each = a.sum(a.mul(a.reshape(gradient, sums.shape), sums), [1], false)
      return { whole: null, lookUp: { ...lookUp, sums }, squares: a.max(a.sum(each, undefined, false), 0) }
    })
    const step = new AdamWStep(b, optimiser, gradients.map(({ squares }) => squares)) // prettier-ignore
    b.output(step.norm, 'norm')
    const rows = pairs.flatMap(({ parameter }, i) => rowSlots(b, step, parameter, gradients[i]!.lookUp))
    const slots = pairs.flatMap(({ parameter }, i) => {
      const gradient = gradients[i]!.whole
      const shape = parameter.shape as readonly number[]
      return blocksOf(shape, blockElements).flatMap((block, number) => {
        return b.scope(`${parameter.name}#${number}`, () => {
          const part = gradient && !block.whole ? b.op('Slice', [gradient, b.ints(block.from), b.ints(block.to), b.ints(0)]) : gradient
          const width = elements(shape.slice(1))
          const slot = (kind: 'parameter' | 'first' | 'second'): Slot =>
            slotOf(kind, parameter, number, block.whole ? shape : [block.to - block.from, ...shape.slice(1)], block.from * width)
          const slots = { parameter: slot('parameter'), first: slot('first'), second: slot('second') }
          const input = (s: Slot): Value => b.input(s.input, 'float32', s.shape)
          const now: Moments = { parameter: input(slots.parameter), first: input(slots.first), second: input(slots.second) }
          const next = step.update(now, part, shape.length < 2)
          for (const kind of MOMENTS) b.output(next[kind], slots[kind].output!)
          return Object.values(slots)
        })
      })
    })
    return { slots: [...read(model), ...slots], rows }
  })
}

/** Adds the update of the rows of a table that the batch reads. `sums`: the gradient of each row. */
function rowSlots(b: GraphBuilder, step: AdamWStep, table: Value, lookUp: (LookUp & { readonly sums: Value }) | null): RowSlot[] {
  if (lookUp === null) return []
  const { indices, found, sums } = lookUp
  return b.scope(`${table.name}#rows`, () => {
    const input = (kind: 'first' | 'second'): Value => b.input(`${stateName(kind, table.name)}#rows`, 'float32', sums.shape)
    const now: Moments = { parameter: new Algebra(b).reshape(found, sums.shape), first: input('first'), second: input('second') }
    const next = step.update(now, sums, false)
    return MOMENTS.map((kind) => {
      const state = stateName(kind, table.name)
      b.output(next[kind], `${state}#rows'`)
      return { state, indices: indices.name, input: kind === 'parameter' ? null : now[kind].name, output: `${state}#rows'` }
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
