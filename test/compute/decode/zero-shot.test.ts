import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AskedHow } from '../../../src/contract/decoders.ts'
import { ASKED, CONTENT_FREE, following, plotTokens } from '../../../src/main/compute/decode/prompts.ts'
import { zeroShot } from '../../../src/main/compute/decode/zero-shot.ts'
import { loadTokenizer } from '../../../src/main/compute/tokenize/load.ts'
import { openModel } from '../../../src/main/compute/models/open-model.ts'
import { scratchFolder } from '../../data/support/files.ts'
import { predict } from '../models/support.ts'
import { folderOf } from '../tokenize/folders.ts'
import { byteLevel } from '../tokenize/kinds.ts'
import { openDecoder, writeDecoder } from './support.ts'

const { folder } = scratchFolder()
const path = writeDecoder(join(folder, 'decoder'), 3)
const GENRES = ['War', 'Science Fiction', 'Love']
const PLOTS = [
  { title: 'Robot', plot: 'A robot falls in love with a soldier, and both leave for another star.' },
  { title: 'Trench', plot: 'War.' },
]
/** The longest plot in tokens, so that the first one is cut. */
const LONGEST = 60

/** The log-probability of a text after a prompt, by the whole model in one pass. */
async function logProbability(tokens: readonly number[], next: readonly number[]): Promise<number> {
  const model = openModel(path)
  const { config, weights } = model
  const ids = [...tokens, ...next]
  const { data } = await predict(config, weights, { ids: [ids], mask: [ids.map(() => 1)] }, { to: { language: true } })
  model.close()
  return next.reduce((sum, id, i) => {
    const at = (tokens.length + i - 1) * config.vocabulary
    const row = (data as Float32Array).subarray(at, at + config.vocabulary)
    return sum + row[id]! - Math.log(row.reduce((total, x) => total + Math.exp(x), 0))
  }, 0)
}
const normalised = (p: readonly number[]): number[] => p.map((x) => x / p.reduce((a, b) => a + b, 0))
const sum = (rows: readonly (readonly number[])[]): number[] => rows[0]!.map((_, i) => rows.reduce((total, row) => total + row[i]!, 0))

describe('probabilities are those of the words, over those after texts without content', () => {
  test.each(['yes-no', 'name'] as const)('%s', async (how: AskedHow) => {
    const model = await openDecoder(path)
    const { tokenizer } = model
    const asked = await zeroShot(model, GENRES, how, LONGEST)
    const found = await asked.ask(PLOTS)
    /** For each question the probabilities of its answers. */
    const answers = async (plot: (typeof PLOTS)[number]): Promise<number[][]> => {
      const before = plotTokens(tokenizer, plot, LONGEST)
      const probability = async (question: string, answer: string): Promise<number> =>
        Math.exp(await logProbability([...before, ...following(tokenizer, question)], following(tokenizer, answer, question)))
      if (how === 'name') return [normalised(await Promise.all(GENRES.map((genre) => probability('\nGenre:', ` ${genre}`))))]
      const question = (genre: string): string => `\nQuestion: Is this a movie of the genre ${genre}? Answer yes or no.\nAnswer:`
      // this vocabulary has a token for the space, and one for each letter
      const first = (genre: string, answer: string): Promise<number> =>
        logProbability([...before, ...following(tokenizer, question(genre))], following(tokenizer, answer, question(genre))).then(Math.exp)
      return Promise.all(GENRES.map(async (genre) => normalised([await first(genre, ' y'), await first(genre, ' n')])))
    }
    const free = await Promise.all(CONTENT_FREE.map(answers))
    const base = free[0]!.map((_, q) => sum(free.map((row) => row[q]!)).map((x) => x / free.length))
    for (const [r, plot] of PLOTS.entries()) {
      const own = (await answers(plot)).map((p, q) => normalised(p.map((x, i) => x / base[q]![i]!)))
      const want = how === 'name' ? own[0]! : own.map(([yes]) => yes!)
      want.forEach((p, g) => expect(found[r * GENRES.length + g]).toBeCloseTo(p, 4))
    }
  })
})

test('a question begins a line, although the vocabulary has a token for a full stop and the end of a line', () => {
  const model = byteLevel['model'] as { vocab: Record<string, number>; merges: string[][] }
  const joined = { ...byteLevel, model: { ...model, vocab: { ...model.vocab, '.Ċ': 262 }, merges: [...model.merges, ['.', 'Ċ']] } }
  const tokenizer = loadTokenizer(folderOf({ 'tokenizer.json': joined }))
  expect([...tokenizer.encode('e.\nf', { frame: 'none' }).ids].map((id) => tokenizer.token(id))).toContain('.Ċ')
  expect(tokenizer.text(ASKED.name(tokenizer, 'War').tokens)).toBe('\nGenre: Wa')
})
test('a tokenizer that joins an answer with its question is refused', async () => {
  const { tokenizer } = await openDecoder(path)
  const joining = { ...tokenizer, encode: (text: string) => ({ ids: Int32Array.of(text.length), offsets: new Int32Array() }) }
  expect(() => ASKED.name(joining, 'War')).toThrow(/joins/)
})
