/** Opens a model's folder for use in a graph: configuration and tensors under the names of its classification class. */
import { join } from 'node:path'
import { z, ZodError } from 'zod'
import { UserError } from '../../../contract/errors.ts'
import { ARCHITECTURES } from '../../../contract/models.ts'
import type { ModelConfig } from './config.ts'
import { FAMILIES } from './families/index.ts'
import type { TensorSpec } from './family.ts'
import { initialWeights } from './initial.ts'
import { familyOf } from '../../model-folder/facts.ts'
import { faultIn, readJson } from '../../model-folder/json-file.ts'
import { locateTensors, type Located } from './locate.ts'
import { CONFIG_FILE } from '../../model-folder/files.ts'
import { openWeightFiles } from '../../model-folder/weight-files.ts'
import { layeredWeights, type Weights } from './weights.ts'

export interface Model {
  readonly config: ModelConfig
  /** Tensors of the classifier, and of the language-model head if there is one. */
  readonly specs: readonly TensorSpec[]
  /** All of `specs`. */
  readonly weights: Weights
  /** Tensors that no file had, such as those of a new head: they start at random. */
  readonly fresh: readonly string[]
  /** Closes its files; `weights` must not be read afterwards. */
  close(): void
}

export interface OpenOptions {
  /** Names of the labels; a head for other labels is initialised. null: the file's own labels. */
  readonly labels?: readonly string[] | null
  /** Seed of a new head. */
  readonly seed?: number
}

const RAW = z.record(z.string(), z.unknown())

/**
 * Opens a model's folder in Hugging Face's layout.
 * @throws UserError `model-missing`, `model-unsupported`, `model-is-pickle`, `model-damaged`: what is wrong, and where
 */
export function openModel(folder: string, { labels = null, seed = 0 }: OpenOptions = {}): Model {
  const own = readConfig(folder)
  const config = labels ? { ...own, labels } : own
  const files = openWeightFiles(folder)
  try {
    const sameHead = labels === null || sameLabels(own.labels, labels)
    const { weights, specs, fresh } = located(locateTensors(config, files, folder, sameHead), config, seed)
    return { config, specs, weights, fresh, close: () => files.close() }
  } catch (error) {
    files.close()
    throw error
  }
}

const sameLabels = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((label, i) => label === b[i])

function located({ specs, fresh, weights }: Located, config: ModelConfig, seed: number): Omit<Model, 'config' | 'close'> {
  return { specs, fresh: fresh.map((s) => s.name), weights: layeredWeights(weights, initialWeights(fresh, config, seed)) }
}

/** A model with random tensors. `raw` is the content of its `config.json`. */
export function randomModel(raw: Readonly<Record<string, unknown>>, { labels = null, seed = 0 }: OpenOptions = {}): Model {
  const own = parseConfig(raw, 'The configuration')
  const config = labels ? { ...own, labels } : own
  const specs = FAMILIES[config.architecture].tensors(config)
  return { config, specs, weights: initialWeights(specs, config, seed), fresh: specs.map((s) => s.name), close: () => undefined }
}

/** `config.json` of a folder. */
export function readConfig(folder: string): ModelConfig {
  const path = join(folder, CONFIG_FILE)
  return parseConfig(readJson(path, RAW), path)
}

/** @param where name of the source in errors, such as its path */
export function parseConfig(raw: Readonly<Record<string, unknown>>, where: string): ModelConfig {
  const type = familyOf(raw, where)
  const known = ARCHITECTURES.find((a) => a === type)
  if (!known)
    throw new UserError(
      'model-unsupported',
      `${where} describes a model of type ${JSON.stringify(type).slice(0, 100)}. Models of these types can be used: ${ARCHITECTURES.join(', ')}.`,
    )
  try {
    return FAMILIES[known].parse(raw)
  } catch (error) {
    if (error instanceof ZodError) throw new UserError('model-damaged', `${where} ${faultIn(error)}. Download or copy the model again.`)
    throw error
  }
}
