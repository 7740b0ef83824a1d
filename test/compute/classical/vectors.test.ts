/** Word vectors that are learned by skip-gram, read from files, or looked up by tokens. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { descend, skipGram } from '../../../src/main/compute/classical/skip-gram.ts'
import { staticEmbeddings } from '../../../src/main/compute/classical/static-embeddings.ts'
import { safetensorsHeader } from '../../../src/main/model-folder/safetensors.ts'
import { seededDraws } from '../../../src/main/analysis/random.ts'
import { goldenValues, readGoldenJson } from '../../support/paths.ts'

describe('skip-gram', () => {
  test('a step goes down the gradient of its loss', () => {
    const dim = 3
    const input = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 1))
    const output = Float32Array.from({ length: 12 }, (_, i) => Math.cos(2 * i))
    const [word, targets, rate] = [1, Int32Array.from([0, 2, 3]), 1e-3]
    const loss = (v: Float64Array, u: Float64Array): number =>
      [...targets].reduce((sum, target, i) => {
        const product = [0, 1, 2].reduce((all, j) => all + v[word * dim + j]! * u[target * dim + j]!, 0)
        return sum + Math.log(1 + Math.exp(i === 0 ? -product : product))
      }, 0)
    const slope = (which: 'input' | 'output', at: number): number => {
      const value = (by: number): number => {
        const tables = { input: Float64Array.from(input), output: Float64Array.from(output) }
        tables[which][at]! += by
        return loss(tables.input, tables.output)
      }
      return (value(1e-5) - value(-1e-5)) / 2e-5
    }
    const slopes = { input: Array.from(input, (_, at) => slope('input', at)), output: Array.from(output, (_, at) => slope('output', at)) }
    const [before, after] = [
      { input: input.slice(), output: output.slice() },
      { input, output },
    ]
    descend({ input, output, change: new Float32Array(dim), dim }, word, targets, targets.length, rate)
    for (const which of ['input', 'output'] as const)
      slopes[which].forEach((each, at) => expect((after[which][at]! - before[which][at]!) / rate).toBeCloseTo(-each, 3))
  })
  test('words of the same company are close to each other, and the seed decides all', () => {
    const draw = seededDraws(1)
    const texts = Array.from({ length: 2000 }, (_, i) =>
      Array.from({ length: 10 }, () => `${i % 2 ? 'space' : 'house'}${draw(60)}`).join(' '),
    )
    const options = { dim: 10, window: 3, minCount: 2, mostWords: 200, seed: 5 }
    const { ids, vectors } = skipGram(texts, options)
    const cosine = (a: string, b: string): number => {
      const [x, y] = [a, b].map((word) => vectors.subarray(ids.get(word)! * 10, ids.get(word)! * 10 + 10)) as [Float32Array, Float32Array]
      const product = (p: Float32Array, q: Float32Array): number => p.reduce((sum, value, j) => sum + value * q[j]!, 0)
      return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
    }
    expect(cosine('space1', 'space2')).toBeGreaterThan(cosine('space1', 'house2') + 0.3)
    expect(cosine('house3', 'house4')).toBeGreaterThan(cosine('house3', 'space4') + 0.3)
    expect(skipGram(texts, options).vectors).toEqual(vectors)
    expect(skipGram(texts, { ...options, seed: 6 }).vectors).not.toEqual(vectors)
  })
})

describe('static embeddings are the means by NumPy', () => {
  const golden = (readGoldenJson('linear/classical.json') as { static_embeddings: Record<string, number[][]> }).static_embeddings
  const texts = (readGoldenJson('tokenizer/texts.json') as { text: string }[]).map(({ text }) => text)
  const tokens = readFileSync(join(goldenValues, 'tokenizer/vocab.txt'), 'utf8').trimEnd().split('\n')
  const [dim, specials] = [8, ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']]
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'static-'))
    const special = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } })
    const tokenizer = {
      added_tokens: specials.map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })), // prettier-ignore
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
        pair: [],
        special_tokens: Object.fromEntries([['[CLS]', 2] as const, ['[SEP]', 3] as const].map(([id, at]) => [id, { id, ids: [at], tokens: [id] }])),
      }, // prettier-ignore
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) }, // prettier-ignore
    }
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const table = Float32Array.from({ length: tokens.length * dim }, (_, i) => (((i * 7919) % 1009) - 504) / 256)
  const write = (
    normalize: boolean,
    further: Readonly<Record<string, { readonly dtype: 'F32' | 'I32'; readonly data: Float32Array | Int32Array }>>,
  ): void => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'model2vec', normalize }))
    const tensors = Object.entries({ embeddings: { dtype: 'F32' as const, data: table }, ...further })
    const header = safetensorsHeader(tensors.map(([name, { dtype, data }]) => ({ name, dtype, shape: name === 'embeddings' ? [data.length / dim, dim] : [data.length] }))) // prettier-ignore
    writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([header, ...tensors.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))])) // prettier-ignore
  }
  const compare = (name: string): void => {
    const { values, columns } = staticEmbeddings(folder)(texts)
    expect(columns).toBe(dim)
    golden[name]!.forEach((wanted, row) => wanted.forEach((value, j) => expect(values[row * dim + j]).toBeCloseTo(value, 5)))
  }
  test('plain', () => {
    write(false, {})
    compare('plain')
  })
  test('of length 1', () => {
    write(true, {})
    compare('unit')
  })
  test('with weights of tokens, and rows that tokens share', () => {
    write(false, {
      weights: { dtype: 'F32', data: Float32Array.from(tokens, (_, i) => 1 / (1 + (i % 4))) },
      mapping: { dtype: 'I32', data: Int32Array.from(tokens, (_, i) => i % 50) },
    })
    compare('shared')
  })
  test('a folder without the table, or with rows that are not there, is refused', () => {
    write(false, { mapping: { dtype: 'I32', data: Int32Array.from(tokens, () => 1e6) } })
    expect(() => staticEmbeddings(folder)).toThrow('do not fit its embeddings')
    copyFileSync(join(goldenValues, 'models/bert-tiny/model.safetensors'), join(folder, 'model.safetensors'))
    expect(() => staticEmbeddings(folder)).toThrow('has no table "embeddings"')
  })
})
