/** Finds the tensors of a family in files that use one of the usual naming schemes. */
import { UserError } from '../../../contract/errors.ts'
import type { SafetensorsDType } from '../../model-folder/safetensors.ts'
import type { ModelConfig } from './config.ts'
import { FAMILIES } from './families/index.ts'
import type { TensorSpec } from './family.ts'
import type { WeightFiles } from '../../model-folder/weight-files.ts'
import type { FilePlace, Weights } from './weights.ts'

export interface Located {
  /** Tensors of the classifier, and of the language-model head if all of it is there. */
  readonly specs: readonly TensorSpec[]
  /** Tensors that the files lack. */
  readonly fresh: readonly TensorSpec[]
  /** Other tensors of the files. */
  readonly weights: Weights
}

/** Supported types of weights, and their names in graphs. */
const FLOATS: Readonly<Partial<Record<SafetensorsDType, FilePlace['dtype']>>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }
/** Maximum number of faults that an error names. */
const NAMED = 4

/** Alternative name endings: ours, and the one in old or otherwise named files. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['LayerNorm.weight', 'LayerNorm.gamma'],
  ['LayerNorm.bias', 'LayerNorm.beta'],
  ['cls.predictions.bias', 'cls.predictions.decoder.bias'],
  ['lm_head.bias', 'lm_head.decoder.bias'],
]

/** Names that a tensor may have: as published, without the model's prefix (saved without a head), and old ones. */
function namesFor(name: string, prefix: string): readonly string[] {
  const bare = name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]
  const old = ALIASES.filter(([ours]) => name.endsWith(ours)).flatMap(([ours, theirs]) =>
    bare.map((n) => n.slice(0, -ours.length) + theirs),
  )
  return [...bare, ...old]
}

/**
 * Locates all tensors.
 * @param keepHead true: the files' classifier is used; false: it is initialised
 * @throws UserError `model-damaged` naming tensors that are missing or have another shape, `model-unsupported` for types
 */
export function locateTensors(config: ModelConfig, files: WeightFiles, folder: string, keepHead: boolean): Located {
  const family = FAMILIES[config.architecture]
  const all = family.tensors(config)
  const labelled = (spec: TensorSpec): boolean => spec.part === 'head' && isLast(spec, all)
  const names = new Map<string, string>()
  for (const spec of all) {
    const found = namesFor(spec.name, family.prefix).find((n) => files.find(n))
    if (found !== undefined && (keepHead || !labelled(spec))) names.set(spec.name, found)
  }
  const language = all.filter((s) => s.part === 'language')
  const speaks = language.every((s) => names.has(s.name))
  const specs = all.filter((s) => s.part !== 'language' || speaks)
  refuseMissing(
    specs.filter((s) => s.part !== 'head' && !names.has(s.name)),
    files,
    folder,
  )
  const known = specs.filter((s) => names.has(s.name))
  refuseUnfit(known, names, files, folder)
  return { specs, fresh: specs.filter((s) => !names.has(s.name)), weights: weightsOf(known, names, files) }
}

/** The head's last linear layer produces the labels; the tensors before it do not depend on them. */
export function isLast(spec: TensorSpec, all: readonly TensorSpec[]): boolean {
  const last = all.findLast((s) => s.part === 'head' && s.linear)!
  return spec.name.startsWith(last.name.replace(/weight$/, ''))
}

const listed = (items: readonly string[]): string =>
  items.slice(0, NAMED).join('; ') + (items.length > NAMED ? `; and ${items.length - NAMED} more` : '')

function refuseMissing(missing: readonly TensorSpec[], files: WeightFiles, folder: string): void {
  if (missing.length === 0) return
  const has = files.names.slice(0, 3).join(', ')
  throw new UserError(
    'model-damaged',
    `The weights in ${folder} lack ${missing.length} tensors that its config.json promises: ${listed(missing.map((s) => s.name))}. They have ${files.names.length} others, such as ${has}. Check that weights and config.json belong together.`,
    { folder },
  )
}

const shapeText = (shape: readonly number[]): string => shape.join(' x ') || 'one number'

function refuseUnfit(specs: readonly TensorSpec[], names: ReadonlyMap<string, string>, files: WeightFiles, folder: string): void {
  const wrong: string[] = []
  for (const spec of specs) {
    const { entry } = files.find(names.get(spec.name)!)!
    if (!FLOATS[entry.dtype])
      throw new UserError(
        'model-unsupported',
        `Tensor "${spec.name}" in ${folder} holds ${entry.dtype}. Weights must be F32, F16 or BF16: choose a model that is not quantised.`,
        { folder },
      )
    if (shapeText(entry.shape) !== shapeText(spec.shape))
      wrong.push(`${spec.name} is ${shapeText(entry.shape)} instead of ${shapeText(spec.shape)}`)
  }
  if (wrong.length > 0)
    throw new UserError(
      'model-damaged',
      `The weights in ${folder} do not fit its config.json: ${listed(wrong)}. Check that both belong together.`,
      { folder },
    )
}

function weightsOf(specs: readonly TensorSpec[], names: ReadonlyMap<string, string>, files: WeightFiles): Weights {
  const byName = new Map(specs.map((s) => [s.name, s]))
  const found = (name: string): NonNullable<ReturnType<WeightFiles['find']>> => {
    const at = byName.has(name) ? files.find(names.get(name)!) : null
    if (!at) throw new Error(`there is no tensor "${name}"`)
    return at
  }
  return {
    names: [...byName.keys()],
    has: (name) => byName.has(name),
    shape: (name) => found(name).entry.shape,
    read: (name) => found(name).file.float32(names.get(name)!),
    place: (name) => {
      const { file, entry } = found(name)
      return { file: file.path, offset: entry.start, bytes: entry.bytes, dtype: FLOATS[entry.dtype]! }
    },
  }
}
