/** A text's tokens put between the special ones, and cut to a length. */
import type { EncodeOptions, Encoding, Frame } from './types.ts'

/**
 * How many tokens of the text itself fit.
 * @throws RangeError where not one does
 */
export function roomFor({ maxTokens = Infinity }: EncodeOptions, { before, after }: Frame): number {
  const room = maxTokens - before.length - after.length
  if (!(room >= 1)) throw new RangeError(`maxTokens is ${maxTokens}, too few for ${before.length + after.length} special tokens and a text`)
  return room
}

/**
 * @param ids tokens of the text, at most as many as fit
 * @param locate pairs of positions of at least those tokens; called once, when offsets are asked for
 */
export function framed(ids: readonly number[], { before, after }: Frame, locate: () => readonly number[]): Encoding {
  const length = before.length + ids.length + after.length
  const all = new Int32Array(length)
  all.set(before)
  all.set(ids, before.length)
  all.set(after, before.length + ids.length)
  let offsets: Int32Array | null = null
  return {
    ids: all,
    get offsets() {
      if (offsets) return offsets
      offsets = new Int32Array(2 * length)
      offsets.set(locate().slice(0, 2 * ids.length), 2 * before.length)
      return offsets
    },
  }
}
