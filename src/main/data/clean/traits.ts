/** Which kinds of characters a text contains, found in one pass: most rules need no more to know that they do not apply. */

export const TRAIT = {
  /** White space that is neither a space nor a line break. */
  oddSpace: 1,
  /** Two white spaces in a row, or one at an end. */
  unevenSpace: 2,
  lineBreak: 4,
  /** Invisible characters, or lone surrogates. */
  control: 8,
  /** U+00C2 to U+00F4: the first byte of a mis-decoded UTF-8 character. */
  brokenLead: 16,
  /** From U+00A0 on. */
  aboveAscii: 32,
  /** From U+0300 on. */
  aboveLatin: 64,
} as const

const SPACE = 128
const OF_CHARACTER = Uint8Array.from({ length: 65536 }, (_, c) => {
  const character = String.fromCharCode(c)
  const isSpace = /\s/.test(character)
  return (
    (isSpace ? SPACE : 0) |
    (isSpace && c !== 32 && c !== 10 ? TRAIT.oddSpace : 0) |
    (c === 10 ? TRAIT.lineBreak : 0) |
    (isControl(c) ? TRAIT.control : 0) |
    (c >= 0xc2 && c <= 0xf4 ? TRAIT.brokenLead : 0) |
    (c >= 0xa0 ? TRAIT.aboveAscii : 0) |
    (c >= 0x300 ? TRAIT.aboveLatin : 0)
  )
})
function isControl(c: number): boolean {
  if (c < 0xa0) return (c < 32 && c !== 9 && c !== 10 && c !== 13) || (c >= 0x7f && c !== 0x85)
  return (
    c === 0xad ||
    c === 0xfeff ||
    (c >= 0x200b && c <= 0x200f) ||
    (c >= 0x202a && c <= 0x202e) ||
    (c >= 0x2060 && c <= 0x206f) ||
    (c >= 0xd800 && c <= 0xdfff)
  )
}

let last = ''
let lastTraits = 0

/** The traits of a text, as bits; cached for the last text, since several rules ask for the same one. */
export function traitsOf(text: string): number {
  if (text === last) return lastTraits
  let traits = 0
  let before = SPACE
  for (let i = 0; i < text.length; i++) {
    const of = OF_CHARACTER[text.charCodeAt(i)]!
    if ((of & before & SPACE) !== 0) traits |= TRAIT.unevenSpace
    traits |= of
    before = of
  }
  if ((before & SPACE) !== 0) traits |= TRAIT.unevenSpace
  last = text
  lastTraits = text === '' ? 0 : traits & ~SPACE
  return lastTraits
}
