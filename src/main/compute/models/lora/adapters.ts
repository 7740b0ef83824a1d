/** Low-rank adapters: Hu et al., arXiv:2106.09685. y = W x + (alpha / rank) B A x, with A (rank, in) and B (out, rank). */
import { UserError } from '../../../../contract/errors.ts'
import type { ModelConfig } from '../config.ts'
import { FAMILIES } from '../families/index.ts'
import type { Adapters, TensorSpec } from '../family.ts'
import { uniforms } from '../initial.ts'
import { heldWeights, type HeldTensor, type Weights } from '../weights.ts'

/** The adapter of one linear layer. */
export interface LoraLayer {
  /** Published name, such as `bert.encoder.layer.0.attention.self.query`. */
  readonly linear: string
  readonly rank: number
  readonly alpha: number
}
export interface LoraConfig {
  readonly layers: readonly LoraLayer[]
  /** Requested last components of the layers' names. */
  readonly targets: readonly string[]
  readonly dropout: number
  /** Divides alpha by the root of the rank: Kalajdzievski, arXiv:2312.03732. */
  readonly rankStabilised: boolean
}
export interface LoraSettings {
  readonly rank: number
  readonly alpha: number
  readonly dropout: number
  /** Empty: the family's default targets. */
  readonly targets: readonly string[]
}

/** Names as PEFT saves them: A is (rank, in), B is (out, rank). */
export const loraA = (linear: string): string => `${linear}.lora_A.weight`
export const loraB = (linear: string): string => `${linear}.lora_B.weight`

/** Every linear layer of PEFT's `all-linear`. */
const ALL_LINEAR = 'all-linear'

/** True if a target selects a layer: its name, or a suffix of it after a dot (PEFT, `check_target_module_exists`). */
export const isTarget = (linear: string, target: string): boolean => linear === target || linear.endsWith(`.${target}`)

/** Linear layers inside the model's layers; heads are trained whole. */
export const adaptable = (specs: readonly TensorSpec[]): TensorSpec[] => specs.filter((s) => s.linear && s.part === 'layer')
export const linearName = (spec: TensorSpec): string => spec.name.replace(/\.weight$/, '')

/** Resolves the targets. @throws UserError `no-such-layer` naming targets that no linear layer has, and the existing ones */
export function planLora(config: ModelConfig, specs: readonly TensorSpec[], settings: LoraSettings): LoraConfig {
  const targets = settings.targets.length > 0 ? settings.targets : FAMILIES[config.architecture].defaultTargets
  const linears = adaptable(specs).map(linearName)
  const unknown = targets.filter((t) => t !== ALL_LINEAR && !linears.some((l) => isTarget(l, t)))
  if (unknown.length > 0) {
    const there = [...new Set(linears.map((l) => l.split('.').at(-1)!))]
    throw new UserError('no-such-layer', `This model has no linear layer ${unknown.join(', ')}. It has: ${there.join(', ')}.`)
  }
  const chosen = linears.filter((l) => targets.some((t) => t === ALL_LINEAR || isTarget(l, t)))
  const layers = chosen.map((linear) => ({ linear, rank: settings.rank, alpha: settings.alpha }))
  return { layers, targets, dropout: settings.dropout, rankStabilised: false }
}

/** The factor of B A x. */
export const loraScale = ({ rank, alpha }: LoraLayer, { rankStabilised }: Pick<LoraConfig, 'rankStabilised'>): number =>
  alpha / (rankStabilised ? Math.sqrt(rank) : rank)

/** Input of {@link forward} for adapters. */
export function adaptersOf(config: LoraConfig): Adapters {
  const scales = new Map(config.layers.map((layer) => [layer.linear, loraScale(layer, config)]))
  return {
    dropout: config.dropout,
    scale: (linear) => {
      const scale = scales.get(linear)
      if (scale === undefined) throw new Error(`${linear} has no adapter`)
      return scale
    },
  }
}

/** Tensors of the adapters, in the order of their layers. */
export function loraSpecs(config: LoraConfig, specs: readonly TensorSpec[]): TensorSpec[] {
  const weights = new Map(specs.map((s) => [s.name, s]))
  return config.layers.flatMap(({ linear, rank }) => {
    const { shape, part, layer } = weights.get(`${linear}.weight`)!
    const [to, from] = [shape[0]!, shape[1]!]
    return [
      { name: loraA(linear), shape: [rank, from], part, layer, initial: 'normal' as const, linear: false },
      { name: loraB(linear), shape: [to, rank], part, layer, initial: 'zeros' as const, linear: false },
    ]
  })
}

/** Initial adapters: A uniform in +-1/sqrt(in) (PEFT: kaiming_uniform_ with a = sqrt(5)), B 0, so the model is unchanged at first. */
export function initialLora(config: LoraConfig, specs: readonly TensorSpec[], seed: number): Weights {
  const tensors = loraSpecs(config, specs).map(({ name, shape, initial }): [string, HeldTensor] => {
    const data = new Float32Array(shape[0]! * shape[1]!)
    if (initial === 'normal') {
      const [bound, draw] = [1 / Math.sqrt(shape[1]!), uniforms(seed, name)]
      for (let i = 0; i < data.length; i++) data[i] = (2 * draw() - 1) * bound
    }
    return [name, { shape, data }]
  })
  return heldWeights(new Map(tensors))
}
