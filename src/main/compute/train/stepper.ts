/** Runs the graphs of a step: sessions are opened on first use, and the state is updated in place. */
import type { GraphBuilder } from '../graph/builder.ts'
import { elements } from '../graph/dims.ts'
import type { Value } from '../graph/types.ts'
import { openProgram, symbolsOf, type Program } from '../runtime/program.ts'
import type { SessionOptions } from '../runtime/session.ts'
import { State, type Slot } from '../runtime/state.ts'
import { float32, isOnDevice, scalar, zeros, type HostTensor, type Tensor } from '../runtime/tensors.ts'
import type { Tensors, Weights } from './learner.ts'
import { noiseFeeds, type NoiseAt } from './dropout.ts'
import { rates, type AdamW } from './optimiser.ts'
import { accumulateStep, applyStep, evaluateStep, fusedStep, stateTensors, type Forward, type RowSlot, type StepGraph } from './step.ts'

export type Feeds = Readonly<Record<string, Tensor>>
/** The trained tensors. Their initial values are read one at a time, so that no second copy of all stays in memory. */
export interface Initial {
  readonly names: readonly string[]
  shape(name: string): readonly number[]
  read(name: string): Float32Array
}

export interface StepperOptions {
  readonly name: string
  readonly forward: (b: GraphBuilder, training: boolean) => Forward
  readonly initial: Initial
  readonly optimiser: AdamW
  readonly session: SessionOptions
  /** Seed of the dropout. */
  readonly seed: number
}
type Kind = 'fused' | 'accumulate' | 'apply' | 'evaluate'
interface Opened {
  readonly program: Program
  readonly slots: readonly Slot[]
  readonly rows: readonly RowSlot[]
}

const number = (x: number): HostTensor<'float32'> => float32([], [x])

/** Trains a graph: updates, evaluations, and its parameters in and out. */
export class Stepper {
  readonly #options: StepperOptions
  readonly #opened = new Map<Kind, Opened>()
  readonly #shapes: readonly Pick<Value, 'name' | 'shape'>[]
  #state: State
  /** Gradients, if an update has several micro-batches. */
  #gradients: State | null = null

  private constructor(options: StepperOptions, shapes: readonly Pick<Value, 'name' | 'shape'>[], state: State) {
    this.#options = options
    this.#shapes = shapes
    this.#state = state
  }

  static async open(options: StepperOptions): Promise<Stepper> {
    const shapes = options.initial.names.map((name) => ({ name, shape: options.initial.shape(name) }))
    const tensors = stateTensors(shapes, false).map(({ name, shape }) => [name, zeros('float32', shape)] as const)
    const stepper = new Stepper(options, shapes, await State.create(options.session.device, new Map(tensors)))
    await stepper.load(null)
    return stepper
  }

  /** Runs one update. `batches`: feeds of its micro-batches, with the denominator of the whole update. `step` counts from 0. */
  async update(batches: readonly Feeds[], step: number, learningRate: number): Promise<{ loss: number; norm: number }> {
    const rateFeeds = Object.fromEntries(Object.entries(rates(this.#options.optimiser, step + 1, learningRate)).map(([k, x]) => [k, number(x)])) // prettier-ignore
    const [only, ...more] = batches
    const { seed } = this.#options
    if (only && more.length === 0) {
      const { loss, norm } = await this.#run('fused', { ...only, ...rateFeeds }, ['loss', 'norm'], { seed, step, micro: 0 })
      return { loss: scalar(loss!), norm: scalar(norm!) }
    }
    let total = 0
    for (const [i, batch] of batches.entries()) {
      const { loss } = await this.#run('accumulate', { ...batch, keep: number(i === 0 ? 0 : 1) }, ['loss'], { seed, step, micro: i })
      total += scalar(loss!)
    }
    const { norm } = await this.#run('apply', rateFeeds, ['norm'])
    return { loss: total, norm: scalar(norm!) }
  }

  /** Loss and the requested outputs, without dropout. */
  async evaluate(batch: Feeds, outputs: readonly string[]): Promise<Record<string, Tensor>> {
    return this.#run('evaluate', batch, ['loss', ...outputs])
  }

  /** Parameters and moments. On the processor these are not copies: write them to disk before the next update. */
  async state(): Promise<Tensors> {
    const out = new Map<string, Weights>()
    for (const name of this.#state.names) {
      const tensor = this.#state.get(name)
      out.set(name, weightsOf(isOnDevice(tensor) ? await this.#state.read(name) : tensor))
    }
    return out
  }
  /** Copies of the parameters. */
  async parameters(): Promise<Tensors> {
    const out = new Map<string, Weights>()
    for (const { name } of this.#shapes) out.set(name, weightsOf(await this.#state.read(name)))
    return out
  }
  /** Overwrites the state; tensors that `state` lacks are reset. */
  async load(state: Tensors | null): Promise<void> {
    for (const { name, kind, shape } of stateTensors(this.#shapes, false)) {
      const known = state?.get(name)?.data ?? (kind === 'parameter' ? this.#options.initial.read(name) : null)
      await this.#state.write(name, known ? { dtype: 'float32', shape, data: known } : zeros('float32', shape))
    }
  }
  async release(): Promise<void> {
    for (const { program } of this.#opened.values()) await program.release()
    this.#opened.clear()
    await this.#state.release()
    await this.#gradients?.release()
  }

  async #run(kind: Kind, feeds: Feeds, results: readonly string[], at: NoiseAt | null = null): Promise<Record<string, Tensor>> {
    const { program, slots, rows } = await this.#open(kind)
    const noise = at ? noiseFeeds(program.graph, at, symbolsOf(program.graph, feeds)) : {}
    const inputs = Object.fromEntries(slots.map((slot) => [slot.input, this.#tensor(slot)]))
    const outputs = slots.flatMap((slot) => (slot.output === null ? [] : [[slot.output, this.#tensor(slot)] as const]))
    const old = rows.flatMap(({ state, input, indices }) => (input === null ? [] : [[input, rowsOf(this.#table(state), feeds[indices]!)]]))
    const made = await program.run(
      { ...inputs, ...noise, ...(Object.fromEntries(old) as Feeds), ...feeds },
      { ...Object.fromEntries(outputs), ...Object.fromEntries([...results, ...rows.map(({ output }) => output)].map((r) => [r, null])) },
    )
    for (const { state, indices, output } of rows) setRows(this.#table(state), feeds[indices]!, made[output]!)
    return made
  }
  /** A table of the state in ordinary memory. */
  #table = (state: string): HostTensor<'float32'> => this.#state.get(state) as HostTensor<'float32'>

  async #open(kind: Kind): Promise<Opened> {
    const known = this.#opened.get(kind)
    if (known) return known
    if (kind === 'accumulate') this.#gradients ??= await this.#newGradients()
    const { graph, slots, rows = [] } = this.#graph(kind)
    // a weight used forward and backward would be packed twice, which does not pay at these sizes
    const opened = { program: await openProgram(graph, { packWeights: false, planMemory: false, ...this.#options.session }), slots, rows }
    this.#opened.set(kind, opened)
    return opened
  }

  #graph(kind: Kind): StepGraph {
    const { session, forward, name, optimiser } = this.#options
    // tensors on a graphics card have no views
    const options = { name, forward, optimiser, ...(session.device === 'cpu' ? {} : { blockElements: Infinity, tableRows: Infinity }) }
    const trained = this.#shapes.map((s) => ({ ...s, dtype: 'float32' as const }))
    if (kind === 'apply') return applyStep(trained, options)
    return { fused: fusedStep, accumulate: accumulateStep, evaluate: evaluateStep }[kind](options)
  }

  #newGradients(): Promise<State> {
    const tensors = stateTensors(this.#shapes, true).filter(({ kind }) => kind === 'gradient')
    return State.create(this.#options.session.device, new Map(tensors.map(({ name, shape }) => [name, zeros('float32', shape)])))
  }

  #tensor({ state, start, shape }: Slot): Tensor {
    const tensor = this.#gradients?.names.includes(state) ? this.#gradients.get(state) : this.#state.get(state)
    if (isOnDevice(tensor)) return tensor
    const size = elements(shape)
    const { data } = tensor as HostTensor<'float32'>
    return start === 0 && size === data.length ? tensor : { dtype: 'float32', shape, data: data.subarray(start, start + size) }
  }
}

const weightsOf = ({ shape, data }: HostTensor): Weights => ({ shape, data: data as Float32Array })

/** The numbers of a tensor of ids. */
const idsIn = (indices: Tensor): ArrayLike<number | bigint> => (indices as HostTensor<'int32' | 'int64'>).data
/** Copies the rows of a table (rows, width) that the indices select: (count, width). */
export function rowsOf({ shape, data }: HostTensor<'float32'>, indices: Tensor): HostTensor<'float32'> {
  const [ids, width] = [idsIn(indices), shape[1]!]
  const rows = zeros('float32', [ids.length, width])
  for (let i = 0; i < ids.length; i++) rows.data.set(data.subarray(Number(ids[i]) * width, (Number(ids[i]) + 1) * width), i * width)
  return rows
}
/** Overwrites the rows of a table that the indices select. */
export function setRows({ shape, data }: HostTensor<'float32'>, indices: Tensor, rows: Tensor): void {
  const [ids, width, from] = [idsIn(indices), shape[1]!, (rows as HostTensor<'float32'>).data]
  for (let i = 0; i < ids.length; i++) data.set(from.subarray(i * width, (i + 1) * width), Number(ids[i]) * width)
}
