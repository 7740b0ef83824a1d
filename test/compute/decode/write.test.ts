import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plotTokens } from '../../../src/main/compute/decode/prompts.ts'
import { write, type Prompt, type Writing } from '../../../src/main/compute/decode/write.ts'
import { openModel } from '../../../src/main/compute/models/open-model.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { predict } from '../models/support.ts'
import { openDecoder, writeDecoder } from './support.ts'

const { folder } = scratchFolder()
const path = writeDecoder(join(folder, 'decoder'))
const turn = (): Promise<void> => Promise.resolve()
const SETTINGS: Writing = { temperature: 0, topP: 1, seed: 7, maxTokens: 12 }
const plots = ['A robot falls in love.', 'War.', 'Two thieves plan their last job in a small town.']

test('greedy text is what the whole model predicts again and again', async () => {
  const model = await openDecoder(path)
  const prompts = plots.map((plot, i): Prompt => ({ tokens: plotTokens(model.tokenizer, { title: 'T', plot }, 100), key: String(i) }))
  const written = await write(model, prompts, SETTINGS, turn)
  const whole = openModel(path)
  for (const [i, { tokens }] of prompts.entries()) {
    const own: number[] = []
    while (own.length < SETTINGS.maxTokens && !/\S[^\n]*\n/.test(model.tokenizer.text(own))) {
      const ids = [...tokens, ...own]
      const { data } = await predict(whole.config, whole.weights, { ids: [ids], mask: [ids.map(() => 1)] }, { rows: [ids.length - 1] })
      const row = [...(data as Float32Array)]
      const token = row.indexOf(Math.max(...row))
      if (token === 299) break
      own.push(token)
    }
    expect(written[i]).toBe(model.tokenizer.text(own).trim().split('\n')[0]!.trim())
  }
  whole.close()
})
test('drawn text depends on seed and key, and not on the rest of the batch', async () => {
  const model = await openDecoder(path)
  const prompt = (key: string): Prompt => ({ tokens: plotTokens(model.tokenizer, { title: 'T', plot: plots[0]! }, 100), key })
  const drawn = (keys: readonly string[], seed = 7): Promise<string[]> =>
    write(model, keys.map(prompt), { ...SETTINGS, temperature: 1, topP: 0.95, seed }, turn)
  const [a, b] = await drawn(['a', 'b'])
  expect(a).not.toBe(b)
  expect(await drawn(['c', 'b', 'a'])).toEqual([expect.any(String), b, a])
  expect((await drawn(['a'], 8))[0]).not.toBe(a)
})
