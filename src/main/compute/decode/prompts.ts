/** The prompts of a decoder. The wording is part of every result: {@link PROMPT_VERSION} changes with it. */

import type { AskedHow } from '../../../contract/decoders.ts'
import { UserError } from '../../../contract/errors.ts'
import type { Tokenizer } from '../tokenize/types.ts'
import type { Branch } from './language-model.ts'

export const PROMPT_VERSION = 1

export interface Plot {
  readonly title: string
  readonly plot: string
}

/** Texts without content, by which probabilities are calibrated: Zhao et al., arXiv:2102.09690, section 5. */
export const CONTENT_FREE: readonly Plot[] = ['N/A', '[MASK]', ''].map((text) => ({ title: text, plot: text }))

/** Tokens of title and plot. Of a long plot the end is cut off. */
export const plotTokens = (tokenizer: Tokenizer, { title, plot }: Plot, maxTokens: number): number[] => [
  ...tokenizer.encode(`Title: ${title}\nPlot: ${plot}`, { maxTokens, frame: 'before' }).ids,
]

/** Something that may have been read before. It ends with a letter, because many vocabularies have a token for a full stop and a line's end. */
const BEFORE = 'They live'
/** Tokens of a text that continues another. @throws UserError `no-language-model` if they depend on what was before */
export function following(tokenizer: Tokenizer, text: string, before = BEFORE): number[] {
  const ids = (of: string): number[] => [...tokenizer.encode(of, { frame: 'none' }).ids]
  const [start, all] = [ids(before), ids(before + text)]
  if (start.every((id, i) => all[i] === id)) return all.slice(start.length)
  throw new UserError(
    'no-language-model',
    `The model's tokenizer joins ${JSON.stringify(text)} with the text before it, so its probability cannot be read. Choose another model.`,
  )
}

/** The request for a condensed plot, after the plot. */
export const condenseTokens = (tokenizer: Tokenizer, words: number): number[] =>
  following(tokenizer, `\n\nThe plot in at most ${words} words, with setting, conflict and mood:`)

/** How genres are asked for. */
export const ASKED = {
  /** Does the movie have the genre? One question for each: probabilities of yes against no, independent of each other. */
  'yes-no': (tokenizer: Tokenizer, genre: string): Branch => {
    const question = `\nQuestion: Is this a movie of the genre ${genre}? Answer yes or no.\nAnswer:`
    const [yes, no] = [' yes', ' no'].map((answer) => following(tokenizer, answer, question)) as [number[], number[]]
    // some vocabularies have a token for the space before both
    const same = yes.findIndex((token, i) => token !== no[i])
    if (same < 0 || same >= no.length)
      throw new UserError('no-language-model', 'The model\'s tokenizer does not tell "yes" from "no" by one token. Choose another model.')
    const tokens = [...following(tokenizer, question), ...yes.slice(0, same)]
    return { tokens, targets: tokens.map((_, i) => (i === tokens.length - 1 ? [yes[same]!, no[same]!] : [])) }
  },
  /** The probability that the text goes on with the name of the genre: they compete, and sum to 1. */
  name: (tokenizer: Tokenizer, genre: string): Branch => {
    const before = following(tokenizer, '\nGenre:')
    const label = following(tokenizer, ` ${genre}`, 'Genre:')
    const tokens = [...before, ...label.slice(0, -1)]
    return { tokens, targets: tokens.map((_, i) => (i < before.length - 1 ? [] : [label[i - before.length + 1]!])) }
  },
} satisfies Record<AskedHow, (tokenizer: Tokenizer, genre: string) => Branch>
