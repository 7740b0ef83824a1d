/**
 * What a training leaves in its folder, and a model again from it. Of a model that was trained whole (from scratch, or in full) the
 * folder is one as Hugging Face lays them out, with its tokenizer. Of any other it holds the tensors that were trained, adapters
 * among them, in one file; the rest is read from the folder it began from.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import type { ModelConfig } from './models/config.ts'
import type { TensorSpec } from './models/family.ts'
import { configOut } from './models/export/config-out.ts'
import { planLora } from './models/lora/adapters.ts'
import { openStart } from './models/lora/begin.ts'
import { mergedWeights } from './models/lora/merge.ts'
import type { Adapter } from './models/lora/peft.ts'
import { stackedAdapters } from './models/lora/stack.ts'
import { CONFIG_FILE, TOKENIZER_FILES, VOCABULARY_FILE, WEIGHTS_FILE } from '../model-folder/files.ts'
import { openModel } from './models/open-model.ts'
import { SafetensorsFile, writeSafetensors } from '../model-folder/safetensors.ts'
import { heldWeights, layeredWeights, type Weights } from './models/weights.ts'
import { loadTokenizer } from './tokenize/load.ts'
import type { Tokenizer } from './tokenize/types.ts'

/** Tensors that were trained, beside those of the model it began from. */
const TRAINED_FILE = 'trained.safetensors'

/** Tensors by name, in memory. */
export type TrainedTensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/** Where the tokenizer of a whole model comes from: the lines of a learnt vocabulary, or the folder of the model it began from. */
export type TokenizerSource = { readonly vocabulary: readonly string[] } | { readonly folder: string }

function write(path: string, tensors: TrainedTensors): void {
  writeSafetensors(
    path,
    Array.from(tensors, ([name, { shape, data }]) => ({ name, shape, read: () => data })),
  )
}

/** Writes a whole model into a new folder. Its outputs are called as `config.labels` says. */
export function writeWholeModel(folder: string, config: ModelConfig, tensors: TrainedTensors, tokenizer: TokenizerSource): void {
  makeNew(folder)
  writeFileSync(join(folder, CONFIG_FILE), `${JSON.stringify(configOut(config), null, 2)}\n`)
  write(join(folder, WEIGHTS_FILE), tensors)
  if ('vocabulary' in tokenizer) writeFileSync(join(folder, VOCABULARY_FILE), `${tokenizer.vocabulary.join('\n')}\n`)
  else for (const name of TOKENIZER_FILES) copyIfThere(join(tokenizer.folder, name), join(folder, name))
}
/** What a killed process left there goes. */
function makeNew(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}
const copyIfThere = (from: string, to: string): void => void (existsSync(from) && copyFileSync(from, to))

/** Writes the tensors that were trained into a new folder. */
export function writeTrainedTensors(folder: string, tensors: TrainedTensors): void {
  makeNew(folder)
  write(join(folder, TRAINED_FILE), tensors)
}

export interface ModelArtifact {
  readonly config: Pick<TransformerConfig, 'mode' | 'lora' | 'model'>
  readonly folder: string
  /** Of the model it began from; null where `folder` is whole. */
  readonly modelFolder: string | null
  /** Of the adapter of that model that it began from; null: none. */
  readonly adapterFolder: string | null
  readonly genreNames: readonly string[]
}
/** A trained model, ready to become a graph; adapters are part of its weights. */
export interface LoadedArtifact {
  readonly config: ModelConfig
  readonly specs: readonly TensorSpec[]
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  /** The adapters apart, those it began from included, with what else was trained; null where none were trained. */
  readonly adapters: Adapter | null
  close(): void
}

/** @throws UserError of files that are missing, damaged or of a kind that cannot be used */
export function openArtifact({ config: recipe, folder, modelFolder, adapterFolder, genreNames }: ModelArtifact): LoadedArtifact {
  if (modelFolder === null) {
    const model = openModel(folder)
    return { ...model, tokenizer: loadTokenizer(folder), adapters: null }
  }
  const wish = recipe.mode === 'lora' ? recipe.lora : null
  const { model: base, merged } = openStart({ modelFolder, adapterFolder }, { labels: genreNames }, wish)
  try {
    const trained = readPart(join(folder, TRAINED_FILE))
    const whole = layeredWeights(trained, base.weights)
    const lora = wish && planLora(base.config, base.specs, wish)
    const weights = lora ? mergedWeights(whole, trained, lora) : whole
    assertFits(base.specs, trained, folder)
    const own = lora && { weights: trained, lora }
    const adapters = own && merged ? stackedAdapters(merged, own, base.specs) : own
    return { ...base, weights, tokenizer: loadTokenizer(modelFolder), adapters }
  } catch (error) {
    base.close()
    throw error
  }
}

/** All tensors of a file in memory. */
function readPart(path: string): Weights {
  const file = new SafetensorsFile(path)
  try {
    const tensors = new Map([...file.header.tensors.values()].map(({ name, shape }) => [name, { shape, data: file.float32(name) }]))
    return heldWeights(tensors, (name) => new UserError('model-damaged', `${path} has no tensor "${name}".`))
  } finally {
    file.close()
  }
}

/** Trained tensors must be those of the model beside which they are used. */
function assertFits(specs: readonly TensorSpec[], trained: Weights, folder: string): void {
  for (const { name, shape } of specs)
    if (trained.has(name) && trained.shape(name).join() !== shape.join())
      throw new UserError(
        'model-damaged',
        `${join(folder, TRAINED_FILE)} does not fit its model: "${name}" is ${trained.shape(name).join(' x ')}, not ${shape.join(' x ')}.`,
      )
}
