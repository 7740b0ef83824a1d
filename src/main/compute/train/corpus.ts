/** The texts of a training as token ids, packed. */
import { createHash } from 'node:crypto'
import type { Tokenizer } from '../tokenize/types.ts'
import type { Micro } from './batches.ts'

/** Token ids of n texts, one after another. */
export interface Corpus {
  readonly ids: Int32Array
  /** (n + 1) offset of each text. */
  readonly starts: Int32Array
  /** (n) tokens of each text, special tokens included. */
  readonly lengths: Int32Array
  readonly padId: number
}

/** Texts tokenised between two turns of the event loop. */
const TURN = 512

/** Tokenises all texts. @param turn lets messages arrive; receives the number of texts done */
export async function tokenise(
  texts: Iterable<string>,
  tokenizer: Pick<Tokenizer, 'encodeMany' | 'padId'>,
  maxTokens: number,
  turn: (done: number) => Promise<void>,
): Promise<Corpus> {
  const pieces: Int32Array[] = []
  let some: string[] = []
  const take = (): void => {
    for (const { ids } of tokenizer.encodeMany(some, { maxTokens })) pieces.push(ids)
    some = []
  }
  for (const text of texts) {
    some.push(text)
    if (some.length < TURN) continue
    take()
    await turn(pieces.length)
  }
  take()
  return pack(pieces, tokenizer.padId)
}

/** Token ids of all texts, one after the other. */
export function pack(pieces: readonly Int32Array[], padId: number): Corpus {
  const starts = new Int32Array(pieces.length + 1)
  pieces.forEach((piece, i) => (starts[i + 1] = starts[i]! + piece.length))
  const ids = new Int32Array(starts.at(-1)!)
  pieces.forEach((piece, i) => ids.set(piece, starts[i]))
  return { ids, starts, lengths: Int32Array.from(pieces, (piece) => piece.length), padId }
}

/** The token ids of one text, as a view. */
export const tokensOf = ({ ids, starts }: Corpus, row: number): Int32Array => ids.subarray(starts[row], starts[row + 1])

/** The tokens of a batch, padded on the right: (rows, width) each. `mask` is 1 for a token. */
export function batchOf(corpus: Corpus, { rows, width }: Micro): { readonly ids: BigInt64Array; readonly mask: BigInt64Array } {
  const ids = new BigInt64Array(rows.length * width).fill(BigInt(corpus.padId))
  const mask = new BigInt64Array(rows.length * width)
  rows.forEach((row, i) => {
    tokensOf(corpus, row).forEach((id, t) => (ids[i * width + t] = BigInt(id)))
    mask.fill(1n, i * width, i * width + corpus.lengths[row]!)
  })
  return { ids, mask }
}

/** Digest of everything that determines the result of a training. */
export function digestOf(...parts: readonly (string | ArrayBufferView)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex')
}
