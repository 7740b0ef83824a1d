/** Numbers, sizes, durations and dates as the window writes them, in the locale that the analyst chose. */
import { SvelteMap } from 'svelte/reactivity'
import { wordsIn, type Words } from '../../contract/words.ts'

export { percent } from '../../contract/words.ts'

/** Language of the texts. A translation sets its own here. */
const LANGUAGE = 'en-GB'
/** A map, because it is reactive without the compiler of runes, which tests of the whole program do not have. */
const chosen = new SvelteMap<'words', Words>()
const usual = wordsIn(LANGUAGE)
const words = (): Words => chosen.get('words') ?? usual
/** Texts that are on screen change with it. @param locale a language tag, or `system` */
export const setLocale = (locale: string): void => void chosen.set('words', wordsIn(locale === 'system' ? navigator.language : locale))

export const count = (n: number): string => words().count(n)
export const fixed = (n: number, digits: number): string => words().fixed(n, digits)
export const rounded = (n: number): string => words().rounded(n)
export const many = (n: number, one: string, several?: string): string => words().many(n, one, several)
export const bytes = (n: number): string => words().size(n)
export const day = (iso: string): string => words().day(iso)
export const when = (iso: string): string => words().moment(iso)

const rules = new Intl.PluralRules(LANGUAGE)
/** The form that the language uses for `n`; `#` in it becomes the number: `plural(2, { one: '# movie', other: '# movies' })`. */
export const plural = (n: number, forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>): string =>
  (forms[rules.select(n)] ?? forms.other).replaceAll('#', count(n))

/** A score, with three digits. */
export const figure = (n: number): string => fixed(n, 3).replace(/^-(?=[0.,]+$)/, '')
/** Three digits and a sign, also for what rounds to zero: an interval from `−0.000` on contains zero. */
export const signed = (n: number): string => `${n < 0 ? '−' : n > 0 ? '+' : ''}${fixed(Math.abs(n), 3)}`

/** Megabytes of memory: `640 MB`, `1.9 GB`. */
export const memory = (mb: number): string => (mb < 1000 ? `${Math.max(1, Math.round(mb))} MB` : `${fixed(mb / 1000, 1)} GB`)
/** `45 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const s = Math.max(1, Math.round(ms / 1000))
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 60) return s % 60 === 0 ? `${min} min` : `${min} min ${s % 60} s`
  return `${Math.floor(min / 60)} h ${min % 60} min`
}
/** `2026-11-29`, for the names of files. */
export const localDay = (at: number): string => new Intl.DateTimeFormat('sv-SE').format(at)

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
/** A number where there is room for six characters: exact below 100,000, else with three digits, such as 307K. */
export const shortCount = (n: number): string => (n < 100_000 ? count(n) : compact.format(n))
