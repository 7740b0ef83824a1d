/** Trained models as folders that other programs open. Each folder is whole or not there. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolderAtomically } from '../../../files/atomic.ts'
import type { ModelConfig } from '../config.ts'
import type { TensorSpec } from '../family.ts'
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG_FILE, LABELS_FILE, TOKENIZER_FILES, WEIGHTS_FILE } from '../../../model-folder/files.ts'
import { peftConfig } from '../lora/peft-config.ts'
import { peftTensors, type Adapter } from '../lora/peft.ts'
import { writeSafetensors } from '../../../model-folder/safetensors.ts'
import type { Weights } from '../weights.ts'
import { configOut } from './config-out.ts'
import { writeOnnx } from './onnx.ts'

/** A classifier with its own labels; adapters are merged into `weights` already. */
export interface ExportSource {
  readonly config: ModelConfig
  readonly specs: readonly TensorSpec[]
  readonly weights: Weights
}
/** The tokenizer's files: the folder of the base model, or files by name and content. */
export type TokenizerFiles = { readonly folder: string } | { readonly files: Readonly<Record<string, string>> }

/** `config.json`, `model.safetensors` and the tokenizer: what `from_pretrained` of Transformers loads. @throws UserError as {@link makeFolderAtomically} */
export function exportMerged(path: string, trained: ExportSource, tokenizer: TokenizerFiles): Promise<void> {
  return makeFolderAtomically(path, (folder) => {
    writeJson(folder, CONFIG_FILE, configOut(trained.config))
    writeTokenizer(folder, tokenizer)
    const { weights } = trained
    const specs = trained.specs.filter((s) => s.part !== 'language')
    writeSafetensors(
      join(folder, WEIGHTS_FILE),
      specs.map(({ name, shape }) => ({ name, shape, read: () => weights.read(name) })),
    )
    return Promise.resolve()
  })
}

/**
 * Writes the folder that PEFT's `PeftModel.from_pretrained` loads, with the names of the labels beside it.
 * @param base name or folder of the model that it belongs to
 */
export function exportAdapter(
  path: string,
  adapter: Adapter,
  config: ModelConfig,
  base: string | null,
  tokenizer: TokenizerFiles,
): Promise<void> {
  return makeFolderAtomically(path, (folder) => {
    writeJson(folder, ADAPTER_CONFIG, peftConfig(adapter.lora, config, base))
    writeJson(folder, LABELS_FILE, { id2label: configOut(config)['id2label'] })
    writeTokenizer(folder, tokenizer)
    writeSafetensors(join(folder, ADAPTER_WEIGHTS), peftTensors(adapter))
    return Promise.resolve()
  })
}

/** `onnx/model.onnx` with `config.json` and the tokenizer: what transformers.js loads; the file alone runs in any ONNX runtime. */
export function exportOnnx(path: string, trained: ExportSource, tokenizer: TokenizerFiles): Promise<void> {
  return makeFolderAtomically(path, (folder) => {
    writeJson(folder, CONFIG_FILE, configOut(trained.config))
    writeTokenizer(folder, tokenizer)
    mkdirSync(join(folder, 'onnx'))
    writeOnnx(join(folder, 'onnx', 'model.onnx'), trained.config, trained.weights)
    return Promise.resolve()
  })
}

const writeJson = (folder: string, name: string, value: unknown): void =>
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`, { flush: true })

function writeTokenizer(folder: string, tokenizer: TokenizerFiles): void {
  if ('files' in tokenizer) {
    for (const [name, text] of Object.entries(tokenizer.files)) writeFileSync(join(folder, name), text, { flush: true })
    return
  }
  for (const name of TOKENIZER_FILES) {
    const source = join(tokenizer.folder, name)
    if (existsSync(source)) copyFileSync(source, join(folder, name))
  }
}
