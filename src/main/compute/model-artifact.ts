/**
 * Writes and loads what a training stores. If the whole model was trained (from scratch, or in full), the folder has the layout of
 * Hugging Face and contains the tokenizer. Otherwise it contains one file with the trained tensors, adapters included; the other tensors
 * are read from the base model's folder.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { NOT_TRAINING } from '../../contract/jobs.ts'
import type { TransformerConfig } from '../../contract/models.ts'
import type { ModelConfig } from './models/config.ts'
import type { TensorSpec } from './models/family.ts'
import { configOut } from './models/export/config-out.ts'
import { planLora } from './models/lora/adapters.ts'
import { openStart } from './models/lora/begin.ts'
import { mergedWeights } from './models/lora/merge.ts'
import type { Adapter } from './models/lora/peft.ts'
import { stackedAdapters } from './models/lora/stack.ts'
import { CONFIG_FILE, foldFile, FOLDS_FILE, TOKENIZER_FILES, VOCABULARY_FILE, WEIGHTS_FILE } from '../model-folder/files.ts'
import { openModel } from './models/open-model.ts'
import { packContainer, unpackContainer } from '../model-folder/container.ts'
import { SafetensorsFile, writeSafetensors } from '../model-folder/safetensors.ts'
import { heldWeights, layeredWeights, type Weights } from './models/weights.ts'
import { loadTokenizer } from './tokenize/load.ts'
import type { Tokenizer } from './tokenize/types.ts'

/** The trained tensors, if the others are those of the base model. */
const TRAINED_FILE = 'trained.safetensors'

/** Tensors by name, in memory. */
export type TrainedTensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/** The tokenizer of a whole model: the lines of a learned vocabulary, or the folder of the base model. */
export type TokenizerSource = { readonly vocabulary: readonly string[] } | { readonly folder: string }

function write(path: string, tensors: TrainedTensors): void {
  writeSafetensors(
    path,
    Array.from(tensors, ([name, { shape, data }]) => ({ name, shape, read: () => data })),
  )
}

/** Writes a complete model into a new folder. `config.labels` are the names of its outputs. */
export function writeWholeModel(folder: string, config: ModelConfig, tensors: TrainedTensors, tokenizer: TokenizerSource): void {
  makeNew(folder)
  writeFileSync(join(folder, CONFIG_FILE), `${JSON.stringify(configOut(config), null, 2)}\n`)
  write(join(folder, WEIGHTS_FILE), tensors)
  if ('vocabulary' in tokenizer) writeFileSync(join(folder, VOCABULARY_FILE), `${tokenizer.vocabulary.join('\n')}\n`)
  else for (const name of TOKENIZER_FILES) copyIfThere(join(tokenizer.folder, name), join(folder, name))
}
/** Removes what a killed process left there. */
function makeNew(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}
const copyIfThere = (from: string, to: string): void => void (existsSync(from) && copyFileSync(from, to))

/** Writes the trained tensors of a fold into the folder of the model. */
export const writeFoldTensors = (folder: string, fold: number, tensors: TrainedTensors): void =>
  write(join(folder, foldFile(fold)), tensors)
/** Writes which fold predicted each movie: those of the training part. `fold`: NOT_TRAINING for the others. */
export function writeFoldOfMovies(folder: string, movies: Int32Array, fold: Uint8Array): void {
  const rows = movies.map((_, row) => row).filter((row) => fold[row] !== NOT_TRAINING)
  const [ofFolds, folds] = [rows.map((row) => movies[row]!), Uint8Array.from(rows, (row) => fold[row]!)]
  writeFileSync(join(folder, FOLDS_FILE), packContainer(null, [['movies', { data: ofFolds }], ['fold', { data: folds }]])) // prettier-ignore
}
/** The fold that predicted a movie; null for other movies, and where the models of the folds are not stored. */
export function foldsOfMovies(folder: string): (movie: number) => number | null {
  const path = join(folder, FOLDS_FILE)
  if (!existsSync(path)) return () => null
  const { tensors } = unpackContainer(readFileSync(path))
  const [movies, folds] = [tensors.get('movies')?.data, tensors.get('fold')?.data]
  if (!(movies instanceof Int32Array && folds instanceof Uint8Array && movies.length === folds.length))
    throw new UserError('model-damaged', `${path} does not say which fold predicted each movie: train again.`)
  return (movie) => folds[movies.indexOf(movie)] ?? null
}

/** Writes the trained tensors into a new folder. */
export function writeTrainedTensors(folder: string, tensors: TrainedTensors): void {
  makeNew(folder)
  write(join(folder, TRAINED_FILE), tensors)
}

export interface ModelArtifact {
  readonly config: Pick<TransformerConfig, 'mode' | 'lora' | 'model' | 'outOfFold'>
  readonly folder: string
  /** Base model's folder; null if `folder` holds a complete model. */
  readonly modelFolder: string | null
  /** Folder of the adapter that the training started from; null for none. */
  readonly adapterFolder: string | null
  readonly genreNames: readonly string[]
}
/** A trained model whose adapters are merged into its weights. */
export interface LoadedArtifact {
  readonly config: ModelConfig
  readonly specs: readonly TensorSpec[]
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  /** The adapters themselves, including those that the training started from, and the other trained tensors; null if none were trained. */
  readonly adapters: Adapter | null
  close(): void
}

/** @param fold opens the model of this fold; null: the final one @throws UserError if files are missing, damaged or not supported */
export function openArtifact(
  { config: recipe, folder, modelFolder, adapterFolder, genreNames }: ModelArtifact,
  fold: number | null = null,
): LoadedArtifact {
  if (modelFolder === null) {
    const model = openModel(folder)
    const weights = fold === null ? model.weights : layeredWeights(readPart(join(folder, foldFile(fold))), model.weights)
    return { ...model, weights, tokenizer: loadTokenizer(folder, model.config.vocabulary), adapters: null }
  }
  const settings = recipe.mode === 'lora' ? recipe.lora : null
  const { model: base, merged } = openStart({ modelFolder, adapterFolder }, { labels: genreNames }, settings)
  try {
    const trained = readPart(join(folder, fold === null ? TRAINED_FILE : foldFile(fold)))
    const whole = layeredWeights(trained, base.weights)
    const headsAlone = fold !== null && recipe.outOfFold === 'head'
    const lora = settings && !headsAlone ? planLora(base.config, base.specs, settings) : null
    const weights = lora ? mergedWeights(whole, trained, lora) : whole
    assertFits(base.specs, trained, folder)
    const own = lora && { weights: trained, lora }
    const adapters = own && merged ? stackedAdapters(merged, own, base.specs) : own
    return { ...base, weights, tokenizer: loadTokenizer(modelFolder, base.config.vocabulary), adapters }
  } catch (error) {
    base.close()
    throw error
  }
}

/** Reads all tensors of a file into memory. */
function readPart(path: string): Weights {
  const file = new SafetensorsFile(path)
  try {
    const tensors = new Map([...file.header.tensors.values()].map(({ name, shape }) => [name, { shape, data: file.float32(name) }]))
    return heldWeights(tensors, (name) => new UserError('model-damaged', `${path} has no tensor "${name}".`))
  } finally {
    file.close()
  }
}

/** The shapes of trained tensors must be those of the base model. */
function assertFits(specs: readonly TensorSpec[], trained: Weights, folder: string): void {
  for (const { name, shape } of specs)
    if (trained.has(name) && trained.shape(name).join() !== shape.join())
      throw new UserError(
        'model-damaged',
        `${join(folder, TRAINED_FILE)} does not fit its model: "${name}" is ${trained.shape(name).join(' x ')}, not ${shape.join(' x ')}.`,
      )
}
