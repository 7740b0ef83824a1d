/** The interface between a tokenizer and the rest of the compute process. */

/** A text as a model reads it. */
export interface Encoding {
  /** (tokens), special tokens included. */
  readonly ids: Int32Array
  /**
   * (tokens, 2): start and end of each token in the text, half-open, in UTF-16 code units, in order; special tokens that are not in the
   * text have (0, 0). Computed on first use; a training never uses it.
   */
  readonly offsets: Int32Array
}

export interface EncodeOptions {
  /** Longest encoding, special tokens included: the end of the text is cut off, the closing special token stays. */
  readonly maxTokens?: number
  /** Which special tokens are added: those around a text (the default), those before one that will be continued, or none. */
  readonly frame?: 'whole' | 'before' | 'none'
}

export interface Tokenizer {
  encode(text: string, options?: EncodeOptions): Encoding
  encodeMany(texts: Iterable<string>, options?: EncodeOptions): Encoding[]
  /** The text that tokens of BPE or Unigram represent, without special tokens. Bytes that are no UTF-8 become U+FFFD. */
  text(ids: readonly number[]): string
  /** The token of an id, as the vocabulary spells it; null if there is none. */
  token(id: number): string | null
  /** Id that pads rows to the width of their batch. For a vocabulary without padding (Llama's) its end-of-text token; the mask hides it. */
  readonly padId: number
  /** null if the vocabulary has none, like Llama's. */
  readonly maskId: number | null
  /** Ids that represent no text. */
  readonly specials: ReadonlySet<number>
  /** Highest id + 1: the minimum number of rows of the word embeddings. */
  readonly vocabularySize: number
}

/** Tokens of a text without the special ones around them. */
export interface Pieces {
  readonly ids: readonly number[]
  /** Pairs of positions, see {@link Encoding.offsets}. */
  readonly spans: readonly number[]
}

/** The special tokens around every text. */
export interface Frame {
  readonly before: readonly number[]
  readonly after: readonly number[]
}
