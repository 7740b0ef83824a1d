import type { ImpossibleReason, Suggestion } from './records.ts'

const UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
]
/** Numbers, sizes and dates in English sentences, with the digits and dates of a locale. */
export function wordsIn(locale: string) {
  const whole = new Intl.NumberFormat(locale)
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' })
  const time = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
  const fractions = new Map<number, Intl.NumberFormat>()
  const count = (n: number): string => whole.format(n)
  /** The number with this many decimals, without thousands separators. */
  const fixed = (n: number, digits: number): string => {
    let format = fractions.get(digits)
    if (!format) {
      format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })
      fractions.set(digits, format)
    }
    return format.format(n)
  }
  /** An estimate, without its fraction. */
  const rounded = (n: number): string => count(Math.round(n))
  /** `1 movie`, `2,000 movies`. */
  const many = (n: number, one: string, several = `${one}s`): string => `${count(n)} ${n === 1 ? one : several}`
  /** `268 MB`, `1.1 GB`; 1 MB is a million bytes. */
  const size = (bytes: number): string => {
    const [unit, name] = UNITS.find(([u]) => bytes >= u) ?? []
    if (unit === undefined) return many(bytes, 'byte')
    const n = bytes / unit
    return `${n < 10 ? fixed(n, 1) : rounded(n)} ${name}`
  }
  /** `20 November 2026`, in the time zone of the machine. */
  const day = (iso: string): string => date.format(new Date(iso))
  /** `20 Nov 2026, 14:02`; text that is not a date is returned unchanged. */
  const moment = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : time.format(new Date(iso)))
  return { count, fixed, rounded, many, size, day, moment }
}
export type Words = ReturnType<typeof wordsIn>
/** As the engine and the command line write them, and the window by default. */
export const { count, rounded, many, size, day, moment } = wordsIn('en-GB')

/** `93%`, `<1%`, `>99%`. */
export function percent(p: number): string {
  // what is nearly certain is not certain
  if (p > 0 && p < 0.005) return '<1%'
  if (p > 0.995 && p < 1) return '>99%'
  return `${Math.round(100 * p)}%`
}

/** Why a label of this genre is estimated impossible. */
export function impossibleText(genre: string, { carried, short, having, of }: ImpossibleReason): string {
  const nothing = 'no word of the plot speaks for it'
  const similar =
    having === 0
      ? `and none of its ${of} most similar movies has it`
      : `and its most similar movies have it no more often than those of other movies (${having} of ${of})`
  const silent = of === 0 ? nothing : `${nothing}, ${similar}`
  return `${silent}; ${short ? 'the plot is short' : `models find only ${percent(carried)} of the labels ${genre} in plots`}`
}

/** The label of a button that follows a suggestion: `Remove Documentary`. */
export function suggestionText(genre: string, { kind, by }: Suggestion): string {
  if (kind === 'replace') return `Replace ${genre} by ${by.name}`
  return `${kind === 'add' ? 'Add' : 'Remove'} ${genre}`
}

const MAX_QUOTED = 120
/** Text from outside the program, limited and escaped so that it can be shown in a sentence. */
export const quoted = (text: string): string => JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
