/** Numbers, sizes, durations and dates as the window writes them. A translation sets its own locale here. */
import { count } from '../../contract/words.ts'

export { count, day, many, moment as when, percent, rounded, size as bytes } from '../../contract/words.ts'

const LOCALE = 'en-GB'
const rules = new Intl.PluralRules(LOCALE)
/** The form that the language uses for `n`; `#` in it becomes the number: `plural(2, { one: '# movie', other: '# movies' })`. */
export const plural = (n: number, forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>): string =>
  (forms[rules.select(n)] ?? forms.other).replaceAll('#', count(n))

/** A score, with three digits. */
export const figure = (n: number): string => n.toFixed(3).replace(/^-(?=[0.]+$)/, '')
/** Three digits and a sign, also for what rounds to zero: an interval from `−0.000` on contains zero. */
export const signed = (n: number): string => `${n < 0 ? '−' : n > 0 ? '+' : ''}${Math.abs(n).toFixed(3)}`

/** Megabytes of memory: `640 MB`, `1.9 GB`. */
export const memory = (mb: number): string => (mb < 1000 ? `${Math.max(1, Math.round(mb))} MB` : `${(mb / 1000).toFixed(1)} GB`)
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
