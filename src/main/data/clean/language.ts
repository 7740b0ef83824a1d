/** Detects the language of a text. The only importer of eld. */

/** Languages that can be distinguished, as ISO 639-1 codes. */
export const LANGUAGES = (
  'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no or pa pl pt ro ru ' +
  'sk sl sq sr sv ta te th tl tr uk ur vi yo zh'
).split(' ')
/** UTF-16 code units of a text that are examined: the first number, and the second if the first does not look like a kept language. */
const FIRST_CHARACTERS = 120
const MAX_CHARACTERS = 400

export interface LanguageGuess {
  readonly language: string
  /** How much better it fits than the best of the kept languages: 0 equally well, 1 if none of them fits at all. */
  readonly confidence: number
}
/** Returns the language that fits a text better than every language of `keep`; null if one of these fits best, or none does. */
export type LanguageDetector = (text: string, keep: ReadonlySet<string>) => LanguageGuess | null

/** Loads the detector, which takes some tenths of a second. */
export async function loadLanguages(): Promise<LanguageDetector> {
  const { eld } = await import('eld/small')
  return (text, keep) => {
    if (text.length > 2 * FIRST_CHARACTERS && keep.has(eld.detect(text.slice(0, FIRST_CHARACTERS)).language)) return null
    const guess = eld.detect(text.slice(0, MAX_CHARACTERS))
    if (guess.language === '' || keep.has(guess.language)) return null
    const scores = guess.getScores()
    const kept = Math.max(0, ...[...keep].map((language) => scores[language] ?? 0))
    return { language: guess.language, confidence: 1 - kept / (scores[guess.language] ?? Infinity) }
  }
}

/** Letters of any script. */
export const countLetters = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

const names = new Intl.DisplayNames('en', { type: 'language' })
/** English name of a language code. */
export const languageName = (code: string): string => names.of(code) ?? code
