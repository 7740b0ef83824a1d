import { copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DECODERS } from '../../../src/contract/models.ts'
import { LanguageModel, type Branch } from '../../../src/main/compute/decode/language-model.ts'
import { openModel } from '../../../src/main/compute/models/open-model.ts'
import { SafetensorsFile } from '../../../src/main/model-folder/safetensors.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { goldenModels } from '../../support/paths.ts'
import { difference, predict, safetensors, stored, storedOf, type Texts } from '../models/support.ts'

const { folder } = scratchFolder()
const LETTERS = ['<unk>', '<s>', '</s>', '\u2581', ...Array.from('abcdefghijklmnopqrstuvwxyz')]
/** One token for each letter. */
const TOKENIZER = JSON.stringify({
  added_tokens: [1, 2].map((id) => ({ id, content: LETTERS[id], special: true, normalized: false })),
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
  pre_tokenizer: null,
  post_processor: null,
  model: { type: 'BPE', unk_token: '<unk>', vocab: Object.fromEntries(LETTERS.map((token, id) => [token, id])), merges: [] },
})

/** A folder with a golden decoder, its head for words, and a tokenizer. */
function folderOf(architecture: string): string {
  const [from, to] = [join(goldenModels, `${architecture}-tiny`), join(folder, `${architecture}-${Math.random()}`)]
  cpSync(from, to, { recursive: true })
  writeFileSync(join(to, 'tokenizer.json'), TOKENIZER)
  if (architecture === 'llama') {
    const model = openModel(from)
    const head = new SafetensorsFile(join(from, 'causal_lm.safetensors'))
    const own = { ...storedOf(model.weights, model.specs.map((s) => s.name)), 'lm_head.weight': stored(head.entry('lm_head.weight').shape, head.float32('lm_head.weight')) } // prettier-ignore
    writeFileSync(join(to, 'model.safetensors'), safetensors(own))
    model.close()
  }
  return to
}
async function opened(path: string): Promise<LanguageModel> {
  const model = await LanguageModel.open(path, { device: 'cpu', threads: 1 })
  onTestFinished(() => model.close())
  return model
}

describe.each(DECODERS)('%s', (architecture) => {
  test('predicts words token by token as PyTorch does in one pass', async () => {
    const path = folderOf(architecture)
    const model = await opened(path)
    const reference = new SafetensorsFile(join(path, 'causal_lm.safetensors'))
    const { shape } = reference.entry('input_ids')
    const [texts, width] = [shape[0]!, shape[1]!]
    const ids = Array.from(reference.int64('input_ids'), Number)
    const mask = Array.from(reference.int64('attention_mask'), Number)
    const want = reference.float32('logits')
    const lengths = Array.from({ length: texts }, (_, r) => mask.slice(r * width, (r + 1) * width).filter((m) => m === 1).length)
    const tokens = (r: number, from: number, to: number): number[] => ids.slice(r * width + from, r * width + to)
    const after = (r: number, length: number): Float32Array => want.subarray((r * width + length - 1) * model.vocabulary, (r * width + length) * model.vocabulary) // prettier-ignore
    // texts of different lengths in one batch; then those that go on, one token at a time
    const starts = lengths.map((length) => Math.max(1, length - 3))
    let { reading, logits } = await model.read(starts.map((end, r) => tokens(r, 0, end)), 5) // prettier-ignore
    const got = (r: number): Float32Array => logits.subarray(r * model.vocabulary, (r + 1) * model.vocabulary)
    lengths.forEach((_, r) => expect(difference(got(r), after(r, starts[r]!))).toBeLessThan(1e-5))
    for (let step = 1; step <= 3; step++) {
      const next = await model.continued(reading, lengths.map((_, r) => [ids[r * width + starts[r]! + step - 1] ?? 0])) // prettier-ignore
      reading = next.reading
      logits = next.logits
      lengths.forEach((length, r) => {
        if (starts[r]! + step <= length) expect(difference(got(r), after(r, starts[r]! + step))).toBeLessThan(1e-5)
      })
    }
    reference.close()
  })

  test('scores branches side by side as each alone after the text', async () => {
    const path = folderOf(architecture)
    const model = await opened(path)
    const texts = [
      [5, 9, 12, 7, 20],
      [8, 4],
    ]
    const branches: Branch[] = [
      { tokens: [6, 7, 8], targets: [[9, 10], [], [11, 12]] },
      { tokens: [13], targets: [[3, 4]] },
      { tokens: [6, 14, 15, 16], targets: [[], [17, 18], [], [19, 20]] },
    ]
    const { reading } = await model.read(texts, 8)
    const found = await model.scores(reading, branches)
    // the reading stays as it was
    expect(await model.scores(reading, branches)).toEqual(found)
    const whole = openModel(path)
    for (const [r, text] of texts.entries()) {
      const want: number[] = []
      for (const { tokens, targets } of branches) {
        const all = [...text, ...tokens]
        const input: Texts = { ids: [all], mask: [all.map(() => 1)] }
        const { data } = await predict(whole.config, whole.weights, input, { to: { language: true } })
        targets.forEach((ids, i) => {
          const row = (data as Float32Array).subarray((text.length + i) * model.vocabulary, (text.length + i + 1) * model.vocabulary)
          const norm = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))
          want.push(...ids.map((id) => row[id]! - norm))
        })
      }
      expect(difference(found[r]!, want)).toBeLessThan(1e-5)
    }
    whole.close()
  })
})

describe('refused', () => {
  test('an encoder', async () => {
    const path = folderOf('roberta')
    await expect(LanguageModel.open(path, { device: 'cpu', threads: 1 })).rejects.toThrow(/family roberta, which does not write text/)
  })
  test('a classifier without a head for words', async () => {
    const path = folderOf('mistral')
    copyFileSync(join(goldenModels, 'llama-tiny/config.json'), join(path, 'config.json'))
    copyFileSync(join(goldenModels, 'llama-tiny/model.safetensors'), join(path, 'model.safetensors'))
    await expect(LanguageModel.open(path, { device: 'cpu', threads: 1 })).rejects.toThrow(/no head that predicts words/)
  })
  test('branches for which no slots were spared', async () => {
    const model = await opened(folderOf('qwen3'))
    const { reading } = await model.read([[5, 6]], 1)
    await expect(model.scores(reading, [{ tokens: [7, 8], targets: [[], [9]] }])).rejects.toThrow(/2 tokens of branches for 1 slots/)
  })
})
