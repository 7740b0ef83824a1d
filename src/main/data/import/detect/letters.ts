/** Judges by its letters in which encoding a text is written that is not UTF-8. The only importer of chardet. */
import chardet from 'chardet'
import type { Encoding } from '../../../../contract/importing.ts'
import { decodedText } from '../files/encodings.ts'

/** Encodings by chardet's name; of two with nearly the same letters, the one in which the text has more letters, else the first. */
const READABLE: Readonly<Record<string, readonly Encoding[]>> = {
  'windows-1250': ['windows-1250'],
  'ISO-8859-2': ['iso-8859-2'],
  'windows-1251': ['windows-1251'],
  'KOI8-R': ['koi8-r', 'koi8-u'],
  'ISO-8859-5': ['iso-8859-5'],
  'windows-1253': ['windows-1253', 'iso-8859-7'],
  'ISO-8859-7': ['iso-8859-7', 'windows-1253'],
  'windows-1254': ['windows-1254'],
  'ISO-8859-9': ['windows-1254'],
  'windows-1255': ['windows-1255'],
  'ISO-8859-8': ['windows-1255'],
  'windows-1256': ['windows-1256'],
  'ISO-8859-6': ['iso-8859-6'],
  'windows-1257': ['windows-1257'],
  'windows-1258': ['windows-1258'],
  Shift_JIS: ['shift_jis'],
  'EUC-JP': ['euc-jp'],
  'EUC-KR': ['euc-kr'],
  GB18030: ['gb18030'],
  Big5: ['big5'],
}
const WESTERN = /^(?:windows-1252|ISO-8859-1|ASCII|UTF-8)$/
/** Least confidence, in percent, and how many times that of the Western encodings: chosen with texts of 21 languages and 300 English ones. */
const CONFIDENT = 15
const SURER = 1.1

export interface Letters {
  /** Null: Western European, or not certain. */
  readonly encoding: Encoding | null
  /** What else it may be; null: nothing speaks for another encoding. */
  readonly similarTo: string | null
}

/** Judges lines that are not UTF-8; lines of ASCII alone would hide the letters. */
export function judgeLetters(lines: Buffer): Letters {
  const guesses = chardet.analyse(lines)
  const [best] = guesses
  if (!best || WESTERN.test(best.name)) return { encoding: null, similarTo: null }
  const western = Math.max(0, ...guesses.filter(({ name }) => WESTERN.test(name)).map(({ confidence }) => confidence))
  const [first, ...others] = READABLE[best.name] ?? []
  if (best.confidence < CONFIDENT) return { encoding: null, similarTo: null }
  if (!first || best.confidence < western * SURER) return { encoding: null, similarTo: best.name }
  const letters = (encoding: Encoding): number => decodedText(lines, encoding).match(/\p{L}/gu)?.length ?? 0
  return { encoding: others.reduce((most, other) => (letters(other) > letters(most) ? other : most), first), similarTo: null }
}
