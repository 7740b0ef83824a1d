/** Masks tokens for a masked language model: Devlin et al. 2019, section 3.1 and appendix A.1. */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { mixSeed, PURPOSES } from '../../analysis/random.ts'
import type { Tokenizer } from './types.ts'

/** Percentage of tokens to predict; of those 80% are masked, 10% replaced by a random token, 10% left unchanged. */
const TOLD_OF_100 = 15
const HIDDEN_OF_10 = 8
const EXCHANGED_OF_10 = 1

export interface MaskedTokens {
  /** The given ids, with the tokens to predict masked, replaced or unchanged. */
  readonly ids: Int32Array
  /** (masked): positions in `ids`, ascending. */
  readonly positions: Int32Array
  /** (masked): the original ids. */
  readonly targets: Int32Array
}

/**
 * Masks tokens of one or more texts at once, padding included. Special tokens are never chosen and do not change what is drawn for the
 * others, so padding makes no difference. At least one token is chosen if there is any.
 * @param at equal seed and step give equal draws
 * @throws Error if the vocabulary has no mask token
 */
export function maskTokens(
  ids: Int32Array,
  vocabulary: Pick<Tokenizer, 'maskId' | 'specials' | 'vocabularySize'>,
  at: { readonly seed: number; readonly step: number },
): MaskedTokens {
  const { maskId, specials, vocabularySize } = vocabulary
  if (maskId === null) throw new Error('the vocabulary has no mask token: only models that were trained with one can predict masked tokens')
  const generator = xoroshiro128plus(mixSeed(at.seed, PURPOSES.masking, at.step))
  const below = (n: number): number => uniformInt(generator, 0, n - 1)
  const anyToken = (): number => {
    let id = below(vocabularySize)
    while (specials.has(id) && specials.size < vocabularySize) id = below(vocabularySize)
    return id
  }
  const open = ids.reduce<number[]>((places, id, place) => (specials.has(id) ? places : (places.push(place), places)), [])
  const drawn = open.filter(() => below(100) < TOLD_OF_100)
  const positions = Int32Array.from(drawn.length === 0 && open.length > 0 ? [open[below(open.length)]!] : drawn)
  const masked = ids.slice()
  for (const place of positions) {
    const fate = below(10)
    if (fate < HIDDEN_OF_10) masked[place] = maskId
    else if (fate < HIDDEN_OF_10 + EXCHANGED_OF_10) masked[place] = anyToken()
  }
  return { ids: masked, positions, targets: positions.map((place) => ids[place]!) }
}
