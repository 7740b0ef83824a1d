/** The settings of a model's `config.json` under Reelabel's names: the same fields for every family. */
import { z } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import type { LayerAttention, ModelSettings, Rope } from '../../../contract/models.ts'

export type { LayerAttention, Rope }
export interface ModelConfig extends ModelSettings {
  /** The parsed file: fields that are not used here are written again by an export. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** An error about an intact model of a kind that cannot be used. `why` is a sentence. */
export const unsupported = (why: string): UserError => new UserError('model-unsupported', why)

/** Sizes above those of any published model: a file's claims decide how much memory is allocated. */
export const LIMITS = {
  layers: 1000,
  dim: 65_536,
  hidden: 1_048_576,
  vocabulary: 4_000_000,
  positions: 16_777_216,
  labels: 100_000,
} as const

export const count = (most: number): z.ZodInt => z.int().min(1).max(most)
export const rate = z.number().min(0).max(0.99)
export const epsilon = z.number().positive().max(1)

/** Kinds of layers that a `config.json` tells apart. */
const LAYER_KINDS = ['full_attention', 'sliding_attention'] as const
export type LayerKind = (typeof LAYER_KINDS)[number]
export const LAYER_TYPES = z.array(z.string().max(100)).max(LIMITS.layers).nullish()

/**
 * The kind of a layer by `layer_types`, or by the family's rule for files without that list.
 * @throws UserError `model-unsupported` for a kind that is not known, or a list that is too short
 */
export function layerKind(types: z.output<typeof LAYER_TYPES>, layer: number, slides: boolean): LayerKind {
  if (!types) return slides ? 'sliding_attention' : 'full_attention'
  const known = LAYER_KINDS.find((kind) => kind === types[layer])
  if (known) return known
  throw unsupported(
    `Its config.json has ${JSON.stringify(types[layer] ?? null)} for layer ${layer} in layer_types: known are ${LAYER_KINDS.join(' and ')}.`,
  )
}

const LABELS = z.looseObject({
  id2label: z.record(z.string().regex(/^\d{1,6}$/), z.string().max(1000)).optional(),
  num_labels: count(LIMITS.labels).optional(),
})
/** Published classes have two labels if a configuration names none. */
const DEFAULT_LABELS = 2

/** Names of the classification head's outputs: `id2label` in the order of its numbers, else LABEL_0, LABEL_1, … */
export function labelsOf(raw: unknown): readonly string[] {
  const { id2label, num_labels: number } = LABELS.parse(raw)
  if (!id2label || Object.keys(id2label).length === 0) return Array.from({ length: number ?? DEFAULT_LABELS }, (_, i) => `LABEL_${i}`)
  const size = Object.keys(id2label).length
  const labels = Array.from({ length: size }, (_, i) => id2label[i])
  const missing = labels.indexOf(undefined)
  if (missing >= 0) throw unsupported(`Its config.json names ${size} labels, but none with the number ${missing}.`)
  return labels as string[]
}

/** Refuses fields that change the model in unsupported ways: each variant has a name, accepted values and the meaning of the field. */
export function refuseVariants(raw: Readonly<Record<string, unknown>>, variants: readonly Variant[], file = 'config.json'): void {
  for (const [name, accepted, what] of variants) {
    const value = raw[name]
    if (value === undefined || value === null || accepted.includes(value)) continue
    throw unsupported(`Its ${file} says ${name}: ${JSON.stringify(value).slice(0, 100)}. Models with ${what} cannot be used.`)
  }
}
export type Variant = readonly [name: string, accepted: readonly unknown[], what: string]

/** Variants refused in every family. */
export const COMMON_VARIANTS: readonly Variant[] = [
  ['quantization_config', [], 'quantised weights'],
  ['is_decoder', [false], 'decoder attention in an encoder'],
  ['add_cross_attention', [false], 'cross-attention'],
  ['is_encoder_decoder', [false], 'an encoder and a decoder'],
  ['num_experts', [0, 1], 'a mixture of experts'],
  ['num_local_experts', [0, 1], 'a mixture of experts'],
]
/** Refuses pruned heads: `pruned_heads` is a list by layer, empty in ordinary models. */
export function refusePruned(raw: Readonly<Record<string, unknown>>): void {
  const pruned = raw['pruned_heads']
  if (pruned !== undefined && pruned !== null && Object.keys(pruned).length > 0)
    throw unsupported('Its config.json lists pruned_heads. Models with pruned attention heads cannot be used.')
}
