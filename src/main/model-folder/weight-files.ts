/** The weights of a folder: one file, or several with an index (Transformers, "Sharded checkpoints"). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { INDEX_FILE, isWeights, WEIGHTS_FILE } from './files.ts'
import { readJson } from './json-file.ts'
import { SafetensorsFile, type TensorEntry } from './safetensors.ts'

const PICKLES = ['pytorch_model.bin', 'pytorch_model.bin.index.json']
const MAX_SHARDS = 10_000

const INDEX = z.looseObject({ weight_map: z.record(z.string(), z.string().max(255)) })

/** Open files of weights. */
export interface WeightFiles {
  readonly names: readonly string[]
  readonly files: readonly SafetensorsFile[]
  find(name: string): { readonly file: SafetensorsFile; readonly entry: TensorEntry } | null
  close(): void
}

/** @throws UserError `model-missing`, `model-damaged`, `file-not-readable` */
export function openWeightFiles(folder: string): WeightFiles {
  const single = join(folder, WEIGHTS_FILE)
  if (existsSync(single)) return filesOf([new SafetensorsFile(single)], null)
  if (existsSync(join(folder, INDEX_FILE))) return openShards(folder)
  const pickle = PICKLES.find((name) => existsSync(join(folder, name)))
  if (pickle !== undefined)
    throw new UserError(
      'model-is-pickle',
      `${folder} has its weights in ${pickle} only. Such files can run programs when they are opened, so they are not read: convert the model to safetensors (Transformers' save_pretrained does).`,
      { folder },
    )
  throw new UserError('model-missing', `${folder} has no ${WEIGHTS_FILE}. Choose a model's folder in the layout of Hugging Face.`, {
    folder,
  })
}

function filesOf(files: readonly SafetensorsFile[], shardOf: ReadonlyMap<string, SafetensorsFile> | null): WeightFiles {
  const at = new Map(files.flatMap((file) => [...file.header.tensors.keys()].map((name) => [name, file] as const)))
  return {
    names: [...(shardOf ?? at).keys()],
    files,
    find: (name) => {
      const file = (shardOf ?? at).get(name)
      return file ? { file, entry: file.entry(name) } : null
    },
    close: () => files.forEach((file) => file.close()),
  }
}

function openShards(folder: string): WeightFiles {
  const damaged = (why: string): UserError =>
    new UserError('model-damaged', `${join(folder, INDEX_FILE)} ${why}. Download or copy the model again.`, { folder })
  const index = readJson(join(folder, INDEX_FILE), INDEX).weight_map
  const names = [...new Set(Object.values(index))].sort()
  if (names.length === 0 || names.length > MAX_SHARDS) throw damaged(`names ${names.length} files`)
  const strange = names.find((name) => !isWeights(name))
  if (strange !== undefined) throw damaged(`names ${JSON.stringify(strange)}, which is not the name of a file of weights`)
  const lacking = names.filter((name) => !existsSync(join(folder, name)))
  if (lacking.length > 0)
    throw damaged(`names ${names.length} files, of which ${lacking.length} are missing (${lacking.slice(0, 3).join(', ')})`)
  const shards = new Map<string, SafetensorsFile>()
  try {
    for (const name of names) shards.set(name, new SafetensorsFile(join(folder, name)))
    return filesOf([...shards.values()], placed(new Map(Object.entries(index)), shards, damaged))
  } catch (error) {
    for (const file of shards.values()) file.close()
    throw error
  }
}

/** The file of each tensor. Checks that it is in the file that the index names, and in no other. */
function placed(
  index: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, SafetensorsFile>,
  damaged: (why: string) => UserError,
): ReadonlyMap<string, SafetensorsFile> {
  const found = new Map<string, SafetensorsFile>()
  for (const [name, shard] of index) {
    const file = shards.get(shard)
    if (!file?.header.tensors.has(name)) throw damaged(`says that "${name}" is in ${shard}, which does not have it`)
    found.set(name, file)
  }
  for (const [shard, file] of shards)
    for (const name of file.header.tensors.keys()) {
      const named = index.get(name) ?? shard
      if (named !== shard) throw damaged(`says that "${name}" is in ${named}, but ${shard} has one, too`)
    }
  return found
}
