/** Tokens hidden for a masked language model: Devlin et al. 2019, section 3.1 and appendix A.1. */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { mixSeed, PURPOSES } from '../../analysis/random.ts'
import type { Tokenizer } from './types.ts'

/** Of 100 tokens so many are to be told; of 10 of those 8 are hidden, 1 is exchanged for any, 1 stays. */
const TOLD_OF_100 = 15
const HIDDEN_OF_10 = 8
const EXCHANGED_OF_10 = 1

export interface MaskedTokens {
  /** As many as were given, with those that are to be told hidden, exchanged or left. */
  readonly ids: Int32Array
  /** (told): places in `ids`, ascending. */
  readonly positions: Int32Array
  /** (told): what stood there. */
  readonly targets: Int32Array
}

/**
 * Hides tokens of one or more texts at once, padding included: special tokens are never chosen, and do not change what is drawn for
 * the others, so that padding makes no difference. At least one token is chosen where there is any.
 * @param at same seed and step, same draws
 * @throws Error where the vocabulary has no mask token
 */
export function maskTokens(
  ids: Int32Array,
  vocabulary: Pick<Tokenizer, 'maskId' | 'specials' | 'vocabularySize'>,
  at: { readonly seed: number; readonly step: number },
): MaskedTokens {
  const { maskId, specials, vocabularySize } = vocabulary
  if (maskId === null) throw new Error('the vocabulary has no mask token: only models that were trained with one can tell hidden tokens')
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
