/** Texts that a decoder writes. */
import { uniforms } from '../models/initial.ts'
import type { LanguageModel, Reading } from './language-model.ts'
import { nextToken, type Sampling } from './sampling.ts'

export interface Writing extends Sampling {
  readonly seed: number
  /** Longest text that is written, in tokens. */
  readonly maxTokens: number
}
/** A text to be continued. */
export interface Prompt {
  readonly tokens: readonly number[]
  /** Names the text: with the seed, it determines what is drawn, whatever else is in the batch. */
  readonly key: string
}

/**
 * Continues texts until the end of a line, an end token, or the longest length.
 * @param turn called after each token; lets messages arrive
 * @returns the written texts, trimmed
 */
export async function write(
  model: LanguageModel,
  prompts: readonly Prompt[],
  writing: Writing,
  turn: () => Promise<void>,
): Promise<string[]> {
  const { tokenizer, vocabulary, ends } = model
  const rows = prompts.map(({ key }) => ({ tokens: [] as number[], draw: uniforms(writing.seed, key), done: false }))
  let { reading, logits } = await model.read(
    prompts.map(({ tokens }) => tokens),
    writing.maxTokens,
  )
  for (let step = 0; step < writing.maxTokens; step++) {
    const chosen = rows.map((row, r) => {
      const token = row.done ? 0 : nextToken(logits.subarray(r * vocabulary, (r + 1) * vocabulary), writing, row.draw)
      row.done ||= ends.has(token)
      if (!row.done) row.tokens.push(token)
      row.done ||= row.tokens.length >= writing.maxTokens || /\S[^\n]*\n/.test(tokenizer.text(row.tokens))
      return [token]
    })
    await turn()
    if (rows.every(({ done }) => done)) break
    const next: { reading: Reading; logits: Float32Array } = await model.continued(reading, chosen)
    reading = next.reading
    logits = next.logits
  }
  return rows.map(({ tokens }) => tokenizer.text(tokens).trim().split('\n')[0]!.trim())
}
