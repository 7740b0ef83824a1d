/** What a tokenizer is to the rest of the compute process. */

/** A text as a model reads it. */
export interface Encoding {
  /** (tokens), special tokens included. */
  readonly ids: Int32Array
  /**
   * (tokens, 2): start and end of each token in the text, half-open, in UTF-16 code units, in order; special tokens that are not
   * in the text have (0, 0). Made when first asked for, which a training never does.
   */
  readonly offsets: Int32Array
}

export interface EncodeOptions {
  /** Longest encoding, special tokens counted: the end of the text is cut off, the closing special token stays. */
  readonly maxTokens?: number
}

export interface Tokenizer {
  encode(text: string, options?: EncodeOptions): Encoding
  encodeMany(texts: Iterable<string>, options?: EncodeOptions): Encoding[]
  /** The token of an id, as the vocabulary writes it; null where there is none. */
  token(id: number): string | null
  /** What fills rows up to the width of their batch. Of a vocabulary without one (Llama's), its end-of-text; the mask hides it. */
  readonly padId: number
  /** null where the vocabulary has none, as Llama's. */
  readonly maskId: number | null
  /** Ids that stand for no text. */
  readonly specials: ReadonlySet<number>
  /** Highest id + 1: rows that the table of word embeddings needs at least. */
  readonly vocabularySize: number
}

/** Tokens of a text without the special ones around them. */
export interface Pieces {
  readonly ids: readonly number[]
  /** Pairs of positions, see {@link Encoding.offsets}. */
  readonly spans: readonly number[]
}

/** What stands around every text. */
export interface Frame {
  readonly before: readonly number[]
  readonly after: readonly number[]
}
