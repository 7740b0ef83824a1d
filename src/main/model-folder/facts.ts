/** Facts on a model's folder, for the list of models. Only headers are read: missing tensors are found when the model is loaded. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { ARCHITECTURES, type LibraryKind, type ModelFacts } from '../../contract/models.ts'
import { codeOf } from '../files/disk-errors.ts'
import { namesIn } from '../files/read.ts'
import { readRegular } from '../files/regular.ts'
import { foreignFile } from '../files/signatures.ts'
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  CONFIG_FILE,
  INDEX_FILE,
  isPlausible,
  LABELS_FILE,
  MAX_SMALL_BYTES,
  missingFiles,
  modelFiles,
  pickles,
  WEIGHTS_FILE,
} from './files.ts'
import { readJson } from './json-file.ts'
import { readSafetensorsHeader, type SafetensorsHeader } from './safetensors.ts'
import { openWeightFiles } from './weight-files.ts'

const CONFIG = z.looseObject({
  model_type: z.string().max(200).optional(),
  architectures: z.array(z.string().max(200)).max(20).nullish(),
  quantization_config: z.unknown().optional(),
  license: z.string().max(100).nullish(),
})

/**
 * Reads a folder in the layout of Hugging Face.
 * @throws UserError `no-model-folder`, `model-is-pickle`, `unknown-family`, `model-damaged`
 */
export function readModelFolder(path: string): ModelFacts {
  const names = filesIn(path)
  refuseIncomplete(path, names)
  const files = modelFiles(names)
  refuseForeign(path, files)
  const config = configOf(path)
  return {
    architecture: architectureOf(path, config),
    license: config.license ?? licenseIn(path, files),
    parameters: parametersIn(path),
    bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0),
  }
}

/** Names, sizes and times of the files of a model: changes if one of them does. */
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
    const code = codeOf(error)
    if (code === 'ENOTDIR')
      throw unusable(path, 'is a file. Choose the folder that contains it; word vectors are text files whose names end in .txt or .vec.')
    if (code === 'ENOENT') throw unusable(path, 'does not exist. Check the path, or whether its disk is connected.')
    throw unusable(path, 'cannot be read. Check that you may read it.')
  }
}

const unusable = (path: string, why: string, code = 'no-model-folder'): UserError => new UserError(code, `${path} ${why}`, { path })

function refuseIncomplete(path: string, names: readonly string[]): void {
  // the layout of Hugging Face's cache
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

/** Refuses a folder in which a web page or a pointer of Git LFS has the name of one of the model's files. */
function refuseForeign(path: string, files: readonly string[]): void {
  for (const file of files) {
    const kind = foreignFile(join(path, file))
    if (kind) throw unusable(path, `cannot be used: its ${file} is ${kind.what}. ${kind.todo}`, 'model-damaged')
  }
}

/** A command line that converts pickled weights to safetensors, for users with Python and Transformers. */
function conversion(path: string): string {
  const [name = ''] = configOf(path).architectures ?? []
  const loader = /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? name : 'AutoModel'
  return `python -c "import sys, transformers as t; d = sys.argv[1]; t.${loader}.from_pretrained(d).save_pretrained(d, safe_serialization=True)" "${path}"`
}

const configOf = (path: string): z.output<typeof CONFIG> => readJson(join(path, CONFIG_FILE), CONFIG)

/**
 * The family that a `config.json` names: its model_type, or as older ones have it the class in `architectures`, such as BertModel.
 * @throws UserError `unknown-family` if it names none
 */
export function familyOf({ model_type: type, architectures }: Readonly<Record<string, unknown>>, path: string): string {
  if (typeof type === 'string') return type
  const [name] = Array.isArray(architectures) ? (architectures as readonly unknown[]) : []
  const family = typeof name === 'string' ? /^(\w{1,100}?)(?:Model|For[A-Z])/.exec(name)?.[1] : undefined
  if (family !== undefined) return family.toLowerCase()
  const lines = ARCHITECTURES.map((a) => `"model_type": "${a}"`).join(' or ')
  throw unusable(path, `cannot be used: its ${CONFIG_FILE} has no model_type. Add the line of its family: ${lines}.`, 'unknown-family')
}

/** The family that the folder of a model names; null if it cannot be read. */
export function architectureIn(path: string): string | null {
  try {
    return familyOf(configOf(path), path)
  } catch {
    return null
  }
}

function architectureOf(path: string, config: z.output<typeof CONFIG>): LibraryKind {
  const family = familyOf(config, path)
  if (family === 'model2vec') return family
  const known = ARCHITECTURES.find((a) => a === family)
  if (known === undefined) throw unusable(path, `is a model of the family ${JSON.stringify(family)}: ${familyAdvice()}`, 'unknown-family')
  if (config.quantization_config === undefined || config.quantization_config === null) return known
  throw unusable(path, 'has quantised weights, which cannot be trained. Choose the model in float16, bfloat16 or float32.', 'quantised')
}
/** The supported families, in a clause. */
export const familyAdvice = (): string =>
  `those that can be trained here are ${ARCHITECTURES.slice(0, -1).join(', ')} and ${ARCHITECTURES.at(-1) ?? ''}.`

/** Integer tensors are buffers such as position ids, not parameters. */
const isFloat = (dtype: string): boolean => dtype.includes('F')
const parametersOf = ({ tensors }: SafetensorsHeader): number =>
  [...tensors.values()].filter((t) => isFloat(t.dtype)).reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0)

function parametersIn(path: string): number {
  const weights = openWeightFiles(path)
  try {
    return weights.files.reduce((sum, file) => sum + parametersOf(file.header), 0)
  } finally {
    weights.close()
  }
}

/** The licence in README.md, if `files` has one. */
function licenseIn(path: string, files: readonly string[]): string | null {
  const [readme] = files.filter((f) => f === 'README.md' && isPlausible(f, statSync(join(path, f)).size))
  return readme === undefined ? null : licenseOf(readRegular(join(path, readme), MAX_SMALL_BYTES).toString())
}

/** A name for a folder. */
export const folderName = (path: string): string => basename(path) || 'model'

// adapters: small changes of a model that is stored elsewhere

const ADAPTER_PICKLE = 'adapter_model.bin'

export interface AdapterFacts {
  /** The base model that it names: a Hub name, an id of the library or a folder; null for none. */
  readonly baseName: string | null
  readonly license: string | null
  readonly parameters: number
  /** Size of its own files. */
  readonly bytes: number
}

const ADAPTER = z.looseObject({ base_model_name_or_path: z.string().max(5000).nullish() })

/** True if a folder holds an adapter and no complete model. */
export function isAdapterFolder(path: string): boolean {
  const names = namesIn(path)
  return names.includes(ADAPTER_CONFIG) && !names.includes(WEIGHTS_FILE) && !names.includes(INDEX_FILE)
}

/** @throws UserError `no-model-folder`, `model-is-pickle`, `model-damaged`: what is wrong and what to do */
export function readAdapterFolder(path: string): AdapterFacts {
  const names = namesIn(path)
  if (!names.includes(ADAPTER_CONFIG))
    throw new UserError('no-model-folder', `${path} does not exist, or no longer holds an adapter: it has no ${ADAPTER_CONFIG}.`, { path })
  if (!names.includes(ADAPTER_WEIGHTS)) throw missingWeights(path, names)
  const files = [ADAPTER_CONFIG, ADAPTER_WEIGHTS, LABELS_FILE, ...modelFiles(names)].filter((file) => names.includes(file))
  refuseForeign(path, files)
  const { base_model_name_or_path: name } = readJson(join(path, ADAPTER_CONFIG), ADAPTER)
  return {
    baseName: name?.trim() || null,
    license: licenseIn(path, files),
    parameters: parametersOf(readSafetensorsHeader(join(path, ADAPTER_WEIGHTS))),
    bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0),
  }
}

function missingWeights(path: string, names: readonly string[]): UserError {
  if (!names.includes(ADAPTER_PICKLE))
    return new UserError('no-model-folder', `${path} is not a complete adapter: it has no ${ADAPTER_WEIGHTS}. Download or copy it again.`, {
      path,
    })
  return new UserError(
    'model-is-pickle',
    `${path} cannot be used: its weights are a pickle (${ADAPTER_PICKLE}), which could run any program. Load it with Python and PEFT, and save it with save_pretrained(folder, safe_serialization=True).`,
    { path },
  )
}

// the licence, from the front matter of README.md

/** Lines between the first `---` and the next. */
const FRONT_MATTER = /^\uFEFF?---\r?\n(?<lines>[\s\S]{0,100000}?)\r?\n---/
/** `license: mit`, or a list with one below it. */
const LICENSE = /^license:[ \t]*(?:\r?\n[ \t]*-[ \t]*)?(?<name>[^\r\n#]+)/m
const LICENSE_NAME = /^license_name:[ \t]*(?<name>[^\r\n#]+)/m

const MAX_NAME = 100

/** The licence that a README.md names; null for none. For `other` the licence's own name. */
export function licenseOf(readme: string): string | null {
  const lines = FRONT_MATTER.exec(readme)?.groups?.['lines']
  if (lines === undefined) return null
  const name = plain(LICENSE.exec(lines)?.groups?.['name'])
  return name === 'other' ? (plain(LICENSE_NAME.exec(lines)?.groups?.['name']) ?? name) : name
}

/** Without quotes and brackets; null for nothing. */
function plain(text: string | undefined): string | null {
  const name = (text ?? '').trim().replaceAll(/^[\s'"[\]]+|[\s'"[\]]+$/g, '')
  return name === '' ? null : name.slice(0, MAX_NAME)
}
