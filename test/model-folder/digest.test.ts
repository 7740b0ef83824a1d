import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelDigest } from '../../src/main/model-folder/digest.ts'
import { writeModel } from '../hub/tiny-model.ts'
import { scratch } from '../support/project.ts'

test('names what a model computes and how it reads, and nothing else', async () => {
  const modelFolder = writeModel(join(scratch(), 'm'))
  const digest = (): Promise<string> => modelDigest({ modelFolder, adapterFolder: null })
  const first = await digest()
  writeFileSync(join(modelFolder, 'README.md'), 'another description')
  expect(await digest()).toBe(first)
  const seen = new Set([first])
  // lower case or not, and which words are special, is said there
  for (const name of [
    'config.json',
    'vocab.txt',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'model.safetensors.index.json',
    'tokenizer.json',
  ]) {
    writeFileSync(join(modelFolder, name), '{"other": true}')
    const other = await digest()
    expect(seen.has(other)).toBe(false)
    seen.add(other)
  }
})
