/** Detects the encoding of a text that is not UTF-8 by its letters. The only importer of chardet. */
import chardet from 'chardet'
import { ENCODINGS, type Encoding } from '../../../../contract/importing.ts'
import { decodedText } from '../files/encodings.ts'

/** Encodings by chardet's name, where the names differ, or where two encodings have nearly the same letters and one of them fits more texts. */
const CANDIDATES: Readonly<Record<string, readonly Encoding[]>> = {
  'KOI8-R': ['koi8-r', 'koi8-u'],
  'windows-1253': ['windows-1253', 'iso-8859-7'],
  'ISO-8859-7': ['iso-8859-7', 'windows-1253'],
  'ISO-8859-8': ['windows-1255'],
  'ISO-8859-9': ['windows-1254'],
}
const WESTERN = /^(?:windows-1252|ISO-8859-1|ASCII|UTF-8)$/
/** Least confidence, in percent, and how many times that of the Western encodings: chosen with texts of 21 languages and 300 English ones. */
const CONFIDENT = 15
const SURER = 1.1

export interface Letters {
  /** Null: Western European, or not certain. */
  readonly encoding: Encoding | null
  /** Another encoding that the letters suggest, without certainty; null: none. */
  readonly similarTo: string | null
}

/** Detects the encoding of lines that are not UTF-8. The caller leaves out ASCII lines, which would hide the letters. */
export function detectByLetters(lines: Buffer): Letters {
  const guesses = chardet.analyse(lines)
  const [best] = guesses
  if (!best || WESTERN.test(best.name)) return { encoding: null, similarTo: null }
  const western = Math.max(0, ...guesses.filter(({ name }) => WESTERN.test(name)).map(({ confidence }) => confidence))
  const [first, ...others] =
    CANDIDATES[best.name] ?? ENCODINGS.filter((name) => name === best.name.toLowerCase() && !name.startsWith('utf'))
  if (best.confidence < CONFIDENT) return { encoding: null, similarTo: null }
  if (!first || best.confidence < western * SURER) return { encoding: null, similarTo: best.name }
  const letters = (encoding: Encoding): number => decodedText(lines, encoding).match(/\p{L}/gu)?.length ?? 0
  return { encoding: others.reduce((most, other) => (letters(other) > letters(most) ? other : most), first), similarTo: null }
}
