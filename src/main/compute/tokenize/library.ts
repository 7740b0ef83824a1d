/** The parts of a tokenizer.json as @huggingface/tokenizers reads them: its only importer. */
import { type Normalizer, Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import type { Definition } from './definition.ts'

/** One step of the normaliser, with what is needed to align it character by character. */
export interface NormaliserStep {
  readonly type: string
  readonly apply: (text: string) => string
  /** Steps of a `Sequence`; empty for other types. */
  readonly steps: readonly NormaliserStep[]
  /** Pattern of a `Replace`; null for other types. */
  readonly pattern: RegExp | null
  /** The text that a `Replace` or `Prepend` inserts. */
  readonly content: string
}
export interface LibraryParts {
  readonly normaliser: NormaliserStep | null
  /** @param section index of the text among those between added tokens */
  preTokenise(text: string, section: number): string[]
  /** Tokens of words. Unknown tokens of neighbouring words may be joined. */
  tokenise(words: string[]): string[]
  idOf(token: string): number | undefined
  /** True if a token is in the vocabulary and is not its unknown token. */
  knows(token: string): boolean
  readonly unknownToken: string | null
}

interface LibraryNormaliser extends Normalizer {
  readonly normalizers?: readonly (LibraryNormaliser | null)[]
  readonly pattern?: RegExp | null
}

function stepOf(normaliser: LibraryNormaliser): NormaliserStep {
  const config: { type: string; content?: unknown; prepend?: unknown } = normaliser.config
  const content = config.type === 'Prepend' ? config.prepend : config.content
  return {
    type: config.type,
    apply: (text) => normaliser.normalize(text),
    steps: (normaliser.normalizers ?? []).filter((n) => n !== null).map(stepOf),
    pattern: normaliser.pattern ?? null,
    content: typeof content === 'string' ? content : '',
  }
}

/** @throws any error of the library about unsupported parts */
export function libraryParts({ json }: Definition): LibraryParts {
  // post-processor and decoder are not used here, so unknown kinds of them do no harm
  const library = new LibraryTokenizer({ ...json, added_tokens: [], post_processor: null, decoder: null }, {})
  const { normalizer, pre_tokenizer: preTokenizer, model } = library
  if (!model) throw new Error('it has no model')
  return {
    normaliser: normalizer && stepOf(normalizer),
    preTokenise: (text, section) => (preTokenizer ? preTokenizer.pre_tokenize(text, { section_index: section }) : [text]),
    tokenise: (words) => model._call(words),
    idOf: (token) => model.tokens_to_ids.get(token) ?? model.unk_token_id,
    knows: (token) => token !== model.unk_token && model.tokens_to_ids.has(token),
    unknownToken: model.unk_token ?? null,
  }
}
