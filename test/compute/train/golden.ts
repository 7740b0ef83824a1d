/** The reference models of test/golden, as graphs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GraphBuilder } from '../../../src/main/compute/graph/builder.ts'
import type { Value } from '../../../src/main/compute/graph/types.ts'
import { FAMILIES } from '../../../src/main/compute/models/families/index.ts'
import type { Adapters } from '../../../src/main/compute/models/family.ts'
import { forward } from '../../../src/main/compute/models/forward.ts'
import { bindParameters } from '../../../src/main/compute/models/parameters.ts'
import { heldWeights, type HeldTensor } from '../../../src/main/compute/models/weights.ts'
import type { HostTensor } from '../../../src/main/compute/runtime/tensors.ts'
import { classificationLoss, type CellLoss } from '../../../src/main/compute/train/losses.ts'
import type { Forward } from '../../../src/main/compute/train/step.ts'
import { goldenModels as folder } from '../../support/paths.ts'

/** Names of the tiny models. */
export const goldenModels = readdirSync(folder)

/** Whether there are reference values of this kind for a model. */
export const hasGolden = (model: string, file: string): boolean => existsSync(join(folder, model, file))

/** All tensors of a safetensors file. */
export function readGolden(model: string, file: string): Map<string, HostTensor> {
  const bytes = readFileSync(join(folder, model, `${file}.safetensors`))
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    entries.map(([name, { dtype, shape, data_offsets }]) => {
      const [from, to] = data_offsets.map((offset) => start + offset)
      const { buffer } = new Uint8Array(bytes.subarray(from, to))
      return [
        name,
        dtype === 'I64'
          ? { dtype: 'int64', shape, data: new BigInt64Array(buffer) }
          : { dtype: 'float32', shape, data: new Float32Array(buffer) },
      ]
    }),
  )
}
export const goldenJson = (model: string, file: string): unknown => JSON.parse(readFileSync(join(folder, model, `${file}.json`), 'utf8'))

export interface GoldenOptions {
  readonly loss?: CellLoss
  readonly posWeight?: boolean
  readonly trainable?: (name: string) => boolean
  /** Additional tensors, such as adapters. */
  readonly more?: ReadonlyMap<string, HostTensor>
  readonly adapters?: Adapters
}

/** A model and its batch, as a step needs them. */
export function golden(
  model: string,
  { loss = { kind: 'bce' }, posWeight = false, trainable = () => true, more, adapters }: GoldenOptions = {},
) {
  const raw = goldenJson(model, 'config') as Record<string, unknown>
  const family = FAMILIES[raw['model_type'] as keyof typeof FAMILIES]
  const io = readGolden(model, 'io')
  const tensors = new Map([...readGolden(model, 'model'), ...(more ?? [])])
  const [batch, genres] = io.get('labels')!.shape as [number, number]
  const ones = (...shape: number[]): HostTensor => ({
    dtype: 'float32',
    shape,
    data: new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(1),
  })
  const feeds: Record<string, HostTensor> = {
    ids: io.get('input_ids')!,
    mask: io.get('attention_mask')!,
    labels: io.get('labels')!,
    cells: ones(batch, genres),
    rowWeight: ones(batch),
    positive: posWeight ? io.get('pos_weight')! : ones(genres),
    denominator: { dtype: 'float32', shape: [], data: Float32Array.of(batch * genres) },
  }
  const make = (b: GraphBuilder): Forward => {
    const all = bindParameters(b, heldWeights(tensors as unknown as ReadonlyMap<string, HeldTensor>), { trainable })
    const trained = new Map<string, Value>()
    const parameters = {
      has: (name: string) => all.has(name),
      get: (name: string) => {
        if (trainable(name)) trained.set(name, all.get(name))
        return all.get(name)
      },
    }
    const ids = b.input('ids', 'int64', ['batch', 'tokens'])
    const mask = b.input('mask', 'int64', ['batch', 'tokens'])
    const logits = forward(b, { config: family.parse(raw), parameters, batch: { ids, mask }, adapters: adapters ?? null })
    const inputs = {
      logits,
      labels: b.input('labels', 'float32', ['batch', genres]),
      mask: b.input('cells', 'float32', ['batch', genres]),
      rowWeight: b.input('rowWeight', 'float32', ['batch']),
      positive: b.input('positive', 'float32', [genres]),
      genre: b.constant(Array<number>(genres).fill(1)),
      denominator: b.input('denominator', 'float32', []),
    }
    return { loss: classificationLoss(b, loss, inputs), trained: [...trained.values()], outputs: { logits } }
  }
  return { make, feeds, tensors, io }
}

/** The largest difference, relative to the largest value or to `least`, whichever is larger. */
export function relative(found: HostTensor, wanted: HostTensor, least = 1e-12): number {
  const [a, b] = [found.data as Float32Array, wanted.data as Float32Array]
  if (a.length !== b.length) return Infinity
  const most = b.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  return a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0) / Math.max(most, least)
}
