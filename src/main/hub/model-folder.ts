/** What the list of models says of a folder. Only headers are read: whether every tensor is there is seen when it is loaded. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { ARCHITECTURES, type Architecture } from '../../contract/models.ts'
import { readSafetensorsHeader } from '../data/models/safetensors-header.ts'
import { licenseOf } from './model-card.ts'
import { CONFIG_FILE, INDEX_FILE, isPlausible, isWeights, missingFiles, modelFiles, pickles, WEIGHTS_FILE } from './model-files.ts'

export interface FolderFacts {
  readonly architecture: Architecture
  readonly license: string | null
  readonly parameters: number
  /** Of all files that belong to the model. */
  readonly bytes: number
}

const CONFIG = z.looseObject({
  model_type: z.string().max(200).optional(),
  architectures: z.array(z.string().max(200)).max(20).nullish(),
  quantization_config: z.unknown().optional(),
  license: z.string().max(100).nullish(),
})
const INDEX = z.looseObject({ weight_map: z.record(z.string(), z.string().max(300)) })

/**
 * Reads a folder as Hugging Face lays them out.
 * @throws UserError `no-model-folder`, `model-is-pickle`, `unknown-family`, `model-damaged`: what is wrong and what to do
 */
export function readModelFolder(path: string): FolderFacts {
  const names = filesIn(path)
  refuseIncomplete(path, names)
  const files = modelFiles(names)
  const config = configOf(path)
  const shards = names.includes(WEIGHTS_FILE) ? [WEIGHTS_FILE] : shardsOf(path, names)
  return {
    architecture: architectureOf(path, config),
    license: config.license ?? licenseIn(path, files),
    parameters: shards.reduce((sum, shard) => sum + parametersOf(join(path, shard)), 0),
    bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0),
  }
}

/** Changes when a file of the model does: sizes and times. */
export function stampOf(path: string): string {
  return modelFiles(filesIn(path))
    .sort()
    .map((file) => {
      const { size, mtimeMs } = statSync(join(path, file))
      return `${file} ${size} ${mtimeMs}`
    })
    .join('\n')
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOTDIR') throw unusable(path, 'is a file. Choose the folder it lies in.')
    if (code === 'ENOENT') throw unusable(path, 'is not there. Check the path, or whether its disk is connected.')
    throw unusable(path, 'cannot be read. Check that you may read it.')
  }
}

const unusable = (path: string, why: string, code = 'no-model-folder'): UserError => new UserError(code, `${path} ${why}`, { path })

function refuseIncomplete(path: string, names: readonly string[]): void {
  // as a cache of Hugging Face's own programs has it
  if (names.includes('snapshots') && !names.includes(CONFIG_FILE))
    throw unusable(path, 'is a cache folder: choose the folder with a config.json inside its "snapshots".')
  const why = missingFiles(names)
  if (why === null) return
  const hasWeights = names.includes(CONFIG_FILE) && pickles(names).length > 0
  if (hasWeights) throw unusable(path, `cannot be used: ${why}. Convert it to safetensors: ${conversion(path)}`, 'model-is-pickle')
  throw unusable(
    path,
    `is not the folder of a model: ${why}. Choose one with config.json, model.safetensors and the files of its tokenizer.`,
  )
}

/** Command line that writes safetensors beside the pickle, where Python and Transformers are there. */
function conversion(path: string): string {
  const [name = ''] = configOf(path).architectures ?? []
  const loader = /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? name : 'AutoModel'
  return `python -c "import sys, transformers as t; d = sys.argv[1]; t.${loader}.from_pretrained(d).save_pretrained(d, safe_serialization=True)" "${path}"`
}

const damaged = (path: string, file: string, why: string): UserError =>
  new UserError('model-damaged', `${join(path, file)} ${why}. Download or copy the model again.`, { path })

/** A small JSON file of the folder. @throws UserError `model-damaged` */
export function parsed<T>(path: string, file: string, schema: z.ZodType<T>): T {
  const { size } = statSync(join(path, file))
  if (!isPlausible(file, size)) throw damaged(path, file, `is no configuration: it has ${size} bytes`)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(join(path, file), 'utf8'))
  } catch {
    throw damaged(path, file, 'is not JSON')
  }
  const { success, data } = schema.safeParse(value)
  if (!success) throw damaged(path, file, 'does not hold what such a file holds')
  return data
}

const configOf = (path: string): z.output<typeof CONFIG> => parsed(path, CONFIG_FILE, CONFIG)

function architectureOf(path: string, config: z.output<typeof CONFIG>): Architecture {
  const known = ARCHITECTURES.find((a) => a === config.model_type)
  const type = JSON.stringify(config.model_type ?? 'unknown')
  if (known === undefined) throw unusable(path, `is a model of the family ${type}: ${familyAdvice()}`, 'unknown-family')
  if (config.quantization_config === undefined || config.quantization_config === null) return known
  throw unusable(path, 'has quantised weights, which cannot be trained. Choose the model in float16, bfloat16 or float32.', 'quantised')
}
/** What families there are, in a sentence. */
export const familyAdvice = (): string =>
  `those that can be trained here are ${ARCHITECTURES.slice(0, -1).join(', ')} and ${ARCHITECTURES.at(-1) ?? ''}.`

/** Names of the files that an index tells the weights are in; each must be there. */
function shardsOf(path: string, names: readonly string[]): string[] {
  const { weight_map: map } = parsed(path, INDEX_FILE, INDEX)
  const shards = [...new Set(Object.values(map))].sort()
  const strange = shards.find((s) => !isWeights(s))
  if (strange !== undefined) throw damaged(path, INDEX_FILE, `names ${JSON.stringify(strange)}, which is no name of a part of weights`)
  const lacking = shards.filter((s) => !names.includes(s))
  if (lacking.length > 0 || shards.length === 0)
    throw damaged(path, INDEX_FILE, `names ${shards.length} parts of the weights, of which ${lacking.length} are not there`)
  return shards
}

/** Buffers such as position ids are no parameters. */
const isFloat = (dtype: string): boolean => dtype.includes('F')
/** Numbers of a safetensors file. */
export function parametersOf(file: string): number {
  const { tensors } = readSafetensorsHeader(file)
  return [...tensors.values()].filter((t) => isFloat(t.dtype)).reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0)
}

/** As its README says, where `files` has one. */
export function licenseIn(path: string, files: readonly string[]): string | null {
  const [readme] = files.filter((f) => f === 'README.md' && isPlausible(f, statSync(join(path, f)).size))
  return readme === undefined ? null : licenseOf(readFileSync(join(path, readme), 'utf8'))
}

/** What a folder is called where nothing else is known. */
export const folderName = (path: string): string => basename(path) || 'model'
