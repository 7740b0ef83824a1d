/** Adapters in the layout of PEFT: `adapter_config.json` beside `adapter_model.safetensors`. */
import { join } from 'node:path'
import { UserError } from '../../../../contract/errors.ts'
import { unsupported, type ModelConfig } from '../config.ts'
import { FAMILIES } from '../families/index.ts'
import type { TensorSpec } from '../family.ts'
import { SafetensorsFile, type WrittenTensor } from '../../../model-folder/safetensors.ts'
import { heldWeights, type HeldTensor, type Weights } from '../weights.ts'
import { adaptable, linearName, loraA, loraB, type LoraConfig, type LoraLayer } from './adapters.ts'
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from '../../../model-folder/files.ts'
import { patterned, readPeftConfig, type PeftFile } from './peft-config.ts'

export interface Adapter {
  readonly lora: LoraConfig
  /** The low-rank parts, and tensors of the head if it was trained: all in memory. */
  readonly weights: Weights
}

const OUTER = 'base_model.model.'

/** Tensors under PEFT's names. */
export const peftTensors = (adapter: Adapter): readonly WrittenTensor[] =>
  adapter.weights.names.map((name) => ({
    name: `${OUTER}${name}`,
    shape: adapter.weights.shape(name),
    read: () => adapter.weights.read(name),
  }))

/**
 * Reads the adapter of a folder for a model.
 * @throws UserError `model-missing`, `model-damaged`, `model-unsupported` naming what does not match
 */
export function readAdapter(folder: string, config: ModelConfig, specs: readonly TensorSpec[]): Adapter {
  const peft = readPeftConfig(folder)
  const path = join(folder, ADAPTER_WEIGHTS)
  const file = new SafetensorsFile(path)
  try {
    const known = knownNames(config, specs)
    const tensors = new Map<string, HeldTensor>()
    for (const [name, { shape }] of file.header.tensors) {
      const ours = known(name)
      if (ours === null)
        throw unsupported(`${path} has the tensor "${name.slice(0, 200)}", which has no place in a ${config.architecture} model.`)
      tensors.set(ours, { shape, data: file.float32(name) })
    }
    const layers = layersOf(tensors, peft, specs, path)
    checkHead(tensors, specs, path)
    return {
      lora: { layers, targets: peft.targets, dropout: peft.dropout, rankStabilised: peft.rankStabilised },
      weights: heldWeights(tensors),
    }
  } finally {
    file.close()
  }
}

/** Outputs of the adapter's head; null if it has none. @throws UserError `model-damaged` */
export function outputsOf(folder: string, config: ModelConfig): number | null {
  const specs = FAMILIES[config.architecture].tensors(config)
  const last = specs.findLast((s) => s.part === 'head' && s.linear)!
  const file = new SafetensorsFile(join(folder, ADAPTER_WEIGHTS))
  try {
    const known = knownNames(config, specs)
    const found = [...file.header.tensors.values()].find(({ name }) => known(name) === last.name)
    return found?.shape[0] ?? null
  } finally {
    file.close()
  }
}

/** Our name of a tensor of the file; null if the model has no such tensor. */
function knownNames(config: ModelConfig, specs: readonly TensorSpec[]): (name: string) => string | null {
  const { prefix } = FAMILIES[config.architecture]
  const linears = adaptable(specs).map(linearName)
  const ours = new Set([...linears.flatMap((l) => [loraA(l), loraB(l)]), ...specs.filter((s) => s.part === 'head').map((s) => s.name)])
  return (name) => {
    // some versions keep the trainer's own names
    const inner = name
      .replace(OUTER, '')
      .replace(/\.modules_to_save(?:\.default)?\./, '.')
      .replace(/\.(lora_[AB])\.default\./, '.$1.')
    return [inner, `${prefix}${inner}`].find((n) => ours.has(n)) ?? null
  }
}

const damaged = (path: string, why: string): UserError =>
  new UserError('model-damaged', `${path} ${why}. Download or copy the adapter again.`, { path })

/** Pairs of A and B with the shapes that their layers require. */
function layersOf(
  tensors: ReadonlyMap<string, HeldTensor>,
  peft: PeftFile,
  specs: readonly TensorSpec[],
  path: string,
): readonly LoraLayer[] {
  const layers = adaptable(specs).flatMap((spec): LoraLayer[] => {
    const linear = linearName(spec)
    const [a, b] = [tensors.get(loraA(linear)), tensors.get(loraB(linear))]
    if (!a && !b) return []
    const rank = patterned(peft.rankPattern, linear, peft.rank)
    const [to, from] = [spec.shape[0]!, spec.shape[1]!]
    checkShape(a, [rank, from], `${linear}.lora_A`, path)
    checkShape(b, [to, rank], `${linear}.lora_B`, path)
    return [{ linear, rank, alpha: patterned(peft.alphaPattern, linear, peft.alpha) }]
  })
  if (layers.length === 0) throw damaged(path, 'has no adapter of any linear layer')
  return layers
}
function checkShape(tensor: HeldTensor | undefined, shape: readonly number[], name: string, path: string): void {
  if (!tensor) throw damaged(path, `lacks ${name}`)
  if (tensor.shape.join() !== shape.join())
    throw new UserError(
      'model-damaged',
      `${path} has ${name} of ${tensor.shape.join(' x ')} instead of ${shape.join(' x ')}: it belongs to another base model, or to another ${ADAPTER_CONFIG}. Choose the base that it was trained on.`,
      { path },
    )
}

/** Either no tensor of the head, or matching ones. */
function checkHead(tensors: ReadonlyMap<string, HeldTensor>, specs: readonly TensorSpec[], path: string): void {
  for (const spec of specs.filter((s) => s.part === 'head')) {
    const tensor = tensors.get(spec.name)
    if (tensor) checkShape(tensor, spec.shape, spec.name, path)
  }
}
