/** Repairs UTF-8 that was decoded as Windows-1252, once or twice: `PokÃ©mon`, `donâ€™t`. */

import { required } from '../../../contract/required.ts'
import { TRAIT, traitsOf } from './traits.ts'

/** Characters of the bytes 0x80 to 0x9f in Windows-1252; undefined bytes map to themselves. */
const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
const BYTES: ReadonlyMap<string, number> = new Map(Array.from(HIGH, (c, i) => [c, 0x80 + i]))
/** A continuation byte (0x80 to 0xbf) decoded as Windows-1252; some decoders leave 0x80 to 0x9f as control characters. */
const NEXT = `[\\u0080-\\u00bf${HIGH}]`
/** An accented letter and what follows it in real text: `CAFÉ…”`. */
const PLAUSIBLE = /^.[…“”‘’–—«»]+$/
/** A character that is rare in text and common in mis-decoded characters. */
const DEBRIS = /[\u0080-\u00a0\u00a2-\u00aa\u00ac-\u00b6\u00b8-\u00ba\u00bc-\u00be€‚ƒ†‡ˆ‰‹˜™›]/
const BROKEN = new RegExp(`[\\u00c2-\\u00df]${NEXT}|[\\u00e0-\\u00ef]${NEXT}{2}|[\\u00f0-\\u00f4]${NEXT}{3}`, 'g')
const SUSPECT = new RegExp(`[\\u00c2-\\u00f4]${NEXT}`)
/** Texts that were mis-decoded twice need two rounds. */
const ROUNDS = 2

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text with its mis-decoded characters repaired; null if there are none. */
export function repairMojibake(text: string): string | null {
  if ((traitsOf(text) & TRAIT.brokenLead) === 0) return null
  let repaired = text
  for (let round = 0; round < ROUNDS && SUSPECT.test(repaired); round++)
    repaired = repaired.replace(BROKEN, (broken, at: number, whole: string) => (isMeant(broken, at, whole) ? broken : decoded(broken)))
  return repaired === text ? null : repaired
}

/** True if the characters may be intended: an accented letter before punctuation. */
function isMeant(broken: string, at: number, whole: string): boolean {
  const lead = required(broken[0], 'the first of broken')
  // `â€™`, `â‚¬`, `â„¢`: never intended
  if (lead === 'â' && /^.[€‚„]/.test(broken)) return false
  if (!PLAUSIBLE.test(broken)) return false
  if (DEBRIS.test(whole[at - 1] ?? '')) return false
  // `Ã–sterreich` and `Î»Î±` are broken; `AMANHÔ` ends a quotation
  return !/[ÂÃÎÏ]/.test(lead) || !/\p{L}/u.test(whole[at + broken.length] ?? '')
}

function decoded(broken: string): string {
  try {
    return utf8.decode(Uint8Array.from(broken, (c) => BYTES.get(c) ?? c.charCodeAt(0)))
  } catch {
    return broken
  }
}
