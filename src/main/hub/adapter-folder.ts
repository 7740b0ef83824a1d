/** What the list of models says of a folder with an adapter in PEFT's layout: a small change of a model that lies elsewhere. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { INDEX_FILE, modelFiles, WEIGHTS_FILE } from './model-files.ts'
import { licenseIn, parametersOf, parsed } from './model-folder.ts'

export const ADAPTER_CONFIG = 'adapter_config.json'
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors'
const ADAPTER_PICKLE = 'adapter_model.bin'
/** Names of the head's outputs, beside an adapter that was made here. */
const LABELS_FILE = 'labels.json'

export interface AdapterFacts {
  /** The model it says it belongs to: a name of the Hub, an id of the library, or a folder; null where it says nothing. */
  readonly baseName: string | null
  readonly license: string | null
  readonly parameters: number
  /** Of its own files. */
  readonly bytes: number
}

const CONFIG = z.looseObject({ base_model_name_or_path: z.string().max(5000).nullish() })

/** Whether a folder holds an adapter and no model of its own. */
export function isAdapterFolder(path: string): boolean {
  const names = namesIn(path)
  return names.includes(ADAPTER_CONFIG) && !names.includes(WEIGHTS_FILE) && !names.includes(INDEX_FILE)
}

/** @throws UserError `no-model-folder`, `model-is-pickle`, `model-damaged`: what is wrong and what to do */
export function readAdapterFolder(path: string): AdapterFacts {
  const names = namesIn(path)
  if (!names.includes(ADAPTER_CONFIG))
    throw new UserError('no-model-folder', `${path} is not there, or holds no adapter any more: it has no ${ADAPTER_CONFIG}.`, { path })
  if (!names.includes(ADAPTER_WEIGHTS)) throw withoutWeights(path, names)
  const { base_model_name_or_path: name } = parsed(path, ADAPTER_CONFIG, CONFIG)
  const files = [ADAPTER_CONFIG, ADAPTER_WEIGHTS, LABELS_FILE, ...modelFiles(names)].filter((file) => names.includes(file))
  return {
    baseName: name?.trim() || null,
    license: licenseIn(path, files),
    parameters: parametersOf(join(path, ADAPTER_WEIGHTS)),
    bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0),
  }
}

function withoutWeights(path: string, names: readonly string[]): UserError {
  if (!names.includes(ADAPTER_PICKLE))
    return new UserError('no-model-folder', `${path} is not a whole adapter: it has no ${ADAPTER_WEIGHTS}. Download or copy it again.`, {
      path,
    })
  return new UserError(
    'model-is-pickle',
    `${path} cannot be used: its weights are a pickle (${ADAPTER_PICKLE}), which could run any program. Where Python and PEFT are, load it there and save it with save_pretrained(folder, safe_serialization=True).`,
    { path },
  )
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
