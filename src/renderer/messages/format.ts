/** Numbers, sizes, durations and dates as the window writes them. A translation sets its own locale here. */
import { count, many } from '../../contract/words.ts'

export { count, many }

const LOCALE = 'en-GB'
const rules = new Intl.PluralRules(LOCALE)
/** The form that the language uses for `n`; `#` in it becomes the number: `plural(2, { one: '# movie', other: '# movies' })`. */
export const plural = (n: number, forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>): string =>
  (forms[rules.select(n)] ?? forms.other).replaceAll('#', count(n))

/** A score, with three digits. */
export const figure = (n: number): string => n.toFixed(3).replace(/^-(?=[0.]+$)/, '')
export const percent = (n: number): string => `${Math.round(n * 100)}%`
/** Three digits and a sign, also for what rounds to zero: an interval from `−0.000` on contains zero. */
export const signed = (n: number): string => `${n < 0 ? '−' : n > 0 ? '+' : ''}${Math.abs(n).toFixed(3)}`

/** Decimal units: `3.8 MB` is 3,800,000 bytes. */
export function bytes(n: number): string {
  if (n < 1000) return plural(n, { one: '# byte', other: '# bytes' })
  const [unit, size] = n < 1e6 ? (['kB', 1e3] as const) : n < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  const value = n / size
  return `${value < 10 ? value.toFixed(1) : count(Math.round(value))} ${unit}`
}
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
const date = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' })
/** `29 November 2026`. */
export const day = (iso: string): string => date.format(new Date(iso))
/** `2026-11-29`, for the names of files. */
export const localDay = (at: number): string => new Intl.DateTimeFormat('sv-SE').format(at)
const moment = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
/** `29 Nov 2026, 14:05`; text that is no date is returned unchanged. */
export const when = (iso: string): string => {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : moment.format(at)
}
