/** `adapter_config.json` as PEFT writes it (peft/tuners/lora/config.py). */
import { join } from 'node:path'
import { z } from 'zod'
import { refuseVariants, unsupported, type ModelConfig, type Variant } from '../config.ts'
import { FAMILIES } from '../families/index.ts'
import { readJson } from '../../../model-folder/json-file.ts'
import { ADAPTER_CONFIG } from '../../../model-folder/files.ts'
import { isTarget, type LoraConfig } from './adapters.ts'

const positive = z.number().positive().max(1e6)
const FILE = z.looseObject({
  peft_type: z.string().max(100),
  r: z.int().min(1).max(65_536),
  lora_alpha: positive,
  lora_dropout: z.number().min(0).max(0.99).default(0),
  target_modules: z.union([z.string().max(10_000), z.array(z.string().max(1000)).max(10_000)]).nullish(),
  rank_pattern: z.record(z.string().max(1000), z.int().min(1)).nullish(),
  alpha_pattern: z.record(z.string().max(1000), positive).nullish(),
  use_rslora: z.boolean().nullish(),
  base_model_name_or_path: z.string().max(5000).nullish(),
})
export interface PeftFile {
  readonly rank: number
  readonly alpha: number
  readonly dropout: number
  readonly targets: readonly string[]
  readonly rankPattern: Readonly<Record<string, number>>
  readonly alphaPattern: Readonly<Record<string, number>>
  readonly rankStabilised: boolean
  /** The base model that the file names; null if it names none. */
  readonly base: string | null
}

/** Fields that would change the arithmetic. */
const VARIANTS: readonly Variant[] = [
  ['peft_type', ['LORA'], 'adapters other than LoRA'],
  ['use_dora', [false], 'weight-decomposed adapters (DoRA)'],
  ['bias', ['none'], 'trained biases'],
  ['lora_bias', [false], 'biases in adapters'],
  ['fan_in_fan_out', [false], 'transposed weights'],
  ['layer_replication', [], 'repeated layers'],
  ['target_parameters', [], 'adapters on parameters that are no linear layers'],
  ['trainable_token_indices', [], 'trained tokens'],
  ['use_qalora', [false], 'quantised adapters'],
  // such an adapter was initialised by changing the weights beside it
  ['init_lora_weights', [true, false, 'gaussian', 'orthogonal', 'eva'], 'adapters that changed the base weights'],
]

/** Reads the file. @throws UserError `model-missing`, `model-damaged`, `model-unsupported` naming the field */
export function readPeftConfig(folder: string): PeftFile {
  const path = join(folder, ADAPTER_CONFIG)
  const raw = readJson(path, z.record(z.string(), z.unknown()))
  const withoutEmpty = Object.fromEntries(Object.entries(raw).filter(([, v]) => !Array.isArray(v) || v.length > 0))
  refuseVariants(withoutEmpty, VARIANTS, ADAPTER_CONFIG)
  const file = readJson(path, FILE)
  const targets = file.target_modules ?? []
  return {
    rank: file.r,
    alpha: file.lora_alpha,
    dropout: file.lora_dropout,
    targets: typeof targets === 'string' ? [targets] : targets,
    rankPattern: file.rank_pattern ?? {},
    alphaPattern: file.alpha_pattern ?? {},
    rankStabilised: file.use_rslora ?? false,
    base: file.base_model_name_or_path ?? null,
  }
}

/**
 * The value of the pattern that matches a layer. PEFT's patterns are regular expressions; only names and suffixes of names are supported.
 */
export function patterned(patterns: Readonly<Record<string, number>>, linear: string, otherwise: number): number {
  const found = Object.entries(patterns).find(([pattern]) => isTarget(linear, plainName(pattern)))
  return found?.[1] ?? otherwise
}
function plainName(pattern: string): string {
  const plain = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\.', '.')
  if (/^[\w.]+$/.test(plain)) return plain
  throw unsupported(`The ${ADAPTER_CONFIG} has the pattern ${JSON.stringify(pattern.slice(0, 100))}: only names of layers are understood.`)
}

const SEQUENCE_CLASSIFICATION = 'SEQ_CLS'

/** The file's content. Layers whose rank or alpha differs from the first one's are listed in patterns. */
export function peftConfig(lora: LoraConfig, config: ModelConfig, base: string | null): Readonly<Record<string, unknown>> {
  const [{ rank, alpha }] = lora.layers as readonly [LoraConfig['layers'][number]]
  const patterns = (key: 'rank' | 'alpha', usual: number): Record<string, number> =>
    Object.fromEntries(lora.layers.filter((l) => l[key] !== usual).map((l) => [l.linear, l[key]]))
  return {
    peft_type: 'LORA',
    task_type: SEQUENCE_CLASSIFICATION,
    base_model_name_or_path: base,
    revision: null,
    auto_mapping: null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: lora.dropout,
    target_modules: lora.targets.includes('all-linear') ? 'all-linear' : lora.targets,
    modules_to_save: FAMILIES[config.architecture].headModules,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: patterns('rank', rank),
    alpha_pattern: patterns('alpha', alpha),
    use_rslora: lora.rankStabilised,
    use_dora: false,
  }
}
