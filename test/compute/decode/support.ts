/** A small decoder with random weights that reads and writes bytes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LanguageModel } from '../../../src/main/compute/decode/language-model.ts'
import { randomModel } from '../../../src/main/compute/models/open-model.ts'
import { byteLevel } from '../tokenize/kinds.ts'
import { SMALL, storedOf, writeModel } from '../models/support.ts'

const CONFIG = { ...SMALL.qwen3, vocab_size: 300, max_position_embeddings: 400, initializer_range: 0.4, eos_token_id: 299 }

/** Writes the folder of a model. */
export function writeDecoder(folder: string, seed = 1): string {
  const { weights } = randomModel(CONFIG, { seed })
  writeModel(folder, CONFIG, storedOf(weights))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(byteLevel))
  return folder
}
export async function openDecoder(folder: string): Promise<LanguageModel> {
  const model = await LanguageModel.open(folder, { device: 'cpu', threads: 1 })
  onTestFinished(() => model.close())
  return model
}
