/** One model with reference values, and Reelabel's own graphs of it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GraphBuilder } from '../../src/main/compute/graph/builder.ts'
import type { Graph, Value } from '../../src/main/compute/graph/types.ts'
import type { Batch } from '../../src/main/compute/models/family.ts'
import { openModel, type Model } from '../../src/main/compute/models/open-model.ts'
import { openProgram, type Program } from '../../src/main/compute/runtime/program.ts'
import type { Device } from '../../src/main/compute/runtime/session.ts'
import { float32, int64, type HostTensor, type Tensor } from '../../src/main/compute/runtime/tensors.ts'
import { classificationLoss, type CellLoss, type LossInputs } from '../../src/main/compute/train/losses.ts'
import { named, readTensors, type References } from './tensors.ts'

export interface Subject {
  readonly folder: string
  readonly device: Device
  readonly model: Model
  readonly io: References
  /** Ids, mask, labels and everything else that a loss needs. */
  readonly feeds: Readonly<Record<string, HostTensor>>
  /** Names of graphs that the device computed only in part. */
  readonly fellBack: Set<string>
}

export const referencesOf = ({ folder }: Subject, file: string): References => readTensors(join(folder, file))
export const has = ({ folder }: Subject, file: string): boolean => existsSync(join(folder, file))
export const jsonOf = ({ folder }: Subject, file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown

export function openSubject(folder: string, device: Device): Subject {
  const io = readTensors(join(folder, 'io.safetensors'))
  const model = openModel(folder)
  const [tokens, { positions }] = [named(io, 'input_ids').shape[1]!, model.config]
  if (tokens > positions) throw new Error(`the references have texts of ${tokens} tokens, the model takes ${positions}`)
  return { folder, device, model, io, feeds: feedsOf(io), fellBack: new Set() }
}

export const ints = (tensor: { readonly shape: readonly number[]; readonly data: Float32Array }): HostTensor =>
  int64(tensor.shape, [...tensor.data])

function feedsOf(io: References): Record<string, HostTensor> {
  const labels = named(io, 'labels')
  const [rows, genres] = [labels.shape[0]!, labels.shape[1]!]
  const ones = (...shape: number[]): HostTensor => float32(shape, new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(1))
  return {
    ids: ints(named(io, 'input_ids')),
    mask: ints(named(io, 'attention_mask')),
    labels: float32(labels.shape, labels.data),
    cells: ones(rows, genres),
    rowWeight: ones(rows),
    positive: ones(genres),
    genre: ones(genres),
    denominator: float32([], [rows * genres]),
  }
}

/** A batch with the inputs that trainings feed. */
export const batchOf = (b: GraphBuilder): Batch => ({
  ids: b.input('ids', 'int32', ['batch', 'tokens']),
  mask: b.input('mask', 'int32', ['batch', 'tokens']),
})

export function lossOf(b: GraphBuilder, logits: Value, kind: CellLoss): Value {
  const genres = logits.shape[1]!
  const inputs: LossInputs = {
    logits,
    labels: b.input('labels', 'float32', ['batch', genres]),
    mask: b.input('cells', 'float32', ['batch', genres]),
    rowWeight: b.input('rowWeight', 'float32', ['batch']),
    positive: b.input('positive', 'float32', [genres]),
    genre: b.input('genre', 'float32', [genres]),
    denominator: b.input('denominator', 'float32', []),
  }
  return classificationLoss(b, kind, inputs)
}

/** Opens a graph; on a GPU without CPU fallback if possible, else it records the fallback. */
export async function open(subject: Subject, graph: Graph, keepOnDevice: readonly string[] = []): Promise<Program> {
  const options = { device: subject.device, threads: 2, packWeights: false, keepOnDevice }
  if (subject.device === 'cpu') return openProgram(graph, options)
  try {
    return await openProgram(graph, { ...options, wholeOnDevice: true })
  } catch {
    subject.fellBack.add(graph.name)
    return openProgram(graph, options)
  }
}

/** Builds a graph, runs it once and returns its outputs by name. Feeds that the graph has no input for are ignored. */
export async function computed(
  subject: Subject,
  name: string,
  build: (b: GraphBuilder) => void,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Float32Array>>> {
  const b = new GraphBuilder(name)
  build(b)
  const program = await open(subject, b.finish())
  try {
    const results = await program.run(only(program.graph, feeds))
    return Object.fromEntries(Object.entries(results).map(([key, value]) => [key, (value as HostTensor<'float32'>).data]))
  } finally {
    await program.release()
  }
}
/** The feeds for which the graph has an input. */
export function only(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(graph.inputs.flatMap(({ name }) => (feeds[name] ? [[name, feeds[name]]] : [])))
}
